// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

/// Syncobjs as far as sync files need them: `drm_syncobj.c`.
let syncobjChecks: [Check] =
  withSyncobjs.map { $0.requiring(.syncobj) } + [
    Check("core.syncobj.not_offered", "A driver without syncobjs answers EOPNOTSUPP.", .noSyncobj) {
      probe in
      var argument = cdrm_syncobj_create(handle: 0, flags: 2)
      try probe.expect(
        probe.ioctl(cdrm_request_syncobj_create, &argument), .errno(.EOPNOTSUPP))
      var gone = cdrm_syncobj_destroy(handle: 1, pad: 1)
      try probe.expect(
        probe.ioctl(cdrm_request_syncobj_destroy, &gone), .errno(.EOPNOTSUPP))
    }
  ]

private let withSyncobjs: [Check] = [
  Check("core.syncobj.unknown_flag", "SYNCOBJ_CREATE with an unknown flag is EINVAL.") { probe in
    var argument = cdrm_syncobj_create(handle: 0, flags: 2)
    try probe.expect(probe.ioctl(cdrm_request_syncobj_create, &argument), .EINVAL)
  },
  Check("core.syncobj.destroy_pad", "SYNCOBJ_DESTROY with a nonzero pad is EINVAL.") { probe in
    let handle = try create(in: probe)
    try probe.expect(destroy(handle, pad: 1, in: probe), .EINVAL)
    try probe.expect(destroy(handle, in: probe), .success)
  },
  Check("core.syncobj.destroy_twice", "The second SYNCOBJ_DESTROY of a handle is EINVAL.") {
    probe in
    let handle = try create(in: probe)
    try probe.expect(destroy(handle, in: probe), .success)
    try probe.expect(destroy(handle, in: probe), .EINVAL)
  },
  Check(
    "core.syncobj.export_signaled", "A signaled syncobj gives a sync file."
  ) { probe in
    let handle = try create(flags: CDRM_SYNCOBJ_CREATE_SIGNALED, in: probe)
    let file = SyncFile(
      descriptor: try exportFile(handle, .success, in: probe), kernel: probe.kernel)
    try probe.expectEqual("a descriptor", file.descriptor >= 0, true)
  },
  Check(
    "core.syncobj.export_without_fence", "A syncobj without a fence gives no sync file: EINVAL."
  ) { probe in
    _ = try exportFile(try create(in: probe), .EINVAL, in: probe)
  },
  Check(
    "core.syncobj.export_bad_handle", "A sync file of a syncobj that never was is ENOENT."
  ) { probe in
    _ = try exportFile(4711, .ENOENT, in: probe)
  },
  Check(
    "core.syncobj.import", "A syncobj takes the fence of a sync file, and gives it again."
  ) { probe in
    let signaled = try create(flags: CDRM_SYNCOBJ_CREATE_SIGNALED, in: probe)
    let file = SyncFile(
      descriptor: try exportFile(signaled, .success, in: probe), kernel: probe.kernel)
    let empty = try create(in: probe)
    try probe.expect(importFile(file.descriptor, into: empty, in: probe), .success)
    let again = SyncFile(
      descriptor: try exportFile(empty, .success, in: probe), kernel: probe.kernel)
    try probe.expectEqual("another descriptor", again.descriptor != file.descriptor, true)
  },
  Check(
    "core.syncobj.import_no_sync_file", "A descriptor that is no sync file is EINVAL."
  ) { probe in
    let handle = try create(in: probe)
    try probe.expect(importFile(probe.node.descriptor, into: handle, in: probe), .EINVAL)
  },
]

private func create(flags: Int = 0, in probe: Probe) throws -> UInt32 {
  var argument = cdrm_syncobj_create(handle: 0, flags: UInt32(flags))
  try probe.expect(probe.ioctl(cdrm_request_syncobj_create, &argument), .success)
  return argument.handle
}

private func destroy(_ handle: UInt32, pad: UInt32 = 0, in probe: Probe) -> CInt {
  var argument = cdrm_syncobj_destroy(handle: handle, pad: pad)
  return probe.ioctl(cdrm_request_syncobj_destroy, &argument)
}

private func exportFile(
  _ handle: UInt32, _ outcome: Outcome, in probe: Probe
) throws -> CInt {
  var argument = cdrm_syncobj_handle(
    handle: handle, flags: UInt32(CDRM_SYNCOBJ_HANDLE_TO_FD_FLAGS_EXPORT_SYNC_FILE), fd: -1,
    pad: 0)
  try probe.expect(probe.ioctl(cdrm_request_syncobj_handle_to_fd, &argument), outcome)
  return argument.fd
}

private func importFile(_ descriptor: CInt, into handle: UInt32, in probe: Probe) -> CInt {
  var argument = cdrm_syncobj_handle(
    handle: handle, flags: UInt32(CDRM_SYNCOBJ_FD_TO_HANDLE_FLAGS_IMPORT_SYNC_FILE),
    fd: descriptor, pad: 0)
  return probe.ioctl(cdrm_request_syncobj_fd_to_handle, &argument)
}
