// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMDrivers
internal import DRMKernel

/// GEM handles and PRIME as in the DRM core: `drm_gem.c`, `drm_prime.c`.
let handleChecks: [Check] = [
  .call(
    "core.gem_close.never_created", "GEM_CLOSE of an unknown handle fails with EINVAL.",
    cdrm_request_gem_close, cdrm_gem_close(handle: 4711, pad: 0), .EINVAL),
  .call(
    "core.gem_close.zero", "GEM_CLOSE of handle 0 fails with EINVAL.",
    cdrm_request_gem_close, cdrm_gem_close(handle: 0, pad: 0), .EINVAL),
  Check(
    "core.gem_close.twice", "The second GEM_CLOSE of a handle fails with EINVAL.",
    .feature(.buffers)
  ) { probe in
    let handle = try probe.node.createBuffer(size: 4096).disown().rawValue
    try close(handle, .success, in: probe)
    try close(handle, .EINVAL, in: probe)
  },
  Check("core.gem_close.pad_ignored", "GEM_CLOSE ignores pad.", .feature(.buffers)) { probe in
    let handle = try probe.node.createBuffer(size: 4096).disown().rawValue
    try probe.call(cdrm_request_gem_close, cdrm_gem_close(handle: handle, pad: .max))
  },
  Check(
    "core.gem_handle.reused",
    "A new BO gets the lowest free handle, also if that was just closed.", .feature(.buffers)
  ) { probe in
    let kept = try probe.node.createBuffer(size: 4096)
    let second = try probe.node.createBuffer(size: 4096).disown().rawValue
    let third = try probe.node.createBuffer(size: 4096).disown().rawValue
    let last = try probe.node.createBuffer(size: 4096)
    try close(third, .success, in: probe)
    try close(second, .success, in: probe)
    let lower = try probe.node.createBuffer(size: 4096)
    let upper = try probe.node.createBuffer(size: 4096)
    try probe.expectEqual(
      "handles",
      [kept.handle.rawValue, lower.handle.rawValue, upper.handle.rawValue, last.handle.rawValue],
      [1, 2, 3, 4])
  },
  Check(
    "core.gem_change_handle.refused", "GEM_CHANGE_HANDLE fails with EINVAL.", .feature(.buffers)
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096)
    try probe.call(
      cdrm_request_gem_change_handle,
      cdrm_gem_change_handle(handle: buffer.handle.rawValue, new_handle: 77), .EINVAL)
  },
  .call(
    "core.prime.export_flag_before_handle",
    "HANDLE_TO_FD with an unknown flag fails with EINVAL, also for an unknown handle.",
    cdrm_request_prime_handle_to_fd, cdrm_prime_handle(handle: 4711, flags: 1, fd: -1), .EINVAL),
  .call(
    "core.prime.export_bad_handle", "HANDLE_TO_FD of an unknown handle fails with ENOENT.",
    cdrm_request_prime_handle_to_fd, cdrm_prime_handle(handle: 4711, flags: 0, fd: -1), .ENOENT),
  .call(
    "core.prime.import_no_descriptor", "FD_TO_HANDLE of descriptor -1 fails with EBADF.",
    cdrm_request_prime_fd_to_handle, cdrm_prime_handle(handle: 0, flags: 0, fd: -1),
    .errno(.EBADF)),
  Check(
    "core.prime.import_no_dma_buf",
    "FD_TO_HANDLE of a descriptor that is not a dma-buf fails with EINVAL."
  ) { probe in
    try RawCalls.importHandle(probe.node.descriptor, .EINVAL, in: probe)
  },
  Check(
    "core.prime.export_size", "SEEK_END on an exported dma-buf returns the size of its BO.",
    .feature(.buffers)
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 5000)
    let dmaBuf = try buffer.export()
    try probe.expectEqual("size", try dmaBuf.size(), buffer.size)
  },
  Check(
    "core.prime.reimport_same_file",
    "Importing a dma-buf into the file that exported it returns the existing handle.",
    .feature(.buffers)
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096)
    let dmaBuf = try buffer.export()
    let imported = try probe.node.importUnprepared(from: dmaBuf)
    try probe.expectEqual("imported handle", imported.handle.rawValue, buffer.handle.rawValue)
  },
  Check(
    "core.prime.one_close_ends_all_imports",
    "One GEM_CLOSE releases a handle, however many imports have returned it.", .feature(.buffers)
  ) { probe in
    let handle = try probe.node.createBuffer(size: 4096).disown().rawValue
    let dmaBuf = try RawCalls.export(handle, flags: 0x80002, in: probe)
    try RawCalls.importHandle(dmaBuf.descriptor, .success, in: probe)
    try RawCalls.importHandle(dmaBuf.descriptor, .success, in: probe)
    try close(handle, .success, in: probe)
    try close(handle, .EINVAL, in: probe)
  },
]

private func close(_ handle: UInt32, _ outcome: Outcome, in probe: Probe) throws {
  try probe.call(cdrm_request_gem_close, cdrm_gem_close(handle: handle, pad: 0), outcome)
}
