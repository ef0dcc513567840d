// SPDX-License-Identifier: MIT

/// The few system calls a DRM client makes, for whoever answers in the kernel's place.
///
/// Raw numbers and pointers go in; the answer is at least 0, or a negated errno. Nothing here throws,
/// retries or interprets: a substitute is as blunt as a kernel.
public protocol KernelInterface: AnyObject, Sendable {
  /// Opens a device file; `flags` are those of `open(2)`.
  func open(_ path: String, flags: CInt) -> CInt

  /// Closes a descriptor.
  func close(_ descriptor: CInt) -> CInt

  /// Performs a DRM or dma-buf ioctl; the argument is read and written in place.
  func ioctl(_ descriptor: CInt, _ request: UInt, _ argument: UnsafeMutableRawPointer?) -> CInt

  /// Maps `length` bytes and answers their address, or a negated errno.
  func mmap(length: Int, protection: CInt, flags: CInt, _ descriptor: CInt, offset: Int64) -> Int

  /// Unmaps what `mmap` answered.
  func munmap(_ address: Int, length: Int) -> CInt

  /// Moves the file offset; on a dma-buf, `SEEK_END` with 0 answers its size.
  func lseek(_ descriptor: CInt, offset: Int64, whence: CInt) -> Int64

  /// Waits at most `milliseconds` and answers the ready events, 0 on time-out.
  func poll(_ descriptor: CInt, events: Int16, milliseconds: CInt) -> CInt

  /// Duplicates a descriptor, close-on-exec.
  func duplicate(_ descriptor: CInt) -> CInt

  /// Maintains the CPU's caches by address, as a process may without the kernel; ENOSYS where it cannot.
  ///
  /// No system call, and yet a part of the seam: only who made the mapping knows what its lines are.
  func maintainCaches(_ operation: CacheOperation, _ address: Int, length: Int) -> CInt

  /// The kernel's page size in bytes.
  var pageSize: Int { get }

  /// Lists the DRM devices, in no fixed order; not every node need be listed.
  func devices() -> [DeviceEntry]
}
