// SPDX-License-Identifier: MIT

import DRMKernel
import Testing

@testable import MockDRM

/// Tests of which bytes an invalidation loses, and of evictions and fills.
@Suite struct InvalidationTests {
  // Only a sync of policy series-v4 invalidates a range without a clean before.
  private let forCPURead = 2

  private func machine(_ more: String = "") throws -> (CacheMachine, CacheMachine.Buffer, Int) {
    let machine = try CacheMachine(CacheMachine.exact("panthor,policy=series-v4") + more)
    let buffer = machine.bound(on: machine.open())
    return (machine, buffer, machine.map(buffer))
  }

  @Test(arguments: CacheMachine.Marking.allCases)
  func onlyFullyCoveredLinesAreLost(_ marking: CacheMachine.Marking) throws {
    let (machine, buffer, address) = try machine()
    machine.store([UInt8](repeating: 1, count: 256), address, marking)
    #expect(machine.sync(buffer, 96..<224, forCPURead) == 0)
    #expect(machine.states(buffer, 0..<256) == [.dirty, .absent, .absent, .absent])
    #expect(
      machine.load(address, 256)
        == [UInt8](repeating: 1, count: 128) + [UInt8](repeating: 0, count: 64)
        + [UInt8](repeating: 1, count: 64))
    #expect(
      machine.deviceReads(buffer, 64..<65) + machine.deviceReads(buffer, 255..<256) == [1, 1])
    // A range within one line covers no line fully.
    machine.store([2], address, marking)
    #expect(machine.sync(buffer, 0..<63, forCPURead) == 0)
    #expect(machine.load(address) == [2])
  }

  @Test func invalidationMayWriteBack() throws {
    let (machine, buffer, address) = try machine()
    for (outcome, left) in [(InvalidationOutcome.writeBack, 1 as UInt8), (.lose, 0)] {
      machine.kernel.setInvalidation(outcome)
      let at = outcome == .lose ? 64 : 0
      machine.store([1], address + at)
      #expect(machine.sync(buffer, at..<at + 64, forCPURead) == 0)
      #expect(machine.load(address + at) == [left])
      #expect(machine.deviceReads(buffer, at..<at + 1) == [left])
    }
  }

  @Test func aSeedDecidesEachLineReproducibly() throws {
    func outcome(_ seed: Int) throws -> [UInt8] {
      let (machine, buffer, address) = try machine(",invalidate=seed:\(seed)")
      machine.store([UInt8](repeating: 1, count: 4096), address)
      #expect(machine.sync(buffer, 0..<4096, forCPURead) == 0)
      let bytes = machine.load(address, 4096)
      return stride(from: 0, to: 4096, by: 64).map { bytes[$0] }
    }
    let first = try outcome(1)
    #expect(Set(first) == [0, 1])
    #expect(try outcome(1) == first)
    #expect(try outcome(2) != first)
  }

  @Test func invalidatedLinesAreFilledByThePolicy() throws {
    for (fill, states) in [
      ("always", [ModelledLine.State.clean]), ("never", [.absent]), ("seed:3", [.absent, .clean]),
    ] {
      let machine = try CacheMachine("panthor,fill=\(fill)")
      let buffer = machine.bound(on: machine.open())
      machine.store([UInt8](repeating: 1, count: 4096), machine.map(buffer))
      #expect(machine.sync(buffer, 0..<4096, 1) == 0)
      #expect(Set(machine.states(buffer, 0..<4096)) == Set(states))
    }
  }

  @Test func aLineIsDirtyUntilItIsEvicted() throws {
    let (machine, buffer, address) = try machine()
    machine.store([1], address)
    machine.deviceWrites(buffer, [9], at: 64)
    #expect(machine.kernel.perform(.evict(machine.range(buffer, 1..<65))) == 0)
    #expect(machine.states(buffer, 0..<192) == [.absent, .absent, .clean])
    #expect(machine.deviceReads(buffer, 0..<1) == [1])
    // A clean, stale line is invalidated without a write.
    #expect(machine.load(address + 64) == [9])
  }

  @Test func anAbsentLineIsFilledByAnEvent() throws {
    let (machine, buffer, address) = try machine()
    #expect(machine.kernel.perform(.evict(machine.range(buffer, 0..<128))) == 0)
    #expect(machine.kernel.perform(.fill(machine.range(buffer, 0..<64))) == 0)
    machine.deviceWrites(buffer, [8], at: 0)
    machine.deviceWrites(buffer, [8], at: 64)
    #expect(machine.load(address, 1) == [0] && machine.load(address + 64) == [8])
  }

  @Test func anEventNeedsAValidRange() throws {
    let (machine, buffer, _) = try machine()
    let errnos = [
      ModelledRange(descriptor: 4711, handle: 1, range: 0..<64),
      ModelledRange(descriptor: buffer.node, handle: 77, range: 0..<64),
      machine.range(buffer, 4096..<4097),
    ].map { machine.kernel.perform(.evict($0)) }
    #expect(errnos == [Errno.EBADF, .ENOENT, .EINVAL].map(\.answer))
    let dmaBuf = machine.export(buffer)
    #expect(
      machine.kernel.perform(.fill(ModelledRange(descriptor: dmaBuf, handle: 0, range: 0..<64)))
        == 0)
  }

  @Test func dirtyLinesAreEvictedBeforeADeviceAccess() throws {
    func seen(_ evict: String) throws -> [UInt8] {
      let (machine, buffer, address) = try machine(",evict=\(evict)")
      machine.store([UInt8](repeating: 1, count: 4096), address, .unmarked)
      let bytes = machine.deviceReads(buffer, 0..<4096)
      return stride(from: 0, to: 4096, by: 64).map { bytes[$0] }
    }
    #expect(Set(try seen("never")) == [0])
    #expect(Set(try seen("always")) == [1])
    let first = try seen("seed:1")
    #expect(Set(first) == [0, 1])
    #expect(try seen("seed:1") == first)
    #expect(try seen("seed:2") != first)
  }

  @Test func dirtyLinesAreEvictedAtEveryCall() throws {
    for (evict, state) in [("never", ModelledLine.State.dirty), ("always", .absent)] {
      let (machine, buffer, address) = try machine(",evict=\(evict)")
      machine.store([1], address)
      _ = machine.open()
      #expect(machine.states(buffer, 0..<64) == [state])
    }
  }
}
