// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// A syncobj: a place for a fence, with none at first.
final class MockSyncobj {
  var hasFence: Bool

  init(hasFence: Bool) {
    self.hasFence = hasFence
  }
}

/// Syncobjs as far as sync files need them: `drm_syncobj.c`.
enum Syncobjs {
  static func create(_ file: MockFile, _ argument: inout cdrm_syncobj_create) throws(Errno) {
    try require(file)
    let signaled = UInt32(CDRM_SYNCOBJ_CREATE_SIGNALED)
    guard argument.flags & ~signaled == 0 else { throw .EINVAL }
    argument.handle = file.insert(MockSyncobj(hasFence: argument.flags & signaled != 0))
  }

  static func destroy(_ file: MockFile, _ argument: inout cdrm_syncobj_destroy) throws(Errno) {
    try require(file)
    guard argument.pad == 0 else { throw .EINVAL }
    try file.destroySyncobj(argument.handle)
  }

  /// Throws EOPNOTSUPP where the driver has no syncobjs.
  private static func require(_ file: MockFile) throws(Errno) {
    guard file.device.driver.hasSyncobj else { throw .EOPNOTSUPP }
  }

  /// Only sync files are modelled, not the sharing of syncobjs themselves.
  static func handleToDescriptor(
    _ file: MockFile, _ argument: inout cdrm_syncobj_handle
  ) throws(Errno) {
    try require(file)
    let syncFile = UInt32(CDRM_SYNCOBJ_HANDLE_TO_FD_FLAGS_EXPORT_SYNC_FILE)
    guard argument.pad == 0, argument.flags & ~syncFile == 0 else { throw .EINVAL }
    guard argument.flags == syncFile else { throw .ENOSYS }
    guard let syncobj = file.syncobjs[argument.handle] else { throw .ENOENT }
    guard syncobj.hasFence else { throw .EINVAL }
    argument.fd = try file.device.descriptors.insert(.syncFile)
  }

  static func descriptorToHandle(
    _ file: MockFile, _ argument: inout cdrm_syncobj_handle
  ) throws(Errno) {
    try require(file)
    let syncFile = UInt32(CDRM_SYNCOBJ_FD_TO_HANDLE_FLAGS_IMPORT_SYNC_FILE)
    guard argument.pad == 0, argument.flags & ~syncFile == 0 else { throw .EINVAL }
    guard argument.flags == syncFile else { throw .ENOSYS }
    try file.device.descriptors.requireSyncFile(argument.fd)
    guard let syncobj = file.syncobjs[argument.handle] else { throw .ENOENT }
    syncobj.hasFence = true
  }
}
