// SPDX-License-Identifier: MIT

import CDRM
@testable import CallTrace
import DRM
import DRMConformance
import DRMDrivers
import DRMKernel
import Foundation
import MockDRM
import TestSupport
import Testing

/// Calls recorded on one kernel are played on another.
@Suite struct RecordReplayTests {
  @Test func theWholeSuiteReplaysOnAFreshMock() {
    let calls = recordedSuite(MockProfile.all)
    #expect(calls.count > 4000)
    let mock = MockKernel(MockProfile.all)
    let player = CallPlayer(.substitute(mock))
    let differences = replay(calls, on: player)
    #expect(differences.isEmpty, "\(differences.first?.summary ?? "")")
    player.end()
    #expect(mock.usage == .none)
  }

  /// A recorder below a player reports the calls that the player makes, for every kind of call.
  @Test func playingIsTheInverseOfRecording() {
    let recorded = Guarded<[RecordedCall]>([])
    let mock = MockKernel([MockProfile(.panthor)])
    let player = CallPlayer(
      .substitute(
        CallRecorder(.substitute(mock)) { call in recorded.withLock { $0.append(call) } }))
    for call in EveryCall.all {
      let outcome = player.play(call)
      let last = recorded.withLock { $0.last }
      #expect(last?.call == call)
      #expect(last?.outcome == outcome, "\(call)")
    }
    player.end()
    #expect(mock.usage == .none)
  }

  @Test func everyWrongResultIsADifferenceAtItsCall() throws {
    let calls = recorded(EveryCall.all, on: .substitute(MockKernel([MockProfile(.panthor)])))
    // The interposed kernel does not change releases, so it counts the other calls only.
    let asked = calls.indices.filter { index in
      switch calls[index].call {
      case .close, .munmap: false
      case .ioctl(let call): call.request.rawValue != cdrm_request_gem_close
      default: true
      }
    }
    for (count, index) in asked.enumerated() {
      let mock = MockKernel([MockProfile(.panthor)])
      let kernel = InterposedKernel(.substitute(mock)) { call in
        call == count ? .replace { -4095..<0 ~= $0 ? $0 - 1 : -5 } : .pass
      }
      let first = replay(calls, on: CallPlayer(.substitute(kernel))).first
      #expect(first?.index == index, "\(calls[index])")
      #expect(first?.summary.hasPrefix("result: ") == true)
    }
  }

  @Test func aCoherentTraceDiffersWhereCoherencyIsReported() throws {
    let calls = recorded(
      [EveryCall.open, EveryCall.create(size: 1), EveryCall.query(type: 0, room: 112)],
      on: .substitute(MockKernel([MockProfile(.panthor, isCoherent: true)])))
    let other = CallPlayer(.substitute(MockKernel([MockProfile(.panthor)])))
    let differences = replay(calls, on: other)
    #expect(
      differences.map(\.summary) == [
        "PANTHOR_DEV_QUERY selected_coherency: recorded 0, replayed 0x1f"
      ])
    #expect(differences.map(\.index) == [2])
  }

  /// After a difference, calls still name the recorded resources.
  @Test func aDifferenceDoesNotSpread() {
    let calls = recorded(EveryCall.all, on: .substitute(MockKernel([MockProfile(.panthor)])))
    let mock = MockKernel([MockProfile(.panthor)])
    // The duplicate fails here, so the calls on it must fail, and no others.
    let kernel = InterposedKernel(.substitute(mock)) { $0 == 2 ? .answer(-24) : .pass }
    let player = CallPlayer(.substitute(kernel))
    let differences = replay(calls, on: player)
    // The mmap was a call on it; unmapping memory without a mapping succeeds.
    #expect(
      differences.map(\.summary) == [
        "result: recorded fd 2, replayed EMFILE", "result: recorded mapping 1, replayed EBADF",
      ])
    player.end()
    #expect(mock.usage == .none)
  }

  @Test func resourcesOfTheReplayAloneAreReleased() {
    let refused = InterposedKernel(.substitute(MockKernel([MockProfile(.panthor)]))) { index in
      [2, 5, 8].contains(index) ? .answer(-12) : .pass
    }
    let calls = recorded(EveryCall.all, on: .substitute(refused))
    let mock = MockKernel([MockProfile(.panthor)])
    let player = CallPlayer(.substitute(mock))
    let differences = replay(calls, on: player)
    #expect(differences.count == 3, "\(differences.map(\.summary))")
    player.end()
    #expect(mock.usage == .none)
  }

  @Test func hardwareValuesAreNotCompared() {
    let calls = recorded(
      [EveryCall.open, EveryCall.query(type: 0, room: 112)],
      on: .substitute(MockKernel([MockProfile(.panthor)])))
    var other = calls
    // The gpu_id, which is the first field of the buffer after the argument.
    other[1].outcome.bytes[16] ^= 0xff
    let player = CallPlayer(.substitute(MockKernel([MockProfile(.panthor)])))
    #expect(other != calls)
    #expect(replay(other, on: player).isEmpty)
  }

  /// Calls of several threads are reported one after another, so that they replay in that order.
  @Test func threadsShareARecorder() {
    let profiles = [MockProfile(.panthor)]
    let calls = Guarded<[RecordedCall]>([])
    let mock = MockKernel(profiles)
    let drivers = ["/dev/dri/renderD128": DRMDriver.panthor]
    let recorder = CallRecorder(.substitute(mock), drivers: drivers) { call in
      calls.withLock { $0.append(call) }
    }
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      for _ in 0..<50 {
        let node = recorder.open("/dev/dri/renderD128", flags: 2)
        var created = cdrm_panthor_bo_create()
        created.size = 4096
        _ = unsafe recorder.ioctl(node, cdrm_request_panthor_bo_create, &created)
        var place = cdrm_panthor_bo_mmap_offset(handle: created.handle, pad: 0, offset: 0)
        _ = unsafe recorder.ioctl(node, cdrm_request_panthor_bo_mmap_offset, &place)
        let address = recorder.mmap(
          length: 4096, protection: 3, flags: 1, node, offset: Int64(place.offset))
        _ = recorder.munmap(address, length: 4096)
        _ = recorder.close(recorder.duplicate(node))
        _ = recorder.close(node)
      }
    }
    #expect(mock.usage == .none)
    let recorded = calls.withLock { $0 }
    #expect(recorded.count == 4 * 50 * 8)
    let player = CallPlayer(.substitute(MockKernel(profiles)))
    let differences = replay(recorded, on: player)
    #expect(differences.isEmpty, "\(differences.first?.summary ?? "")")
  }

  @Test func memoryIsReused() throws {
    let player = CallPlayer(.substitute(MockKernel([MockProfile(.panthor)])))
    for call in EveryCall.all { _ = player.play(call) }
    player.end()
    let before = try mappingCount()
    for _ in 0..<200 {
      for call in EveryCall.all { _ = player.play(call) }
      player.end()
    }
    #expect(try mappingCount() < before + 50)
  }

  private func mappingCount() throws -> Int {
    try String(contentsOfFile: "/proc/self/maps", encoding: .utf8).utf8.count { $0 == 0x0a }
  }
}
