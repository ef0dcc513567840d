// SPDX-License-Identifier: MIT

public import DRMKernel

/// One call at the seam, without any number that only one run has.
///
/// Descriptors, mappings and fake offsets are named by order of appearance, pointers by what they lead
/// to: the same call can be made on another kernel, or in another run.
public enum Call: Hashable, Sendable {
  /// `open(2)` of a node or an exporter.
  case open(path: String, flags: CInt)
  /// `close(2)`.
  case close(Descriptor)
  /// `ioctl(2)`.
  case ioctl(IoctlCall)
  /// `mmap(2)`.
  case mmap(length: Int, protection: CInt, flags: CInt, Descriptor, Offset)
  /// `munmap(2)`.
  case munmap(Address, length: Int)
  /// `lseek(2)`.
  case lseek(Descriptor, offset: Int64, whence: CInt)
  /// `poll(2)` of one descriptor.
  case poll(Descriptor, events: Int16, milliseconds: CInt)
  /// `fcntl(2)` with `F_DUPFD_CLOEXEC`.
  case duplicate(Descriptor)
  /// Bytes written through a mapping: no call at the seam, but what follows depends on it.
  case store(mapping: Int, at: Int, [UInt8])
  /// Bytes read through a mapping: no call at the seam, but what came before shows in it.
  case load(mapping: Int, at: Int, count: Int)

  /// A descriptor as a call names it.
  public enum Descriptor: Hashable, Sendable {
    /// The n-th descriptor that the kernel gave, from 1; if it was closed, a number that is not open.
    case given(Int)
    /// A file of the host's that no kernel here gave.
    case host(HostFile)
    /// A number that names nothing, such as -1.
    case literal(CInt)
  }

  /// A file that only matters by its kind.
  public enum HostFile: Hashable, Sendable {
    case pipe
    /// Shared memory; `size` in bytes, `seals` as those of `fcntl(2)`.
    case memory(size: Int, seals: CInt)
    case other
  }

  /// Where in a file a mapping begins.
  public enum Offset: Hashable, Sendable {
    /// So many bytes from the n-th fake offset that the kernel gave, from 1.
    case given(Int, delta: Int64)
    case literal(Int64)
  }

  /// An address that is unmapped.
  public enum Address: Hashable, Sendable {
    /// So many bytes from the begin of the n-th mapping that the kernel gave, from 1.
    case mapping(Int, delta: Int)
    /// Memory of the caller's where no mapping of the kernel's is.
    case elsewhere(isAligned: Bool)
  }
}

/// An ioctl with everything behind its argument.
public struct IoctlCall: Hashable, Sendable {
  public var descriptor: Call.Descriptor
  public var request: IoctlRequest
  /// Who answers driver ioctls there; nil where that is not known or does not matter.
  public var driver: IoctlDriver?
  public var argument: CallMemory

  /// Creates a call.
  public init(
    _ descriptor: Call.Descriptor, _ request: IoctlRequest, driver: IoctlDriver? = nil,
    _ argument: CallMemory
  ) {
    self.descriptor = descriptor
    self.request = request
    self.driver = driver
    self.argument = argument
  }

  /// What the argument is made of; nil where nobody knows it.
  public var layout: IoctlLayout? { IoctlLayout.find(request, driver: driver) }

  /// The request's name, or its type and number where nobody knows it.
  public var name: String { IoctlLayout.name(of: request, driver: driver) }
}
