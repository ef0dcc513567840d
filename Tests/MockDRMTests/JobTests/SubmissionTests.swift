// SPDX-License-Identifier: MIT

import CDRM
import DRMKernel
import Testing

@testable import MockDRM

/// Tests of when jobs run, what they wait for, and how they end.
@Suite struct SubmissionTests {
  private func endless(_ options: String = "panfrost") throws -> JobMachine {
    let jobs = try JobMachine(options)
    jobs.put(JobMachine.descriptor(1, next: jobs.place + 64))
    jobs.put(JobMachine.descriptor(1, next: jobs.place), at: 1)
    jobs.put(jobs.writing(9), at: 2)
    return jobs
  }

  @Test func jobsRunLateOrEarly() throws {
    for (options, early) in [
      ("panfrost,fill=never", false), ("panfrost,fill=never,jobs=early", true),
    ] {
      let jobs = try JobMachine(options)
      jobs.sync(0..<4096, 0)
      jobs.put(jobs.writing(7))
      #expect(jobs.submit() == 0)
      #expect(jobs.memory(JobMachine.target) == (early ? 7 : 0))
      #expect(jobs.wait(milliseconds: 0) == (early ? 0 : Errno.EBUSY.answer))
      #expect(jobs.wait() == 0)
      #expect(jobs.memory(JobMachine.target) == 7)
    }
  }

  @Test func shortWaitsAddUp() throws {
    for options in ["panfrost", "panfrost,jobs=early"] {
      let jobs = try endless(options)
      let result = jobs.syncobj()
      #expect(jobs.submit(result: result) == 0)
      let file = jobs.export(result)
      for _ in 0..<2 {
        #expect(jobs.wait(milliseconds: 200) == Errno.ETIMEDOUT.answer)
        #expect(jobs.status(file) == 0)
      }
      #expect(jobs.wait(milliseconds: 0) == Errno.EBUSY.answer)
      #expect(jobs.wait(milliseconds: 200) == 0)
      #expect(jobs.status(file) == Errno.ECANCELED.answer)
    }
  }

  @Test func oneWaitCountsEveryHang() throws {
    let jobs = try endless()
    // The second one ends with the first; the third has its own timeout.
    for _ in 0..<3 { #expect(jobs.submit() == 0) }
    #expect(jobs.wait(milliseconds: 900) == Errno.ETIMEDOUT.answer)
    #expect(jobs.wait(milliseconds: 200) == 0)
  }

  @Test func aJobBehindAHangIsLostOrRuns() throws {
    let jobs = try endless()
    let results = (0..<3).map { _ in jobs.syncobj() }
    jobs.submit(result: results[0])
    jobs.submit(index: 2, result: results[1])
    jobs.submit(index: 2, result: results[2])
    #expect(jobs.wait() == 0)
    let lost = Errno.ECANCELED.answer
    #expect(results.map { jobs.status(jobs.export($0)) } == [lost, lost, 1])
    // One that waits for something else was not on the device yet.
    let (other, last) = (jobs.syncobj(), jobs.syncobj())
    jobs.submit(jobs.place + 128, result: other, requirements: 1)
    jobs.submit(result: results[0])
    jobs.submit(jobs.place + 128, naming: [], after: [other], result: last)
    #expect(jobs.wait() == 0)
    #expect(jobs.kernel.poll(jobs.export(last), events: 1, milliseconds: 1) == 1)
    #expect([results[0], other, last].map { jobs.status(jobs.export($0)) } == [lost, 1, 1])
  }

  @Test func slotsAndContextsAreSeparateQueues() throws {
    let jobs = try JobMachine("panfrost,fill=never")
    var context = cdrm_panfrost_jm_ctx_create(handle: 0, priority: 1)
    #expect(jobs.kernel.ioctl(jobs.node, cdrm_request_panfrost_jm_ctx_create, &context) == 0)
    for index in 0..<4 { jobs.put(jobs.writing(UInt64(index + 1)), at: index) }
    jobs.submit(jobs.place)
    jobs.submit(jobs.place + 64)
    jobs.submit(jobs.place + 128, requirements: 1)
    jobs.submit(jobs.place + 192, context: context.handle)
    let run = { (job: Int) in jobs.kernel.perform(.runAccess(job: job)) }
    #expect((0..<4).map(run) == [0, Errno.EBUSY.answer, 0, 0])
  }

  @Test func aDestroyedContextCancelsItsJobs() throws {
    let jobs = try endless()
    var context = cdrm_panfrost_jm_ctx_create(handle: 0, priority: 1)
    #expect(jobs.kernel.ioctl(jobs.node, cdrm_request_panfrost_jm_ctx_create, &context) == 0)
    let results = [jobs.syncobj(), jobs.syncobj()]
    jobs.submit(result: results[0], context: context.handle)
    jobs.submit(jobs.place + 128, naming: [], result: results[1])
    var gone = cdrm_panfrost_jm_ctx_destroy(handle: context.handle, pad: 0)
    #expect(jobs.kernel.ioctl(jobs.node, cdrm_request_panfrost_jm_ctx_destroy, &gone) == 0)
    #expect(jobs.status(jobs.export(results[0])) == Errno.ECANCELED.answer)
    #expect(jobs.status(jobs.export(results[1])) == 0)
    #expect(jobs.wait(milliseconds: 0) == 0)
  }

  @Test(arguments: ["panfrost", "panfrost,jobs=early", "panfrost,kernel=6.12"])
  func nothingOutlivesTheFile(_ options: String) throws {
    let jobs = try endless(options)
    let results = (0..<4).map { _ in jobs.syncobj() }
    for (index, result) in results.enumerated() {
      jobs.submit(index: index == 3 ? 2 : 0, result: result)
    }
    let files = results.map { jobs.export($0) }
    jobs.machine.close(jobs.buffer)
    _ = jobs.kernel.munmap(jobs.address, length: 4096)
    _ = jobs.kernel.close(jobs.node)
    #expect(files.map { jobs.status($0) }.allSatisfy { $0 == Errno.ECANCELED.answer })
    for file in files { _ = jobs.kernel.close(file) }
    #expect(jobs.kernel.usage == .none)
  }

  @Test func withoutContextsACloseWaitsForTheQueue() throws {
    let jobs = try JobMachine("panfrost,kernel=6.12,fill=never")
    let dmaBuf = jobs.machine.export(jobs.buffer)
    let results = (0..<3).map { _ in jobs.syncobj() }
    for index in 0..<3 {
      jobs.put(jobs.writing(UInt64(index + 1)), at: index)
      jobs.submit(index: index, result: results[index])
    }
    let files = results.map { jobs.export($0) }
    _ = jobs.kernel.munmap(jobs.address, length: 4096)
    _ = jobs.kernel.close(jobs.node)
    #expect(
      files.map { jobs.status($0) } == [1, Errno.ECANCELED.answer, Errno.ECANCELED.answer])
    _ = jobs.kernel.close(dmaBuf)
  }

  @Test func anAttachedFenceIsWaitedFor() throws {
    let jobs = try JobMachine("panfrost,fill=never", "panfrost")
    let other = jobs.machine.create(on: jobs.node)
    let dmaBuf = jobs.machine.export(other)
    jobs.put(jobs.writing(1))
    for (flags, start, waits) in [(2, 1, true), (1, 1, false), (1, 2, true), (3, 1, true)] {
      let result = jobs.syncobj()
      #expect(jobs.submit(result: result) == 0)
      let file = jobs.export(result)
      var argument = cdrm_dma_buf_import_sync_file(flags: UInt32(flags), fd: file)
      #expect(jobs.kernel.ioctl(dmaBuf, cdrm_request_dma_buf_import_sync_file, &argument) == 0)
      #expect(jobs.wait(other.handle, milliseconds: 0) == Errno.EBUSY.answer)
      let input = jobs.kernel.poll(dmaBuf, events: 1, milliseconds: 0)
      #expect(input == (flags & 2 != 0 ? 0 : 1))
      #expect(jobs.kernel.poll(dmaBuf, events: 4, milliseconds: 0) == 0)
      jobs.machine.syncDMABuf(dmaBuf, start)
      #expect(jobs.status(file) == (waits ? 1 : 0), "\(flags) \(start)")
      #expect(jobs.wait(other.handle) == 0 && jobs.status(file) == 1)
    }
  }

  @Test func aJobWaitsForAttachedFences() throws {
    let jobs = try JobMachine("panfrost,fill=never", "panfrost")
    let other = jobs.machine.create(on: jobs.node)
    let dmaBuf = jobs.machine.export(other)
    jobs.put(jobs.writing(1))
    jobs.put(jobs.writing(2), at: 1)
    let result = jobs.syncobj()
    jobs.submit(jobs.place, result: result)
    var argument = cdrm_dma_buf_import_sync_file(flags: 1, fd: jobs.export(result))
    #expect(jobs.kernel.ioctl(dmaBuf, cdrm_request_dma_buf_import_sync_file, &argument) == 0)
    jobs.submit(jobs.place + 64, naming: [other.handle], requirements: 1)
    #expect(jobs.kernel.perform(.runAccess(job: 1)) == Errno.EBUSY.answer)
    #expect(jobs.wait(other.handle) == 0)
    #expect(jobs.memory(JobMachine.target) == 2)
  }
}
