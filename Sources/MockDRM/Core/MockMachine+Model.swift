// SPDX-License-Identifier: MIT

internal import DRMKernel

/// Actions of a mock machine that are not system calls: modelled jobs, evictions and fills.
extension MockMachine {
  /// Queues a job; its BOs and ranges are validated in the job's order.
  func submit(_ job: ModelledJob) throws(Errno) -> Int {
    guard case .node(let file) = descriptors[job.descriptor] else { throw .EBADF }
    var accesses: [ModelledAccesses.Access] = []
    for access in job.accesses {
      let buffer = try file.buffer(access.handle)
      guard access.range.upperBound <= buffer.size,
        access.bytes.map({ $0.count == access.range.count }) ?? true
      else { throw .EINVAL }
      guard buffer.isImported || buffer.isMappedForDMA else { throw .EFAULT }
      let range = Int(access.range.lowerBound)..<Int(access.range.upperBound)
      accesses.append(ModelledAccesses.Access(buffer: buffer, range: range, bytes: access.bytes))
    }
    return try jobs.submit(accesses, to: file.device, queue: job.queue, after: job.after)
  }

  /// Performs an event.
  func perform(_ event: ModelledEvent) throws(Errno) {
    switch event {
    case .runAccess(let job): try jobs.runAccess(of: job)
    case .evict(let range):
      let (memory, bytes) = try find(range)
      memory.evict(bytes)
    case .fill(let range):
      let (memory, bytes) = try find(range)
      memory.fill(bytes)
    }
  }

  /// Performs the events registered for the next START; an event that is not possible is ignored.
  func performEventsWhileWaiting() {
    let events = eventsWhileWaiting
    eventsWhileWaiting = []
    for event in events { try? perform(event) }
  }

  /// Returns the cache lines of a range.
  func lines(of range: ModelledRange) throws(Errno) -> [ModelledLine] {
    let (memory, bytes) = try find(range)
    return memory.describeLines(touching: bytes)
  }

  /// Waits for fences as `poll` does; returns whether all are signaled.
  ///
  /// A negative time is no limit.
  func poll(_ fences: [MockFence], _ milliseconds: CInt) -> Bool {
    jobs.wait(
      for: fences, within: milliseconds < 0 ? .max : Int64(milliseconds) * 1_000_000)
  }

  /// Returns the events of a dma-buf: EPOLLIN waits for writers, EPOLLOUT for all fences: `dma_buf_poll`.
  func poll(_ dmaBuf: MockDMABuf, _ milliseconds: CInt, isWriter: Bool) -> Int16 {
    let memory = dmaBuf.exporter.memory
    let isReady = { (isWriter: Bool, time: CInt) in
      self.poll(self.jobs.fences(on: memory, isWriter: isWriter), time)
    }
    guard !isReady(isWriter, milliseconds) else {
      return PollEvents.input | (isReady(true, 0) ? PollEvents.output : 0)
    }
    return isReady(false, 0) ? PollEvents.input : 0
  }

  /// A memory and a range of its bytes.
  struct MemoryPart {
    let memory: MockMemory
    let range: Range<Int>
  }

  /// Returns the memories mapped in a range of addresses; throws EFAULT where nothing is mapped.
  func mappedParts(_ address: Int, length: Int) throws(Errno) -> [MemoryPart] {
    guard length > 0 else { return [] }
    let end = address.addingReportingOverflow(length).partialValue
    var isMapped = false
    var parts: [MemoryPart] = []
    for (start, mapping) in mappings where start < end && address < start + mapping.length {
      isMapped = true
      guard let memory = mapping.memory else { continue }
      let first = max(address, start) - start + mapping.start
      let last = min(end, start + mapping.length) - start + mapping.start
      parts.append(MemoryPart(memory: memory, range: first..<last))
    }
    guard isMapped else { throw .EFAULT }
    return parts
  }

  private func find(_ range: ModelledRange) throws(Errno) -> (MockMemory, Range<Int>) {
    let memory: MockMemory
    switch descriptors[range.descriptor] {
    case .node(let file): memory = try file.buffer(range.handle).memory
    case .dmaBuf(let dmaBuf): memory = dmaBuf.exporter.memory
    case .syncFile, .heap, .udmabuf, nil: throw .EBADF
    }
    guard range.range.upperBound <= UInt64(memory.size) else { throw .EINVAL }
    return (memory, Int(range.range.lowerBound)..<Int(range.range.upperBound))
  }
}
