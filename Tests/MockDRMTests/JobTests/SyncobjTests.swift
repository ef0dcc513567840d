// SPDX-License-Identifier: MIT

import CDRM
import DRMKernel
import Testing

@testable import MockDRM

/// Tests of fences and points in syncobjs.
@Suite struct SyncobjTests {
  @Test func aPointIncludesAllPointsBeforeIt() throws {
    let fences = (0..<3).map { MockFence(of: $0) }
    let syncobj = MockSyncobj()
    #expect(syncobj.fences() == nil && syncobj.fences(at: 1) == nil)
    for (index, point) in [2, 4, 6].enumerated() { syncobj.add(fences[index], at: UInt64(point)) }
    let numbers = { (point: UInt64) in syncobj.fences(at: point)?.compactMap(\.job) }
    #expect(numbers(1) == [0] && numbers(2) == [0] && numbers(3) == [0, 1])
    #expect(numbers(6) == [0, 1, 2] && numbers(0) == [0, 1, 2] && numbers(7) == nil)
    #expect(syncobj.signaledPoint == 0 && syncobj.submittedPoint == 6)
    fences[1].signal(nil)
    #expect(syncobj.signaledPoint == 0)
    fences[0].signal(nil)
    #expect(syncobj.signaledPoint == 4)
    fences[2].signal(.EINVAL)
    #expect(syncobj.signaledPoint == 6)
  }

  @Test func replacingTheFenceEndsATimeline() {
    let syncobj = MockSyncobj()
    syncobj.add(MockFence(), at: 5)
    syncobj.replace(with: [MockFence(of: 1)])
    #expect(syncobj.signaledPoint == 0 && syncobj.submittedPoint == 0)
    #expect(syncobj.fences(at: 1) == nil && syncobj.fences()?.map(\.job) == [1])
    // A timeline that starts after it is signaled no further than the fence is.
    syncobj.add(MockFence(), at: 3)
    #expect(syncobj.signaledPoint == 0 && syncobj.submittedPoint == 3)
    #expect(syncobj.fences(at: 2)?.contains { $0.job == 1 } == true)
    syncobj.fences()?.first?.signal(nil)
    #expect(syncobj.signaledPoint == 3)
    syncobj.replace(with: nil)
    #expect(syncobj.fences() == nil)
  }

  @Test func aPastPointStartsANewTimeline() {
    let syncobj = MockSyncobj()
    let late = MockFence(of: 0)
    syncobj.add(MockFence(), at: 5)
    syncobj.add(late, at: 3)
    #expect(syncobj.submittedPoint == 5 && syncobj.signaledPoint == 0)
    syncobj.add(MockFence(), at: 8)
    #expect(syncobj.submittedPoint == 8 && syncobj.signaledPoint == 0)
    late.signal(nil)
    #expect(syncobj.signaledPoint == 8)
  }

  @Test func aWaitForAnyRunsTheFirstThatComesInTime() throws {
    let jobs = try JobMachine("panfrost")
    jobs.put(JobMachine.descriptor(1, next: jobs.place))
    jobs.put(jobs.writing(1), at: 1)
    let results = [jobs.syncobj(), jobs.syncobj(), jobs.syncobj()]
    jobs.submit(jobs.place, result: results[0])
    jobs.submit(jobs.place + 64, result: results[1], requirements: 1)
    var argument = cdrm_syncobj_wait()
    argument.count_handles = 3
    argument.flags = 2
    let wait = { (milliseconds: Int64) in
      argument.timeout_nsec = cdrm_monotonic_nanoseconds() + milliseconds * 1_000_000
      return results.withUnsafeBufferPointer {
        argument.handles = UInt64(UInt(bitPattern: $0.baseAddress))
        return jobs.kernel.ioctl(jobs.node, cdrm_request_syncobj_wait, &argument)
      }
    }
    #expect(wait(100) == 0 && argument.first_signaled == 1)
    argument.flags = 3
    #expect(wait(2000) == Errno.ETIME.answer)
  }

  @Test func aSyncFileIsSignaledWithItsLastFence() throws {
    let jobs = try JobMachine("panfrost,fill=never")
    let dmaBuf = jobs.machine.export(jobs.buffer)
    jobs.put(JobMachine.descriptor(0x55))
    jobs.submit()
    var argument = cdrm_dma_buf_export_sync_file(flags: 2, fd: -1)
    #expect(jobs.kernel.ioctl(dmaBuf, cdrm_request_dma_buf_export_sync_file, &argument) == 0)
    #expect(jobs.status(argument.fd) == 0)
    let syncobj = jobs.syncobj()
    var taken = cdrm_syncobj_handle(handle: syncobj, flags: 1, fd: argument.fd, pad: 0)
    #expect(jobs.kernel.ioctl(jobs.node, cdrm_request_syncobj_fd_to_handle, &taken) == 0)
    #expect(jobs.wait() == 0)
    #expect(jobs.status(argument.fd) == Errno.EINVAL.answer)
    // A job that waits for a failed one runs.
    jobs.put(jobs.writing(4), at: 1)
    #expect(jobs.submit(jobs.place + 64, naming: [jobs.buffer.handle], after: [syncobj]) == 0)
    #expect(jobs.wait() == 0 && jobs.memory(JobMachine.target) == 4)
  }
}
