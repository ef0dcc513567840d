// SPDX-License-Identifier: MIT

import CDRM
import DRMKernel
import Testing

@testable import MockDRM

/// Tests of when asynchronous binds run.
@Suite struct AsyncBindTests {
  private typealias Encoded = EncodedInstructions
  private static let far: UInt64 = 1 << 30

  /// A stream that reads the BO at another address.
  private func reading(_ address: UInt64) -> [UInt64] {
    [
      Encoded.move(address + UInt64(StreamMachine.data), to: 0), Encoded.load(4),
      Encoded.address(8),
      Encoded.store(4),
    ]
  }

  @Test func aStreamThatWaitsForABindUsesIt() throws {
    let machine = try StreamMachine()
    let group = machine.group()
    machine.store(5, at: StreamMachine.data)
    let end = machine.submit(group, count: 0)
    #expect(machine.bind(0, at: Self.far, syncs: [StreamMachine.signal(UInt32(end))]) == 0)
    #expect(machine.status(end) == 0)
    machine.put(reading(Self.far))
    let job = machine.submit(group, count: 4, after: [StreamMachine.wait(end)])
    #expect(machine.finish(job) == 1 && machine.load(StreamMachine.data + 8) == 5)
  }

  @Test func aStreamThatDoesNotWaitMayRunFirst() throws {
    let machine = try StreamMachine()
    #expect(machine.bind(0, at: Self.far, syncs: []) == 0)
    #expect(machine.run(machine.group(), reading(Self.far)) == -22)
    let early = try StreamMachine("panthor,evict=never,fill=never,jobs=early")
    #expect(early.bind(0, at: Self.far, syncs: []) == 0)
    #expect(early.run(early.group(), reading(Self.far)) == 1)
  }

  @Test func bindsOfAVMRunInOrder() throws {
    let machine = try StreamMachine()
    let group = machine.group()
    machine.store(5, at: StreamMachine.data)
    let end = machine.submit(group, count: 0)
    let unmap = UInt32(CDRM_PANTHOR_VM_BIND_OP_TYPE_UNMAP)
    #expect(machine.bind(0, at: Self.far, syncs: []) == 0)
    #expect(machine.bind(unmap, at: Self.far, size: 0x8000, syncs: []) == 0)
    #expect(machine.bind(0, at: Self.far, offset: 0x8000, size: 0x1000, syncs: []) == 0)
    #expect(
      machine.bind(
        UInt32(CDRM_PANTHOR_VM_BIND_OP_TYPE_SYNC_ONLY), at: 0, size: 0,
        syncs: [StreamMachine.signal(UInt32(end))]) == 0)
    #expect(machine.finish(end) == 1)
    let stream = [
      Encoded.move(Self.far, to: 0), Encoded.load(4), Encoded.address(8), Encoded.store(4),
    ]
    #expect(machine.run(group, stream) == 1 && machine.load(StreamMachine.data + 8) == 5)
    #expect(machine.run(group, [Encoded.move(Self.far + 0x1000, to: 0), Encoded.load(4)]) == -22)
  }

  @Test func aSynchronousBindDoesNotWait() throws {
    let machine = try StreamMachine()
    let hung = machine.group()
    machine.put(Encoded.waiting)
    let never = machine.submit(hung, count: 3)
    let end = machine.submit(machine.group(), count: 0)
    let syncs = [StreamMachine.wait(never), StreamMachine.signal(UInt32(end))]
    #expect(machine.bind(0, at: Self.far, syncs: syncs) == 0)
    #expect(machine.bind(0, at: 2 * Self.far) == 0)
    #expect(machine.status(end) == 0)
    machine.put(reading(2 * Self.far))
    #expect(machine.finish(machine.submit(machine.group(), count: 4)) == 1)
    machine.destroy(hung)
    // A bind starts after a failed job that it waits for, too.
    #expect(machine.finish(end) == 1)
    machine.put(reading(Self.far))
    #expect(machine.finish(machine.submit(machine.group(), count: 4)) == 1)
    #expect(machine.close() == .none)
  }

  @Test func aBindOfADestroyedVMRunsWithoutAWait() throws {
    let machine = try StreamMachine()
    let hung = machine.group()
    machine.put(Encoded.waiting)
    let never = machine.submit(hung, count: 3)
    let ends = [machine.submit(hung, count: 0), machine.submit(machine.group(), count: 0)]
    for end in ends {
      let syncs = [StreamMachine.wait(never), StreamMachine.signal(UInt32(end))]
      #expect(machine.bind(0, at: Self.far, syncs: syncs) == 0)
    }
    machine.destroyVM()
    #expect(machine.status(ends[1]) == 0)
    machine.destroy(hung)
    #expect(machine.status(ends[1]) == 1)
    #expect(machine.close() == .none)
  }
}
