// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import DRMKernel

/// The mock of one driver at one version: its ioctls and hooks.
protocol MockDriver: AnyObject {
  /// The driver whose name `DRM_IOCTL_VERSION` reports.
  var identity: DRMDriver { get }
  /// The description that `DRM_IOCTL_VERSION` reports.
  var summary: String { get }
  /// Whether it has `DRIVER_SYNCOBJ`, and `DRIVER_SYNCOBJ_TIMELINE`.
  var hasSyncobj: Bool { get }
  var hasSyncobjTimeline: Bool { get }
  /// The driver's own ioctls at its version.
  var table: MockIoctlTable { get }

  /// Make the driver's state for an open file, and for a BO.
  func makeFileState() -> AnyObject
  func makeBufferState() -> AnyObject

  /// Called for a new handle of a BO: `drm_gem_object_funcs.open`.
  func handleOpened(_ buffer: MockBuffer, in file: MockFile) throws(Errno)
  /// Called for a deleted handle of a BO: `drm_gem_object_funcs.close`.
  func handleClosed(_ buffer: MockBuffer, in file: MockFile)

  /// Called at the last close of a file: `drm_driver.postclose`.
  ///
  /// The mock deletes the file's handles after this call; the kernel deletes them before it (`drm_gem_release`).
  func fileClosed(_ file: MockFile)

  /// Throws the driver's error for a BO that must not be exported: `drm_gem_object_funcs.export`.
  func allowExport(of buffer: MockBuffer) throws(Errno)
  /// Throws the driver's error for a BO that another device must not import: `drm_gem_object_funcs.pin`.
  func allowAttachment(to buffer: MockBuffer) throws(Errno)
  /// Whether its dma-bufs sync caches at START and END: `begin_cpu_access`, `end_cpu_access`.
  var hasAccessHooks: Bool { get }
  /// Whether its jobs add fences to their BOs and wait for the fences there: `struct dma_resv`.
  var hasImplicitFences: Bool { get }
  /// Whether it has dumb buffers: `drm_driver.dumb_create`.
  var hasDumbBuffers: Bool { get }
  /// Throws the driver's error for a BO that must not be mapped: `drm_gem_object_funcs.mmap`.
  func allowMapping(of buffer: MockBuffer) throws(Errno)
  /// Whether CPU mappings of a BO are write-combining: `drm_gem_shmem_object.map_wc`.
  func mapsWriteCombining(_ buffer: MockBuffer) -> Bool

  /// Returns the file with device registers for an `mmap` of those; nil for an `mmap` of a BO.
  func registers(_ request: MapRequest, in file: MockFile) throws(Errno) -> CInt?
}

/// The state of a driver without one.
final class NoState {}

/// Returns a driver's state of a file or BO as the type that its driver made.
func requireState<State>(_ state: AnyObject, as type: State.Type) -> State {
  guard let state = state as? State else {
    preconditionFailure("the object belongs to another driver")
  }
  return state
}

extension MockDriver {
  /// Returns the entry of an ioctl number, from the driver's table or the core's.
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

/// BO labels, which panthor and panfrost validate alike.
enum MockLabel {
  // With its NUL.
  private static let limit = 4096

  /// Validates a label: EFAULT for a bad address, E2BIG without NUL within the limit; 0 removes it.
  static func check(_ address: UInt64, on device: MockDevice) throws(Errno) {
    guard address != 0 else { return }
    let limit = device.injects(.labelLength) ? limit + 1 : limit
    guard try ClientMemory.readString(address, limit: limit) != nil else { throw .E2BIG }
  }
}
