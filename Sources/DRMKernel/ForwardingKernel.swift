// SPDX-License-Identifier: MIT

/// A kernel that lets another one answer everything; a subclass answers what it is made for.
open class ForwardingKernel: KernelInterface, @unchecked Sendable {
  // Sendable although it can be subclassed: the only state here is the other kernel.

  /// Who answers.
  public let base: Kernel

  /// Stands before a kernel.
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

  open func maintainCaches(_ operation: CacheOperation, _ address: Int, length: Int) -> CInt {
    base.maintainCaches(operation, address, length: length)
  }

  open var pageSize: Int { base.pageSize }

  open func devices() -> [DeviceEntry] { base.devices() }
}
