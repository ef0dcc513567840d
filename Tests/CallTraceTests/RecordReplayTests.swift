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

  /// The previous contents of an output buffer are not part of the outcome.
  @Test func outputBufferCountsOnlyAfterSuccess() throws {
    let calls = Guarded<[RecordedCall]>([])
    let recorder = CallRecorder(.substitute(MockKernel([MockProfile(.panthor)]))) { call in
      calls.withLock { $0.append(call) }
    }
    let node = recorder.open("/dev/dri/renderD128", flags: 2)
    var name = [UInt8](repeating: 0xaa, count: 16)
    for room in [UInt64(16), 3] {
      unsafe name.withUnsafeMutableBufferPointer { buffer in
        var version = cdrm_version()
        version.name_len = room
        version.name = UInt64(UInt(bitPattern: buffer.baseAddress))
        version.date_len = 1
        // The copy of the second string fails after that of the first.
        version.date = room == 3 ? 0x1000 : 0
        _ = unsafe recorder.ioctl(node, cdrm_request_version, &version)
      }
    }
    _ = recorder.close(node)
    let recorded = calls.withLock { $0 }
    #expect(
      recorded[1].outcome.bytes == recorded[1].outcome.bytes.prefix(64) + Array("panthor".utf8))
    #expect(recorded[2].outcome.result == Int64(Errno.EFAULT.answer))
    #expect(recorded[2].outcome.bytes.count == 64)
    let player = CallPlayer(.substitute(MockKernel([MockProfile(.panthor)])))
    #expect(replay(recorded, on: player).isEmpty)
  }

  /// Without the argument a kernel does not tell how much of a buffer it wrote.
  @Test func outputBufferNeedsTheReturnedArgument() {
    let calls = Guarded<[RecordedCall]>([])
    let recorder = CallRecorder(.substitute(MockKernel([MockProfile(.panthor)]))) { call in
      calls.withLock { $0.append(call) }
    }
    let node = recorder.open("/dev/dri/renderD128", flags: 2)
    var name = [UInt8](repeating: 0xaa, count: 16)
    unsafe name.withUnsafeMutableBufferPointer { buffer in
      var version = cdrm_version()
      version.name_len = 16
      version.name = UInt64(UInt(bitPattern: buffer.baseAddress))
      let request = IoctlRequest(rawValue: cdrm_request_version).directed(in: true, out: false)
      _ = unsafe recorder.ioctl(node, request.rawValue, &version)
    }
    #expect(name[0] == UInt8(ascii: "p"))
    let recorded = calls.withLock { $0 }
    #expect(recorded[1].outcome.result == 0 && recorded[1].outcome.bytes.count == 64)
    let player = CallPlayer(.substitute(MockKernel([MockProfile(.panthor)])))
    #expect(replay(recorded, on: player).isEmpty)
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

  /// A heap looks at the number of a request only, and what it returns is a descriptor for every type.
  @Test func aHeapIgnoresTheTypeOfARequest() throws {
    let profiles = [MockProfile(.panthor, hasHeap: true)]
    let recorded = Guarded<[RecordedCall]>([])
    let recorder = CallRecorder(.substitute(MockKernel(profiles))) { call in
      recorded.withLock { $0.append(call) }
    }
    let heap = recorder.open("/dev/dma_heap/system", flags: 2)
    for type: UInt in [0x48, 0x78, 0x64] {
      var data = cdrm_dma_heap_allocation_data()
      (data.len, data.fd_flags) = (4096, 2)
      let request = cdrm_request_dma_heap_alloc & ~0xff00 | type << 8
      #expect(unsafe recorder.ioctl(heap, request, &data) == 0)
      #expect(recorder.close(CInt(bitPattern: data.fd)) == 0)
    }
    let calls = recorded.withLock { $0 }
    #expect(
      calls.map(\.call.name) == ["open"]
        + Array(repeating: ["DMA_HEAP_ALLOC", "close"], count: 3).joined())
    let trace = try Trace(
      parsing: Array(Trace(TraceFileTests.header, calls).text().utf8), named: "t")
    #expect(trace.calls.map(\.call) == calls.map(\.call))
    let player = CallPlayer(.substitute(MockKernel(profiles)), nodes: [:])
    #expect(replay(trace.calls, on: player).isEmpty)
  }

  /// The bytes that were copied before a fault are in no trace.
  @Test func aFaultInABufferReplaysFromAFile() throws {
    let pointer = CallRegion.Link(
      at: 8, .pointer(.region(CallRegion([UInt8](repeating: 7, count: 8), isCutOff: true))))
    let query = Call.ioctl(
      IoctlCall(
        .given(1), IoctlRequest(rawValue: cdrm_request_panthor_dev_query), driver: .panthor,
        .region(CallRegion([4, 0, 0, 0, 16] + [UInt8](repeating: 0, count: 11), links: [pointer]))))
    let calls = recorded(
      [EveryCall.open, query], on: .substitute(MockKernel([MockProfile(.panthor)])))
    #expect(calls[1].outcome.result == Int64(Errno.EFAULT.answer))
    let text = Trace(TraceFileTests.header, calls).text()
    let trace = try Trace(parsing: Array(text.utf8), named: "t")
    #expect(trace.calls == calls)
    let player = CallPlayer(.substitute(MockKernel([MockProfile(.panthor)])))
    #expect(replay(trace.calls, on: player).isEmpty)
  }

  /// The time left until a deadline is written as the timeout that it was computed from.
  @Test(arguments: [
    (Int64.min, 1 as Int64), (-200_000_000, 1), (-5_000_000, 100_000_000), (0, 100_000_000),
    (9_990_000, 100_000_000), (100_000_000, 100_000_000), (190_000_000, 200_000_000),
    (1_999_999_000, 2_000_000_000), (4_990_000_000, 5_000_000_000), (.max - 5_000_000_000, .max),
  ])
  func timeoutsAreTheSameInEveryRun(_ left: Int64, _ timeout: Int64) {
    #expect(IoctlCall.timeout(left) == timeout)
  }

  /// A driver's call goes to nodes of that driver only, and of no other path.
  @Test func aPlayerOfAFileMakesCallsOfTheDriverOnly() {
    let kernel = Kernel.substitute(MockKernel([MockProfile(.panthor)]))
    let node = CallPlayer.Node(path: "/dev/dri/renderD128", driver: .panfrost)
    let player = CallPlayer(kernel, nodes: ["/dev/dri/renderD128": node])
    #expect(player.play(EveryCall.open).result == 1)
    #expect(player.play(EveryCall.create(size: 4096)) == .failure(.EINVAL))
    #expect(player.play(.open(path: "/dev/dri/card0", flags: 2)) == .failure(.ENOENT))
  }

  private func mappingCount() throws -> Int {
    try String(contentsOfFile: "/proc/self/maps", encoding: .utf8).utf8.count { $0 == 0x0a }
  }

  private func recorded(_ calls: [Call], on kernel: Kernel) -> [RecordedCall] {
    let player = CallPlayer(kernel)
    return calls.map { RecordedCall($0, player.play($0)) }
  }

  private func replay(_ calls: [RecordedCall], on player: CallPlayer) -> [Replay.Difference] {
    var replay = Replay(player)
    return calls.indices.compactMap { replay.play(calls[$0], index: $0) }
  }
}

/// Runs all checks on every device of a machine and returns their calls.
func recordedSuite(_ profiles: [MockProfile]) -> [RecordedCall] {
  let calls = Guarded<[RecordedCall]>([])
  let recorder = CallRecorder(.substitute(MockKernel(profiles))) { call in
    calls.withLock { $0.append(call) }
  }
  let devices = profiles.enumerated().map { index, profile in
    DeviceDescription(
      path: "/dev/dri/renderD\(128 + index)", driver: profile.driver.rawValue,
      pageSize: profile.pageSize)
  }
  for description in devices {
    let device = DRMDevice(
      description, kernel: .substitute(recorder),
      neighbours: devices.filter { $0 != description })
    let runner = CheckRunner(CheckCatalog.all, provokesWarnings: true, allowsJobs: false)
    _ = runner.run(on: device) { _ in }
  }
  return calls.withLock { $0 }
}
