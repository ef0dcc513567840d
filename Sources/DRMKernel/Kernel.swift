// SPDX-License-Identifier: MIT

public import CDRM

/// The kernel that system calls go to: the one this process runs on, or a substitute.
///
/// The client makes system calls through this type only.
public struct Kernel: Sendable {
  @usableFromInline let substitute: (any KernelInterface)?

  /// The kernel this process runs on; DRM ioctls go through libdrm's `drmIoctl`.
  public static let host = Kernel(nil)

  /// A substitute for the host's kernel: a mock, a tracer, a fault injector.
  public static func substitute(_ interface: any KernelInterface) -> Kernel {
    Kernel(interface)
  }

  private init(_ substitute: (any KernelInterface)?) {
    self.substitute = substitute
  }

  /// Whether calls go to the kernel that this process runs on.
  @inlinable public var isHost: Bool { substitute == nil }

  /// Opens a device file; see ``KernelInterface/open(_:flags:)``.
  public func open(_ path: String, flags: CInt) -> CInt {
    guard let substitute else {
      return unsafe path.withCString { name in unsafe cdrm_open(name, flags) }
    }
    return substitute.open(path, flags: flags)
  }

  /// Closes a descriptor.
  public func close(_ descriptor: CInt) -> CInt {
    guard let substitute else { return cdrm_close(descriptor) }
    return substitute.close(descriptor)
  }

  /// Performs a DRM or dma-buf ioctl; see ``KernelInterface/ioctl(_:_:_:)``.
  ///
  /// It is inlinable because every frame around a system call costs a mispredicted return.
  @inlinable
  public func ioctl(
    _ descriptor: CInt, _ request: UInt, _ argument: UnsafeMutableRawPointer?
  ) -> CInt {
    guard isHost else { return unsafe substituteIoctl(descriptor, request, argument) }
    return unsafe cdrm_ioctl(descriptor, request, argument)
  }

  // Out of line, so that the path to the host saves no registers for it.
  @usableFromInline @inline(never)
  func substituteIoctl(
    _ descriptor: CInt, _ request: UInt, _ argument: UnsafeMutableRawPointer?
  ) -> CInt {
    unsafe substitute?.ioctl(descriptor, request, argument) ?? Errno.ENODEV.answer
  }

  /// Maps bytes of a file; see ``KernelInterface/mmap(length:protection:flags:_:offset:)``.
  public func mmap(
    length: Int, protection: CInt, flags: CInt, _ descriptor: CInt, offset: Int64
  ) -> Int {
    guard let substitute else {
      return cdrm_mmap(size_t(length), protection, flags, descriptor, offset)
    }
    return substitute.mmap(
      length: length, protection: protection, flags: flags, descriptor, offset: offset)
  }

  /// Unmaps bytes; see ``KernelInterface/munmap(_:length:)``.
  public func munmap(_ address: Int, length: Int) -> CInt {
    if let substitute { return substitute.munmap(address, length: length) }
    guard let pointer = unsafe UnsafeMutableRawPointer(bitPattern: address) else { return 0 }
    return unsafe cdrm_munmap(pointer, size_t(length))
  }

  /// Moves the file offset; see ``KernelInterface/lseek(_:offset:whence:)``.
  public func lseek(_ descriptor: CInt, offset: Int64, whence: CInt) -> Int64 {
    guard let substitute else { return cdrm_lseek(descriptor, offset, whence) }
    return substitute.lseek(descriptor, offset: offset, whence: whence)
  }

  /// Waits for events; see ``KernelInterface/poll(_:events:milliseconds:)``.
  public func poll(_ descriptor: CInt, events: Int16, milliseconds: CInt) -> CInt {
    guard let substitute else { return cdrm_poll(descriptor, events, milliseconds) }
    return substitute.poll(descriptor, events: events, milliseconds: milliseconds)
  }

  /// Duplicates a descriptor; see ``KernelInterface/duplicate(_:)``.
  public func duplicate(_ descriptor: CInt) -> CInt {
    guard let substitute else { return cdrm_dup(descriptor) }
    return substitute.duplicate(descriptor)
  }

  /// Maintains the CPU's caches by address; see
  /// ``KernelInterface/maintainCaches(_:_:length:)``.
  public func maintainCaches(_ operation: CacheOperation, _ address: Int, length: Int) -> CInt {
    guard let substitute else { return HostCaches.maintain(operation, address, length: length) }
    return substitute.maintainCaches(operation, address, length: length)
  }

  /// The kernel's page size in bytes.
  public var pageSize: Int { substitute?.pageSize ?? Int(cdrm_page_size()) }

  /// Lists the DRM devices, in no fixed order.
  public func devices() -> [DeviceEntry] {
    guard let substitute else { return HostDevices.list() }
    return substitute.devices()
  }
}

/// The caches of the CPU that this process runs on.
private enum HostCaches {
  /// Maintains the lines of a range and waits for the end; ENOSYS where the CPU has no instructions for it.
  static func maintain(_ operation: CacheOperation, _ address: Int, length: Int) -> CInt {
    guard cdrm_cache_line_size() > 0 else { return Errno.ENOSYS.answer }
    guard length > 0, let start = unsafe UnsafeMutableRawPointer(bitPattern: address) else {
      return 0
    }
    switch operation {
    case .clean: unsafe cdrm_cache_clean(start, length)
    case .cleanAndInvalidate: unsafe cdrm_cache_clean_and_invalidate(start, length)
    }
    return 0
  }
}
