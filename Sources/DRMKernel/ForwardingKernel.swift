// SPDX-License-Identifier: MIT

/// An interposed kernel: it passes every call on, and a subclass overrides the calls that it changes.
open class ForwardingKernel: KernelInterface, @unchecked Sendable {
  // Sendable although it can be subclassed: the only state here is the other kernel.

  /// The kernel that calls are passed on to.
  public let base: Kernel

  /// Interposes between a client and a kernel.
  public init(_ base: Kernel) {
    self.base = base
  }

  open func open(_ path: String, flags: CInt) -> CInt { base.open(path, flags: flags) }

  open func close(_ descriptor: CInt) -> CInt { base.close(descriptor) }

  open func ioctl(
    _ descriptor: CInt, _ request: UInt, _ argument: UnsafeMutableRawPointer?
  ) -> CInt {
    unsafe base.ioctl(descriptor, request, argument)
  }

  open func mmap(
    length: Int, protection: CInt, flags: CInt, _ descriptor: CInt, offset: Int64
  ) -> Int {
    base.mmap(length: length, protection: protection, flags: flags, descriptor, offset: offset)
  }

  open func munmap(_ address: Int, length: Int) -> CInt { base.munmap(address, length: length) }

  open func lseek(_ descriptor: CInt, offset: Int64, whence: CInt) -> Int64 {
    base.lseek(descriptor, offset: offset, whence: whence)
  }

  open func poll(_ descriptor: CInt, events: Int16, milliseconds: CInt) -> CInt {
    base.poll(descriptor, events: events, milliseconds: milliseconds)
  }

  open func duplicate(_ descriptor: CInt) -> CInt { base.duplicate(descriptor) }

  open var mapsIntoProcess: Bool { base.mapsIntoProcess }

  open func fetch(_ target: UnsafeMutableRawBufferPointer, from address: Int) -> CInt {
    unsafe base.fetch(target, from: address)
  }

  open func store(_ source: UnsafeRawBufferPointer, at address: Int) -> CInt {
    unsafe base.store(source, at: address)
  }

  open func maintainCaches(_ operation: CacheOperation, _ address: Int, length: Int) -> CInt {
    base.maintainCaches(operation, address, length: length)
  }

  open var pageSize: Int { base.pageSize }

  open func devices() -> [DeviceEntry] { base.devices() }
}
