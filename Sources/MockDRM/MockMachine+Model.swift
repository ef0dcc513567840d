// SPDX-License-Identifier: MIT

internal import DRMKernel

/// What a mock machine does that no system call asks for.
extension MockMachine {
  /// Queues a job; what it names is looked at in the order in which it names it.
  func submit(_ job: ModelledJob) throws(Errno) -> Int {
    guard case .node(let file) = descriptors[job.descriptor] else { throw .EBADF }
    var accesses: [MockJob.Access] = []
    for access in job.accesses {
      let buffer = try file.buffer(access.handle)
      guard access.range.upperBound <= buffer.size,
        access.bytes.map({ $0.count == access.range.count }) ?? true
      else { throw .EINVAL }
      guard buffer.isImported || buffer.isMappedForDMA else { throw .EFAULT }
      let range = Int(access.range.lowerBound)..<Int(access.range.upperBound)
      accesses.append(MockJob.Access(buffer: buffer, range: range, bytes: access.bytes))
    }
    return try jobs.submit(to: file.device, queue: job.queue, accesses, after: job.after)
  }

  /// Lets something happen.
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

  /// Lets happen what was kept for the inside of a START; what cannot happen does not.
  func performWaitingEvents() {
    let events = eventsWhileWaiting
    eventsWhileWaiting = []
    for event in events { try? perform(event) }
  }

  /// Answers the lines of a range.
  func lines(of range: ModelledRange) throws(Errno) -> [ModelledLine] {
    let (memory, bytes) = try find(range)
    return memory.describeLines(touching: bytes)
  }

  /// Answers the events of a dma-buf that are ready; nothing is while a device may be at it.
  func poll(_ dmaBuf: MockDMABuf, isWaiting: Bool) -> Int16 {
    if isWaiting { jobs.finishFenced(on: dmaBuf.exporter.memory) }
    return jobs.hasFenced(on: dmaBuf.exporter.memory) ? 0 : PollEvents.input | PollEvents.output
  }

  /// A range of bytes of a memory.
  struct MemoryPart {
    let memory: MockMemory
    let range: Range<Int>
  }

  /// Answers what CPU mappings show in a range of addresses; EFAULT where there is none of them.
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
