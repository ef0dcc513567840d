// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

/// Syncobjs, and sync files of their fences: `drm_syncobj.c`.
let syncobjChecks: [Check] =
  withSyncobjs.requiring(.syncobj) + [
    Check(
      "core.syncobj.not_offered",
      "The syncobj ioctls of a driver without syncobjs fail with EOPNOTSUPP.", .noSyncobj
    ) { probe in
      try probe.call(
        cdrm_request_syncobj_create, cdrm_syncobj_create(handle: 0, flags: 2),
        .errno(.EOPNOTSUPP))
      try destroy(1, pad: 1, .errno(.EOPNOTSUPP), in: probe)
    }
  ]

private let withSyncobjs: [Check] = [
  .call(
    "core.syncobj.unknown_flag", "SYNCOBJ_CREATE with an unknown flag fails with EINVAL.",
    cdrm_request_syncobj_create, cdrm_syncobj_create(handle: 0, flags: 2), .EINVAL),
  Check("core.syncobj.destroy_pad", "SYNCOBJ_DESTROY with a nonzero pad fails with EINVAL.") {
    probe in
    let handle = try SyncobjCalls.create(in: probe)
    try destroy(handle, pad: 1, .EINVAL, in: probe)
    try destroy(handle, .success, in: probe)
  },
  Check("core.syncobj.destroy_twice", "The second SYNCOBJ_DESTROY of a handle fails with EINVAL.") {
    probe in
    let handle = try SyncobjCalls.create(in: probe)
    try destroy(handle, .success, in: probe)
    try destroy(handle, .EINVAL, in: probe)
  },
  Check(
    "core.syncobj.export_signaled",
    "SYNCOBJ_HANDLE_TO_FD exports the fence of a signaled syncobj as a sync file."
  ) { probe in
    let handle = try SyncobjCalls.create(signaled: true, in: probe)
    let file = try SyncobjCalls.export(handle, in: probe)
    try probe.expectEqual("a descriptor", file.descriptor >= 0, true)
  },
  Check(
    "core.syncobj.export_without_fence",
    "SYNCOBJ_HANDLE_TO_FD as a sync file fails with EINVAL for a syncobj without a fence."
  ) { probe in
    try SyncobjCalls.exportFile(try SyncobjCalls.create(in: probe), .EINVAL, in: probe)
  },
  Check(
    "core.syncobj.export_bad_handle",
    "SYNCOBJ_HANDLE_TO_FD as a sync file fails with ENOENT for an unknown handle."
  ) { probe in
    try SyncobjCalls.exportFile(4711, .ENOENT, in: probe)
  },
  Check(
    "core.syncobj.import",
    "SYNCOBJ_FD_TO_HANDLE imports the fence of a sync file, which can be exported again."
  ) { probe in
    let signaled = try SyncobjCalls.create(signaled: true, in: probe)
    let file = try SyncobjCalls.export(signaled, in: probe)
    let empty = try SyncobjCalls.create(in: probe)
    try importFile(file.descriptor, into: empty, .success, in: probe)
    let again = try SyncobjCalls.export(empty, in: probe)
    try probe.expectEqual("another descriptor", again.descriptor != file.descriptor, true)
  },
  Check(
    "core.syncobj.import_no_sync_file",
    "SYNCOBJ_FD_TO_HANDLE of a descriptor that is not a sync file fails with EINVAL."
  ) { probe in
    let handle = try SyncobjCalls.create(in: probe)
    try importFile(probe.node.descriptor, into: handle, .EINVAL, in: probe)
  },
]

private func destroy(
  _ handle: UInt32, pad: UInt32 = 0, _ outcome: Outcome, in probe: Probe
) throws {
  try probe.call(
    cdrm_request_syncobj_destroy, cdrm_syncobj_destroy(handle: handle, pad: pad), outcome)
}

private func importFile(
  _ descriptor: CInt, into handle: UInt32, _ outcome: Outcome, in probe: Probe
) throws {
  try probe.call(
    cdrm_request_syncobj_fd_to_handle,
    cdrm_syncobj_handle(
      handle: handle, flags: UInt32(CDRM_SYNCOBJ_FD_TO_HANDLE_FLAGS_IMPORT_SYNC_FILE),
      fd: descriptor, pad: 0), outcome)
}
