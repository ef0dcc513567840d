// SPDX-License-Identifier: MIT

public import DRMKernel

/// One call at the system-call interface, without the numbers of one run.
///
/// Descriptors, mappings and fake offsets are named by order of appearance, and a pointer by the memory it
/// leads to. So the same call can be made on another kernel, or in another run.
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
  /// Bytes written through a mapping: no system call, but later results depend on it.
  case store(mapping: Int, at: Int, [UInt8])
  /// Cache lines of a mapping maintained by the CPU's own instructions: no system call, but devices see it.
  case maintain(mapping: Int, at: Int, count: Int, CacheOperation)
  /// Bytes read through a mapping: no system call, but they show the effect of earlier calls.
  case load(mapping: Int, at: Int, count: Int)

  /// A descriptor as a call names it.
  public enum Descriptor: Hashable, Sendable {
    /// The n-th descriptor that the kernel returned, from 1; a closed number if it was closed.
    case given(Int)
    /// A file of the host that the traced kernel did not return.
    case host(HostFile)
    /// A number that names no file, such as -1.
    case literal(CInt)
  }

  /// A file of which only the kind matters.
  public enum HostFile: Hashable, Sendable {
    case pipe
    /// Shared memory; `size` in bytes, `seals` as in `fcntl(2)`.
    case memory(size: Int, seals: CInt)
    case other
  }

  /// The file offset of a mapping.
  public enum Offset: Hashable, Sendable {
    /// `delta` bytes from the n-th fake offset that the kernel returned, from 1.
    case given(Int, delta: Int64)
    case literal(Int64)
  }

  /// The start of an unmapped range.
  public enum Address: Hashable, Sendable {
    /// `delta` bytes from the start of the n-th mapping that the kernel returned, from 1.
    case mapping(Int, delta: Int)
    /// Memory of the caller outside every mapping of the kernel.
    case elsewhere(isAligned: Bool)
  }

  /// The number of bytes that it holds, or that making it needs.
  var byteCount: Int {
    switch self {
    case .ioctl(let call): call.argument.byteCount
    case .store(_, _, let bytes): bytes.count
    case .load(_, _, let count): count
    default: 0
    }
  }

  /// The system call's name, or the ioctl's.
  public var name: String {
    switch self {
    case .open: "open"
    case .close: "close"
    case .ioctl(let call): call.name
    case .mmap: "mmap"
    case .munmap: "munmap"
    case .lseek: "lseek"
    case .poll: "poll"
    case .duplicate: "dup"
    case .store: "store"
    case .load: "load"
    case .maintain: "maintain"
    }
  }
}
