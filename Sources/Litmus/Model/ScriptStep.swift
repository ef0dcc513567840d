// SPDX-License-Identifier: MIT

public import DRMKernel

/// One step of the CPU.
public struct ScriptStep: Sendable {
  /// What the step does; buffers and jobs by their numbers.
  public enum Action: Sendable {
    case create(buffer: Int)
    /// Maps through the GEM fake offset, or through the dma-buf.
    case map(buffer: Int, throughDMABuf: Bool)
    case unmap(buffer: Int)
    /// Closes the handle; mappings and dma-bufs stay valid.
    case close(buffer: Int)
    /// Accesses the mapping, which is made first where there is none.
    case access(ScriptAccess)
    /// One sync, or a batch of them in one ioctl.
    case sync([ScriptSync])
    /// `DMA_BUF_IOCTL_SYNC` with START, which waits for the device.
    case beginAccess(buffer: Int, ScriptAccessType)
    /// `DMA_BUF_IOCTL_SYNC` with END.
    case endAccess(buffer: Int, ScriptAccessType)
    case export(buffer: Int)
    /// Creates this buffer by an import.
    case importBuffer(Int)
    case submit(job: Int)
    case wait(job: Int)
  }

  public let action: Action
  /// The errno that the kernel must return; nil where the step must succeed.
  public let errno: Errno?
  public let position: SourcePosition

  /// Creates a step.
  public init(action: Action, errno: Errno? = nil, position: SourcePosition) {
    self.action = action
    self.errno = errno
    self.position = position
  }
}

/// Cache maintenance on a range of a buffer.
public struct ScriptSync: Sendable {
  /// What carries it out.
  public enum Method: String, CaseIterable, Hashable, Sendable {
    /// The driver: BO_SYNC, SYNC_BO.
    case ioctl
    /// Cache instructions in user space: `dc cvac`, `dc civac`, `clflush`.
    case userland
  }

  /// The kind of maintenance.
  public enum Operation: Hashable, Sendable {
    case flush
    case flushAndInvalidate
    /// The form of the series as proposed: which side accesses the range next, and how.
    case proposed(ScriptAccessor, ScriptAccessType)
  }

  public let buffer: Int
  /// In bytes, within the buffer's size unless the script expects an errno.
  public let range: Range<UInt64>
  public let method: Method
  public let operation: Operation
  public let position: SourcePosition

  /// Creates a sync.
  public init(
    buffer: Int, range: Range<UInt64>, method: Method = .ioctl, operation: Operation,
    position: SourcePosition
  ) {
    self.buffer = buffer
    self.range = range
    self.method = method
    self.operation = operation
    self.position = position
  }
}

/// The side that accesses a range after a proposed sync.
public enum ScriptAccessor: String, CaseIterable, Hashable, Sendable {
  case cpu
  case device
}

/// How a range is accessed after a sync or a START.
public enum ScriptAccessType: String, CaseIterable, Hashable, Sendable {
  case read
  case write
  case readWrite = "read_write"
}
