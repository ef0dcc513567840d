// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMDrivers
internal import DRMKernel

/// The ioctls of the DRM core, the same for every driver: `drm_ioctl.c`, `drm_gem.c`.
enum CoreIoctls {
  static let table = MockIoctlTable(modelled + DumbBuffers.table + notModelled)

  /// Whether a kernel lacks a core ioctl that later kernels have.
  static func isMissing(_ number: Int, in kernel: KernelVersion) -> Bool {
    let after612 = [cdrm_request_set_client_name, cdrm_request_gem_change_handle]
    return kernel <= .v6_12
      && after612.contains { IoctlRequest(rawValue: $0).number == number }
  }

  /// Ioctls for primary nodes (GET_UNIQUE, GET_MAGIC, SET_CLIENT_CAP, FLINK, OPEN) and SYNCOBJ_TRANSFER.
  private static let notModelled: [MockIoctl] =
    [0xC010_6401, 0x8004_6402, 0x4010_640D, 0xC008_640A, 0xC010_640B]
    .map { .notModelled($0, render: false) }
    + [.notModelled(0xC020_64CC)]

  private static let modelled: [MockIoctl] = [
    .entry(cdrm_request_version, version),
    .entry(cdrm_request_get_cap, capability),
    .entry(cdrm_request_gem_close) { (file, argument: inout cdrm_gem_close) throws(Errno) in
      try file.close(argument.handle)
    },
    .entry(cdrm_request_gem_change_handle) {
      // The kernel's table has a stub that always fails: drm_invalid_op.
      (_, _: inout cdrm_gem_change_handle) throws(Errno) in throw .EINVAL
    },
    .entry(cdrm_request_prime_handle_to_fd, PRIME.handleToDescriptor),
    .entry(cdrm_request_prime_fd_to_handle, PRIME.descriptorToHandle),
    .entry(cdrm_request_set_client_name, setClientName),
    .entry(cdrm_request_syncobj_create, SyncobjIoctls.create),
    .entry(cdrm_request_syncobj_destroy, SyncobjIoctls.destroy),
    .entry(cdrm_request_syncobj_handle_to_fd, SyncobjIoctls.handleToDescriptor),
    .entry(cdrm_request_syncobj_fd_to_handle, SyncobjIoctls.descriptorToHandle),
    .entry(cdrm_request_syncobj_wait, SyncobjIoctls.wait),
    .entry(cdrm_request_syncobj_reset, SyncobjIoctls.reset),
    .entry(cdrm_request_syncobj_signal, SyncobjIoctls.signal),
    .entry(cdrm_request_syncobj_timeline_wait, SyncobjIoctls.timelineWait),
    .entry(cdrm_request_syncobj_query, SyncobjIoctls.query),
    .entry(cdrm_request_syncobj_timeline_signal, SyncobjIoctls.timelineSignal),
  ]

  /// Returns the driver's version: `drm_version`.
  private static func version(
    _ file: MockFile,
    _ argument: inout cdrm_version
  ) throws(Errno) {
    let driver = file.device.driver
    argument.major = 1
    argument.minor = Int32(file.device.profile.minor)
    argument.patchlevel = 0
    try copy(driver.identity.name, to: argument.name, length: &argument.name_len)
    try copy("0", to: argument.date, length: &argument.date_len)
    try copy(driver.summary, to: argument.desc, length: &argument.desc_len)
  }

  /// Copies a string, cut to the caller's length, without a NUL: `drm_copy_field`.
  ///
  /// The full length is returned even where the string cannot be written.
  private static func copy(
    _ string: String, to address: UInt64, length: inout UInt64
  ) throws(Errno) {
    let bytes = Array(string.utf8)
    let room = length
    length = UInt64(bytes.count)
    guard address != 0, room > 0 else { return }
    try ClientMemory.writeBytes(address, Array(bytes.prefix(Int(min(room, 4096)))))
  }

  private static func capability(
    _ file: MockFile,
    _ argument: inout cdrm_get_cap
  ) throws(Errno) {
    argument.value = 0
    switch argument.capability {
    case UInt64(CDRM_CAP_TIMESTAMP_MONOTONIC): argument.value = 1
    case UInt64(CDRM_CAP_PRIME):
      argument.value = UInt64(CDRM_PRIME_CAP_IMPORT | CDRM_PRIME_CAP_EXPORT)
    case UInt64(CDRM_CAP_SYNCOBJ): argument.value = file.device.driver.hasSyncobj ? 1 : 0
    case UInt64(CDRM_CAP_SYNCOBJ_TIMELINE):
      argument.value = file.device.driver.hasSyncobjTimeline ? 1 : 0
    // The other capabilities are for drivers with displays: DRIVER_MODESET.
    default: throw .EOPNOTSUPP
    }
  }

  private static func setClientName(
    _ file: MockFile,
    _ argument: inout cdrm_set_client_name
  ) throws(Errno) {
    guard argument.name_len <= 64 else { throw .EINVAL }
    guard argument.name_len > 0 else { return }
    let name = try ClientMemory.readBytes(argument.name, count: Int(argument.name_len))
    guard name.allSatisfy({ 0x21...0x7e ~= $0 }) else { throw .EINVAL }
  }
}
