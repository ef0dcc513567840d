// SPDX-License-Identifier: MIT

/// The operations of a modelled machine beside system calls.
///
/// A model sees neither loads through a raw mapping nor a store of the value that is there already. A caller
/// that marks its accesses is modelled exactly.
public protocol ModelledMachine: AnyObject, Sendable {
  /// Marks bytes of a mapping that the CPU is about to load: absent lines are filled.
  func cpuReads(_ address: Int, length: Int)

  /// Marks bytes of a mapping that the CPU has stored: their lines become dirty, also without a new value.
  func cpuWrote(_ address: Int, length: Int)

  /// Queues a job and returns its number, from 0, or a negated errno.
  ///
  /// EBADF or ENOENT for a descriptor or handle that does not exist, EINVAL for a range past its BO, EFAULT
  /// for a BO that the device has not mapped.
  func submit(_ job: ModelledJob) -> Int

  /// Performs an event that no system call requests, and returns 0 or a negated errno.
  ///
  /// EBUSY for a job that must wait for another, ENOENT for a job that has ended.
  func perform(_ event: ModelledEvent) -> CInt

  /// Performs events inside the next `DMA_BUF_IOCTL_SYNC` START, after its cache maintenance and before the
  /// end of its wait for fences.
  func performWhileWaiting(_ events: [ModelledEvent])

  /// Runs a job to its end, after all jobs that it waits for.
  func wait(for job: Int)

  /// Returns what jobs have read since the last call, oldest first.
  func takeReads() -> [ModelledRead]

  /// Returns the lines that a range touches; empty for a range that does not exist.
  func lines(of range: ModelledRange) -> [ModelledLine]

  /// Selects what happens to dirty lines that are invalidated without a clean, from now on.
  func setInvalidation(_ outcome: InvalidationOutcome)

  /// Makes the driver of an open node believe that its device is coherent, or that it is not.
  ///
  /// The device keeps its own coherency. With nil the driver believes what is true again.
  func setClaim(ofCoherency isCoherent: Bool?, node descriptor: CInt)
}

/// What happens to a dirty line that is invalidated; the architecture allows both.
public enum InvalidationOutcome: String, CaseIterable, Hashable, Sendable {
  /// Its bytes are lost.
  case lose
  /// Its bytes are written back to memory first.
  case writeBack = "write_back"
}

/// An event that can happen on a modelled machine at any time.
public enum ModelledEvent: Hashable, Sendable {
  /// The next access of a job runs.
  case runAccess(job: Int)
  /// The lines of a range leave the cache; dirty ones are written back.
  case evict(ModelledRange)
  /// Absent lines of a range are fetched.
  case fill(ModelledRange)
}

/// A range of a BO, which is named by an open node and its handle there, or by its dma-buf.
public struct ModelledRange: Hashable, Sendable {
  /// An open node, or a dma-buf.
  public let descriptor: CInt
  /// 0 for a dma-buf.
  public let handle: UInt32
  /// The bytes, from the start of the BO; they are widened to whole lines.
  public let range: Range<UInt64>

  /// Creates a range.
  public init(descriptor: CInt, handle: UInt32, range: Range<UInt64>) {
    self.descriptor = descriptor
    self.handle = handle
    self.range = range
  }
}

/// One cache line of a model.
public struct ModelledLine: Hashable, Sendable {
  /// The state of the line in the CPU's cache.
  public enum State: String, Hashable, Sendable {
    /// Not in the cache: a load reads memory.
    case absent
    /// In the cache, with what memory held at its fill or at its last write-back.
    case clean
    /// In the cache, with bytes that memory does not have.
    case dirty
  }

  /// The state in the CPU's cache.
  public let state: State
  /// What a load by the CPU returns.
  public let cpu: [UInt8]
  /// What a device reads that does not snoop.
  public let memory: [UInt8]

  /// Creates a line.
  public init(state: State, cpu: [UInt8], memory: [UInt8]) {
    self.state = state
    self.cpu = cpu
    self.memory = memory
  }
}
