// SPDX-License-Identifier: MIT

internal import DRMKernel

/// How one driver answers, at one version.
protocol MockDriver: AnyObject {
  /// What `DRM_IOCTL_VERSION` gives as name and description.
  var name: String { get }
  var summary: String { get }
  var hasSyncobj: Bool { get }
  var hasSyncobjTimeline: Bool { get }
  /// The driver's own ioctls at its version.
  var table: MockIoctlTable { get }

  /// What the driver keeps for each open file, and for each BO.
  func makeFileState() -> AnyObject
  func makeBufferState() -> AnyObject

  /// A BO gets a handle in a file, or throws what the driver refuses that with.
  func handleOpened(_ buffer: MockBuffer, in file: MockFile) throws(Errno)
  /// A BO loses a handle in a file.
  func handleClosed(_ buffer: MockBuffer, in file: MockFile)

  /// A file is closed for good, before its handles are.
  func fileClosed(_ file: MockFile)

  /// Throws what the driver answers where a BO must not be exported.
  func allowExport(of buffer: MockBuffer) throws(Errno)
  /// Throws what the driver answers where another device must not map a BO it exported.
  func allowAttachment(to buffer: MockBuffer) throws(Errno)
  /// Whether its dma-bufs sync caches at the begin and the end of a CPU access.
  var hasAccessHooks: Bool { get }
  /// Whether its jobs' fences are waited for by whoever uses the same memory.
  var hasImplicitFences: Bool { get }
  /// Whether the driver has dumb buffers.
  var hasDumbBuffers: Bool { get }
  /// Throws what the driver answers where a BO must not be mapped, although its offset was found.
  func allowMapping(of buffer: MockBuffer) throws(Errno)
  /// Whether the CPU maps a BO write-combining.
  func mapsWriteCombining(_ buffer: MockBuffer) -> Bool

  /// Answers the file that holds device registers, where an `mmap` asks for those; nil where it does not.
  func registers(_ request: MapRequest, in file: MockFile) throws(Errno) -> CInt?
}

/// The state of a driver that keeps none.
final class NoState {}

extension MockDriver {
  /// Answers the entry for an ioctl number, the driver's or the core's.
  func entry(_ number: Int) -> MockIoctl? {
    0x40..<0xa0 ~= number ? table[number] : CoreIoctls.table[number]
  }

  func makeFileState() -> AnyObject { NoState() }
  func makeBufferState() -> AnyObject { NoState() }
  func handleOpened(_ buffer: MockBuffer, in file: MockFile) throws(Errno) {}
  func handleClosed(_ buffer: MockBuffer, in file: MockFile) {}
  func fileClosed(_ file: MockFile) {}
  func allowExport(of buffer: MockBuffer) throws(Errno) {}
  func allowAttachment(to buffer: MockBuffer) throws(Errno) {}
  func allowMapping(of buffer: MockBuffer) throws(Errno) {}
  func mapsWriteCombining(_ buffer: MockBuffer) -> Bool { !buffer.device.profile.isCoherent }
  func registers(_ request: MapRequest, in file: MockFile) throws(Errno) -> CInt? { nil }
  var hasAccessHooks: Bool { false }
  var hasImplicitFences: Bool { false }
  var hasDumbBuffers: Bool { false }
}
