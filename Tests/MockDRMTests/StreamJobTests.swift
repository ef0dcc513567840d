// SPDX-License-Identifier: MIT

import CDRM
import DRMKernel
import Testing

@testable import MockDRM

/// Tests of when streams run, what they read through caches, and how their groups end.
@Suite struct StreamJobTests {
  private typealias Encoded = EncodedInstructions
  private static let timings = ["", ",jobs=early"]

  private func machine(_ timing: String = "", flags: UInt32 = 0) throws -> StreamMachine {
    try StreamMachine("panthor,evict=never,fill=never" + timing, flags: flags)
  }

  @Test func aStreamIsReadFromMemory() throws {
    let machine = try machine(flags: 2)
    let group = machine.group()
    machine.put(Encoded.storing(1))
    machine.sync(CDRM_PANTHOR_BO_SYNC_FLUSH)
    // The patched stream is in the cache alone.
    machine.put(Encoded.storing(2))
    #expect(machine.finish(machine.submit(group, count: 3)) == 1)
    machine.sync(CDRM_PANTHOR_BO_SYNC_FLUSH_AND_INVALIDATE)
    #expect(machine.load() == 1)
    #expect(machine.finish(machine.submit(group, count: 3)) == 1)
    machine.sync(CDRM_PANTHOR_BO_SYNC_FLUSH_AND_INVALIDATE)
    #expect(machine.load() == 2)
  }

  @Test func aCoherentDeviceSeesTheCache() throws {
    let machine = try StreamMachine("panthor,coherent,evict=never,fill=never", flags: 2)
    #expect(machine.run(machine.group(), Encoded.storing(3)) == 1)
    #expect(machine.load() == 3)
  }

  @Test func unflushedInstructionsAreNotExecuted() throws {
    let machine = try machine(flags: 2)
    machine.sync(CDRM_PANTHOR_BO_SYNC_FLUSH)
    // Memory holds zeroes there, which are NOP instructions.
    machine.put(Encoded.storing(2), at: 0x1000)
    #expect(machine.finish(machine.submit(machine.group(), at: 0x1000, count: 3)) == 1)
    machine.sync(CDRM_PANTHOR_BO_SYNC_FLUSH_AND_INVALIDATE)
    #expect(machine.load() == 0)
  }

  @Test func aStaleLineHidesADeviceWrite() throws {
    let machine = try machine(flags: 2)
    let group = machine.group()
    #expect(machine.load() == 0)
    machine.put(Encoded.storing(4))
    machine.sync(CDRM_PANTHOR_BO_SYNC_FLUSH)
    #expect(machine.finish(machine.submit(group, count: 3)) == 1)
    #expect(machine.load() == 0)
    machine.sync(CDRM_PANTHOR_BO_SYNC_FLUSH_AND_INVALIDATE)
    #expect(machine.load() == 4)
  }

  @Test func lateJobsRunAtAWaitAndEarlyJobsAtOnce() throws {
    for (timing, value) in zip(Self.timings, [0, 6] as [UInt64]) {
      let machine = try machine(timing)
      machine.put(Encoded.storing(6))
      let end = machine.submit(machine.group(), count: 3)
      #expect(machine.load() == value)
      #expect(machine.status(end) == (timing.isEmpty ? 0 : 1))
      #expect(machine.finish(end) == 1 && machine.load() == 6)
    }
  }

  @Test(arguments: timings) func aQueueRunsInOrder(_ timing: String) throws {
    let machine = try machine(timing)
    let group = machine.group(queues: 2)
    machine.put(Encoded.storing(1), at: 0)
    machine.put(Encoded.storing(2), at: 64)
    let first = machine.submit(group, at: 0, count: 3)
    let second = machine.submit(group, at: 64, count: 3)
    #expect(machine.finish(second) == 1 && machine.status(first) == 1)
    #expect(machine.load() == 2)
  }

  @Test func queuesRunIndependently() throws {
    let machine = try machine()
    let group = machine.group(queues: 2)
    machine.put(Encoded.storing(1), at: 0)
    machine.put(Encoded.storing(2), at: 64)
    let first = machine.submit(group, at: 0, count: 3)
    #expect(machine.finish(machine.submit(group, queue: 1, at: 64, count: 3)) == 1)
    #expect(machine.load() == 2 && machine.status(first) == 0)
    #expect(machine.finish(first) == 1 && machine.load() == 1)
  }

  @Test(arguments: timings) func aStreamWaitsForAnotherQueue(_ timing: String) throws {
    let machine = try machine(timing)
    let group = machine.group(queues: 2)
    machine.put(Encoded.waiting + Encoded.storing(7, at: 8))
    let waiting = machine.submit(group, count: 6)
    machine.put([Encoded.address(), Encoded.move(1, to: 2), Encoded.sync(51, 2)], at: 64)
    #expect(machine.status(waiting) == 0)
    let other = machine.submit(group, queue: 1, at: 64, count: 3)
    #expect(machine.finish(waiting) == 1)
    #expect(machine.load(StreamMachine.data + 8) == 7 && machine.status(other) == 1)
  }

  @Test(arguments: timings) func pointsOfATimelineAreWaitedFor(_ timing: String) throws {
    let machine = try machine(timing)
    let (group, other) = (machine.group(), machine.group())
    machine.put(Encoded.storing(1), at: 0)
    machine.put(Encoded.storing(2), at: 64)
    let timeline = UInt32(machine.submit(group, count: 0))
    _ = machine.submit(
      group, at: 0, count: 3, signal: StreamMachine.signal(timeline, point: 5))
    let waits = { (point: UInt64) in [StreamMachine.wait(Int(timeline), point: point)] }
    #expect(machine.submit(other, at: 64, count: 3, after: waits(6)) == -22)
    let second = machine.submit(other, at: 64, count: 3, after: waits(4))
    #expect(machine.finish(second) == 1 && machine.load() == 2)
    #expect(machine.finish(Int(timeline), point: 5) == 1)
  }

  @Test(arguments: timings) func aFaultEndsTheGroup(_ timing: String) throws {
    let machine = try machine(timing)
    let group = machine.group(queues: 3)
    machine.put(Encoded.waiting, at: 0)
    machine.put(Encoded.storing(1), at: 64)
    machine.put([0xff << 56], at: 128)
    let results = [
      machine.submit(group, at: 0, count: 3), machine.submit(group, at: 64, count: 3),
      machine.submit(group, count: 0), machine.submit(group, queue: 2, at: 128, count: 1),
    ]
    #expect(machine.finish(results[3]) == -22)
    #expect(results.map(machine.status) == [-125, -125, -125, -22])
    #expect(machine.state(group) == [2, 4])
    #expect(machine.submit(group, queue: 1, count: 0) == -22)
    machine.destroy(group)
    #expect(machine.run(machine.group(), Encoded.storing(8)) == 1)
  }

  @Test(arguments: timings, [Encoded.endless, Encoded.waiting])
  func anEndlessStreamTimesOut(_ timing: String, _ stream: [UInt64]) throws {
    let machine = try machine(timing)
    let group = machine.group(queues: 2)
    machine.put(stream, at: 0)
    machine.put(Encoded.storing(1), at: 64)
    let results = [
      machine.submit(group, at: 0, count: stream.count), machine.submit(group, at: 64, count: 3),
      machine.submit(group, queue: 1, at: 0, count: stream.count), machine.submit(group, count: 0),
    ]
    #expect(machine.state(group) == [0, 0])
    #expect(machine.finish(results[0]) == -110)
    #expect(results.map(machine.status) == [-110, -110, -110, -110])
    #expect(machine.state(group) == [1, 0])
    #expect(machine.submit(group, queue: 1, count: 0) == -22)
    #expect(machine.load() == 0)
  }

  /// Only branches, calls and jumps repeat instructions: others are no sign of an endless stream.
  @Test func aLongStreamWithoutBranchesRuns() throws {
    let machine = try machine()
    // The rest of the BO is zero: NOP instructions.
    machine.put(Encoded.storing(1), at: 65536 - 3 * 8)
    #expect(machine.finish(machine.submit(machine.group(), count: 65536 / 8)) == 1)
    #expect(machine.load() == 1)
  }

  @Test(arguments: timings) func aDestroyedGroupsJobsAreCancelled(_ timing: String) throws {
    let machine = try machine(timing)
    let (hung, group) = (machine.group(), machine.group(queues: 2))
    machine.put(Encoded.waiting)
    let never = machine.submit(hung, count: 3)
    let begun = [machine.submit(group, count: 3), machine.submit(group, count: 0)]
    let waiter = machine.submit(group, queue: 1, count: 3, after: [StreamMachine.wait(never)])
    let behind = machine.submit(group, queue: 1, count: 0)
    machine.destroy(group)
    #expect(begun.map(machine.status) == [-125, -125])
    // A job that did not start still waits.
    #expect(machine.status(waiter) == 0 && machine.status(behind) == 0)
    machine.destroy(hung)
    #expect([never, waiter, behind].map(machine.status) == [-125, -125, -125])
  }

  @Test(arguments: timings) func aClosedFileLeavesNothing(_ timing: String) throws {
    let machine = try machine(timing)
    let (hung, group) = (machine.group(), machine.group())
    machine.put(Encoded.waiting)
    let never = machine.submit(hung, count: 3)
    let waiter = machine.submit(group, count: 3, after: [StreamMachine.wait(never)])
    _ = machine.bind(
      0, at: 1 << 30, syncs: [StreamMachine.wait(never), StreamMachine.signal(UInt32(waiter))])
    let files = [machine.syncFile(never), machine.syncFile(waiter)]
    _ = machine.close()
    #expect(files.map(machine.status(ofFile:)) == [-125, 1])
    for file in files { _ = machine.kernel.close(file) }
    #expect(machine.kernel.usage == .none)
  }

  @Test func aGroupKeepsItsVM() throws {
    let machine = try machine()
    let group = machine.group()
    machine.put(Encoded.storing(1))
    machine.destroyVM()
    // But nothing is mapped in the VM.
    #expect(machine.finish(machine.submit(group, count: 3)) == -22)
    #expect(machine.close() == .none)
  }
}
