// SPDX-License-Identifier: MIT

/// The system-call interface: the few calls that a DRM client makes.
///
/// Arguments are raw numbers and pointers; a result is at least 0, or a negated errno. Nothing here throws,
/// retries or interprets, for a substitute behaves as a kernel does.
public protocol KernelInterface: AnyObject, Sendable {
  /// Opens a device file; `flags` are those of `open(2)`.
  func open(_ path: String, flags: CInt) -> CInt

  /// Closes a descriptor.
  func close(_ descriptor: CInt) -> CInt

  /// Performs a DRM or dma-buf ioctl; the argument is read and written in place.
  func ioctl(_ descriptor: CInt, _ request: UInt, _ argument: UnsafeMutableRawPointer?) -> CInt

  /// Maps `length` bytes and returns their address, or a negated errno.
  ///
  /// Only -4095 to -1 are errnos; any other number is an address, also a negative one.
  func mmap(length: Int, protection: CInt, flags: CInt, _ descriptor: CInt, offset: Int64) -> Int

  /// Unmaps `length` bytes from an address that `mmap` returned.
  func munmap(_ address: Int, length: Int) -> CInt

  /// Moves the file offset and returns it, in bytes; on a dma-buf, `SEEK_END` with 0 returns its size.
  func lseek(_ descriptor: CInt, offset: Int64, whence: CInt) -> Int64

  /// Waits at most `milliseconds` and returns the ready events, 0 on time-out.
  func poll(_ descriptor: CInt, events: Int16, milliseconds: CInt) -> CInt

  /// Duplicates a descriptor; the new one is close-on-exec.
  func duplicate(_ descriptor: CInt) -> CInt

  /// Whether mappings are memory of this process; true unless a substitute says otherwise.
  ///
  /// Where it is false, an address that `mmap` returned is only a name: for `munmap`, `fetch`, `store` and
  /// `maintainCaches`, and as a number in an ioctl's argument.
  var mapsIntoProcess: Bool { get }

  /// Copies bytes of one mapping out, from an address on, and returns 0.
  ///
  /// By default it copies memory of this process.
  func fetch(_ target: UnsafeMutableRawBufferPointer, from address: Int) -> CInt

  /// Copies bytes into one mapping, from an address on, and returns 0.
  ///
  /// By default it copies memory of this process.
  func store(_ source: UnsafeRawBufferPointer, at address: Int) -> CInt

  /// Maintains the CPU's caches by address, with the CPU's own instructions; ENOSYS where there are none.
  ///
  /// This is not a system call. It is here because only the kernel or its substitute knows what the cache
  /// lines of a mapping are.
  func maintainCaches(_ operation: CacheOperation, _ address: Int, length: Int) -> CInt

  /// The kernel's page size in bytes.
  var pageSize: Int { get }

  /// Lists the DRM devices, in no fixed order; the list may be incomplete.
  func devices() -> [DeviceEntry]
}

/// Cache maintenance by address, which a process does without a system call.
public enum CacheOperation: String, CaseIterable, Hashable, Sendable {
  /// Writes dirty lines back to memory: `dc cvac`.
  case clean
  /// Writes dirty lines back to memory and invalidates all lines: `dc civac`, `clflush`.
  case cleanAndInvalidate = "clean_and_invalidate"
}

/// One DRM device as the system lists it, before anything is opened.
public struct DeviceEntry: Hashable, Sendable {
  /// The path of the primary node, `/dev/dri/cardN`.
  public let primaryNode: String?
  /// The path of the render node, `/dev/dri/renderDN`.
  public let renderNode: String?
  /// The device tree's `compatible` strings, most specific first; empty off the platform bus.
  public let compatible: [String]

  /// Creates an entry.
  public init(primaryNode: String?, renderNode: String?, compatible: [String]) {
    self.primaryNode = primaryNode
    self.renderNode = renderNode
    self.compatible = compatible
  }

  /// Whether a path is one of the device's nodes.
  public func has(_ path: String) -> Bool { renderNode == path || primaryNode == path }
}
