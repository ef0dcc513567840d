// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// Creation of syncobjs, and their export and import as sync files: `drm_syncobj.c`.
enum SyncobjIoctls {
  static func create(_ file: MockFile, _ argument: inout cdrm_syncobj_create) throws(Errno) {
    try require(file)
    let signaled = UInt32(CDRM_SYNCOBJ_CREATE_SIGNALED)
    guard argument.flags & ~signaled == 0 else { throw .EINVAL }
    argument.handle = file.insert(
      MockSyncobj(argument.flags & signaled != 0 ? [MockFence()] : nil))
  }

  static func destroy(_ file: MockFile, _ argument: inout cdrm_syncobj_destroy) throws(Errno) {
    try require(file)
    guard argument.pad == 0 else { throw .EINVAL }
    try file.destroySyncobj(argument.handle)
  }

  /// Exports the fences as a sync file.
  static func handleToDescriptor(
    _ file: MockFile, _ argument: inout cdrm_syncobj_handle
  ) throws(Errno) {
    try requireSyncFile(file, argument, flag: CDRM_SYNCOBJ_HANDLE_TO_FD_FLAGS_EXPORT_SYNC_FILE)
    guard let syncobj = file.syncobjs[argument.handle] else { throw .ENOENT }
    guard let fences = syncobj.fences() else { throw .EINVAL }
    argument.fd = try file.device.descriptors.insert(.syncFile(fences))
  }

  /// Imports the fences of a sync file.
  static func descriptorToHandle(
    _ file: MockFile, _ argument: inout cdrm_syncobj_handle
  ) throws(Errno) {
    try requireSyncFile(file, argument, flag: CDRM_SYNCOBJ_FD_TO_HANDLE_FLAGS_IMPORT_SYNC_FILE)
    let fences = try file.device.descriptors.fences(ofSyncFile: argument.fd)
    guard let syncobj = file.syncobjs[argument.handle] else { throw .ENOENT }
    syncobj.replace(with: fences)
  }

  /// Checks a conversion; only sync files are modelled, and a descriptor of the syncobj itself is ENOSYS.
  private static func requireSyncFile(
    _ file: MockFile, _ argument: cdrm_syncobj_handle, flag: Int
  ) throws(Errno) {
    try require(file)
    guard argument.pad == 0, argument.flags & ~UInt32(flag) == 0 else { throw .EINVAL }
    guard argument.flags == UInt32(flag) else { throw .ENOSYS }
  }

  /// Throws EOPNOTSUPP where the driver has no syncobjs.
  static func require(_ file: MockFile) throws(Errno) {
    guard file.device.driver.hasSyncobj else { throw .EOPNOTSUPP }
  }
}
