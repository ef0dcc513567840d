// SPDX-License-Identifier: MIT

public import DRMKernel

/// One thing that the CPU does.
public struct ScriptStep: Sendable {
  /// What is done; buffers and jobs by their numbers.
  public enum Action: Sendable {
    case create(buffer: Int)
    /// Maps through the GEM fake offset, or through the dma-buf.
    case map(buffer: Int, throughDMABuf: Bool)
    case unmap(buffer: Int)
    /// Closes the handle; mappings and dma-bufs live on.
    case close(buffer: Int)
    /// Maps first, if nothing was mapped yet.
    case access(ScriptAccess)
    /// One sync, or a batch of them in one ioctl.
    case sync([ScriptSync])
    /// `DMA_BUF_IOCTL_SYNC` with START, which waits for the device, and with END.
    case beginAccess(buffer: Int, ScriptAccessType)
    case endAccess(buffer: Int, ScriptAccessType)
    case export(buffer: Int)
    /// Makes this buffer, which is an import.
    case importBuffer(Int)
    case submit(job: Int)
    case wait(job: Int)
  }

  public let action: Action
  /// What the kernel must refuse it with; nil where it must succeed.
  public let errno: Errno?
  public let position: SourcePosition

  /// Creates a step.
  public init(action: Action, errno: Errno?, position: SourcePosition) {
    self.action = action
    self.errno = errno
    self.position = position
  }
}
