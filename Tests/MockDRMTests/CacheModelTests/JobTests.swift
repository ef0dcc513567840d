// SPDX-License-Identifier: MIT

import CDRM
import DRMKernel
import Testing

@testable import MockDRM

/// Tests of when device accesses run, and of which calls wait for them.
@Suite struct JobTests {
  private let machine: CacheMachine
  private let panfrost: CacheMachine.Buffer
  private let panthor: CacheMachine.Buffer
  private var kernel: MockKernel { machine.kernel }

  init() throws {
    machine = try CacheMachine("panfrost,fill=never", "panthor", "panfrost")
    panfrost = machine.create(on: machine.open())
    panthor = machine.bound(on: machine.open(1), 1)
  }

  private func run(_ job: Int) -> CInt { kernel.perform(.runAccess(job: job)) }

  @Test func accessesRunInOrderAndOnce() {
    let accesses = [
      ModelledJob.Access(handle: panfrost.handle, range: 0..<1, writing: [5]),
      ModelledJob.Access(handle: panfrost.handle, range: 0..<2),
    ]
    let job = kernel.submit(
      ModelledJob(descriptor: panfrost.node, queue: 0, accesses: accesses))
    #expect(job == 0 && kernel.takeReads().isEmpty)
    #expect(run(job) == 0 && kernel.takeReads().isEmpty)
    #expect(run(job) == 0)
    #expect(kernel.takeReads() == [ModelledRead(job: 0, access: 1, bytes: [5, 0])])
    #expect(kernel.takeReads().isEmpty)
    #expect(run(job) == Errno.ENOENT.answer && run(17) == Errno.ENOENT.answer)
    kernel.wait(for: job)
    kernel.wait(for: 17)
  }

  @Test func aSubmissionNeedsExistingObjects() {
    let accesses = { (handle: UInt32, range: Range<UInt64>, bytes: [UInt8]?) in
      [ModelledJob.Access(handle: handle, range: range, writing: bytes)]
    }
    let answers = [
      ModelledJob(descriptor: 4711, queue: 0, accesses: []),
      ModelledJob(
        descriptor: panfrost.node, queue: 0, accesses: accesses(panfrost.handle, 0..<1, nil),
        after: [0]),
      ModelledJob(descriptor: panfrost.node, queue: 0, accesses: accesses(99, 0..<1, nil)),
      ModelledJob(
        descriptor: panfrost.node, queue: 0, accesses: accesses(panfrost.handle, 4095..<4097, nil)),
      ModelledJob(
        descriptor: panfrost.node, queue: 0, accesses: accesses(panfrost.handle, 0..<2, [1])),
    ].map { kernel.submit($0) }
    #expect(answers == [Errno.EBADF, .ENOENT, .ENOENT, .EINVAL, .EINVAL].map { Int($0.answer) })
    let unbound = machine.create(on: panthor.node, 1)
    #expect(machine.submit(unbound, 0..<1) == Int(Errno.EFAULT.answer))
    // An import is mapped for DMA at once.
    let other = machine.importing(machine.export(unbound), into: panfrost.node)
    #expect(machine.submit(other, 0..<1) == 0)
  }

  @Test func jobsOfAQueueRunInOrder() {
    let first = machine.submit(panthor, 0..<1, writing: [1])
    let second = machine.submit(panthor, 0..<1)
    let elsewhere = machine.submit(panthor, 0..<1, queue: 1)
    #expect(run(second) == Errno.EBUSY.answer)
    #expect(run(elsewhere) == 0)
    kernel.wait(for: second)
    #expect(kernel.takeReads().map(\.bytes) == [[0], [1]])
    #expect(run(first) == Errno.ENOENT.answer)
  }

  @Test func aJobWaitsForTheJobsItNames() {
    let first = machine.submit(panthor, 0..<1, writing: [1])
    let second = machine.submit(panthor, 0..<1, queue: 1, after: [first])
    #expect(run(second) == Errno.EBUSY.answer)
    kernel.wait(for: second)
    #expect(kernel.takeReads().map(\.bytes) == [[1]])
    let third = machine.submit(panthor, 0..<1, queue: 2, after: [first, second])
    #expect(run(third) == 0)
  }

  @Test func panfrostJobsWaitForJobsOnTheSameMemory() {
    let dmaBuf = machine.export(panfrost)
    let sibling = machine.importing(dmaBuf, into: machine.open(2))
    let foreign = machine.importing(dmaBuf, into: panthor.node)
    let another = machine.create(on: panfrost.node)
    _ = machine.submit(panfrost, 0..<1, writing: [1])
    let onSibling = machine.submit(sibling, 0..<1, queue: 1)
    let onAnother = machine.submit(another, 0..<1, queue: 1)
    let onPanthor = machine.submit(foreign, 0..<1)
    #expect(run(onSibling) == Errno.EBUSY.answer)
    #expect(run(onAnother) == 0 && run(onPanthor) == 0)
    kernel.wait(for: onSibling)
    #expect(kernel.takeReads().map(\.bytes) == [[0], [0], [1]])
  }

  @Test func aStartWaitsForPanfrostFencesOnly() {
    let (ofPanfrost, ofPanthor) = (machine.export(panfrost), machine.export(panthor))
    let first = machine.submit(panfrost, 0..<1, writing: [1])
    let second = machine.submit(panthor, 0..<1, writing: [1])
    for flags in [5, 6] { machine.syncDMABuf(ofPanfrost, flags) }
    #expect(kernel.poll(ofPanfrost, events: 5, milliseconds: 0) == 0)
    #expect(kernel.poll(ofPanthor, events: 5, milliseconds: 0) == 5)
    machine.syncDMABuf(ofPanfrost, 2)
    machine.syncDMABuf(ofPanthor, 1)
    #expect(kernel.poll(ofPanfrost, events: 5, milliseconds: 0) == 5)
    #expect(run(first) == Errno.ENOENT.answer)
    #expect(run(second) == 0)
    // poll waits too.
    _ = machine.submit(panfrost, 0..<1, writing: [1])
    #expect(kernel.poll(ofPanfrost, events: 1, milliseconds: -1) == 1)
  }

  @Test func aStartInvalidatesLinesBeforeItWaits() {
    let (address, dmaBuf) = (machine.map(panfrost), machine.export(panfrost))
    let lines = machine.range(panfrost, 0..<64)
    let job = machine.submit(panfrost, 0..<1, writing: [1])
    // A line filled between the invalidation and the device write is stale after the wait.
    kernel.performWhileWaiting([.fill(lines), .runAccess(job: job)])
    machine.syncDMABuf(dmaBuf, 1)
    #expect(machine.load(address) == [0])
    // An event belongs to one START.
    _ = machine.submit(panfrost, 0..<1, writing: [2])
    machine.syncDMABuf(dmaBuf, 1)
    #expect(machine.load(address) == [2])
  }

  @Test func waitingForABufferRunsItsJobs() {
    let wait = { (timeout: Int64) in
      var argument = cdrm_panfrost_wait_bo()
      argument.handle = self.panfrost.handle
      argument.timeout_ns = timeout
      return self.kernel.ioctl(self.panfrost.node, cdrm_request_panfrost_wait_bo, &argument)
    }
    #expect(wait(0) == 0)
    let job = machine.submit(panfrost, 0..<1, writing: [1])
    #expect(wait(0) == Errno.EBUSY.answer && wait(1) == Errno.EBUSY.answer)
    #expect(wait(.max) == 0)
    #expect(run(job) == Errno.ENOENT.answer && wait(0) == 0)
  }

  @Test func aKernelReleasesItsJobsAtItsEnd() throws {
    weak var kept: MockMemory?
    do {
      let machine = try CacheMachine("panfrost")
      let buffer = machine.create(on: machine.open())
      #expect(machine.submit(buffer, 0..<1) == 0)
      kept = machine.kernel.machine.withLock { machine in
        guard case .node(let file) = machine.descriptors[buffer.node] else { return nil }
        return file.handles[buffer.handle]?.memory
      }
      #expect(kept != nil)
    }
    #expect(kept == nil)
  }

  @Test func aJobRetainsItsBuffers() {
    let job = machine.submit(panthor, 0..<1)
    machine.close(panfrost)
    _ = kernel.close(panfrost.node)
    machine.close(panthor)
    _ = kernel.close(panthor.node)
    #expect(kernel.usage.buffers == 1)
    kernel.wait(for: job)
    #expect(kernel.takeReads().map(\.bytes) == [[0]])
    #expect(kernel.usage == .none)
  }
}
