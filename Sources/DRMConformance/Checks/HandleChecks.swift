// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRM
internal import DRMKernel

/// GEM handles and PRIME as the core has them: `drm_gem.c`, `drm_prime.c`.
let handleChecks: [Check] = [
  Check("core.gem_close.never_created", "GEM_CLOSE of a handle that never was is EINVAL.") {
    probe in
    try probe.expect(close(4711, in: probe), .EINVAL)
  },
  Check("core.gem_close.zero", "GEM_CLOSE of handle 0 is EINVAL.") { probe in
    try probe.expect(close(0, in: probe), .EINVAL)
  },
  Check("core.gem_close.twice", "The second GEM_CLOSE of a handle is EINVAL.", .feature(.buffers)) {
    probe in
    let handle = try probe.node.createBuffer(size: 4096).disown().rawValue
    try probe.expect(close(handle, in: probe), .success)
    try probe.expect(close(handle, in: probe), .EINVAL)
  },
  Check("core.gem_close.pad_ignored", "GEM_CLOSE does not look at pad.", .feature(.buffers)) {
    probe in
    let handle = try probe.node.createBuffer(size: 4096).disown().rawValue
    try probe.expect(close(handle, pad: 0xffff_ffff, in: probe), .success)
  },
  Check(
    "core.gem_handle.reused",
    "A new BO gets the lowest handle that is free, one just closed too.",
    .feature(.buffers)
  ) { probe in
    let kept = try probe.node.createBuffer(size: 4096)
    let second = try probe.node.createBuffer(size: 4096).disown().rawValue
    let third = try probe.node.createBuffer(size: 4096).disown().rawValue
    let last = try probe.node.createBuffer(size: 4096)
    try probe.expect(close(third, in: probe), .success)
    try probe.expect(close(second, in: probe), .success)
    let lower = try probe.node.createBuffer(size: 4096)
    let upper = try probe.node.createBuffer(size: 4096)
    try probe.expectEqual(
      "handles",
      [kept.handle.rawValue, lower.handle.rawValue, upper.handle.rawValue, last.handle.rawValue],
      [1, 2, 3, 4])
  },
  Check(
    "core.gem_change_handle.refused",
    "GEM_CHANGE_HANDLE is EINVAL.",
    .feature(.buffers)
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096)
    var argument = cdrm_gem_change_handle(handle: buffer.handle.rawValue, new_handle: 77)
    try probe.expect(probe.ioctl(cdrm_request_gem_change_handle, &argument), .EINVAL)
  },
  Check(
    "core.prime.export_flag_before_handle",
    "HANDLE_TO_FD with an unknown flag is EINVAL, even for a handle that never was."
  ) { probe in
    try probe.expect(export(4711, flags: 1, in: probe), .EINVAL)
  },
  Check(
    "core.prime.export_bad_handle",
    "HANDLE_TO_FD of a handle that never was is ENOENT."
  ) { probe in
    try probe.expect(export(4711, flags: 0, in: probe), .ENOENT)
  },
  Check("core.prime.import_no_descriptor", "FD_TO_HANDLE of descriptor -1 is EBADF.") { probe in
    try probe.expect(importing(-1, in: probe), .errno(.EBADF))
  },
  Check(
    "core.prime.import_no_dma_buf",
    "FD_TO_HANDLE of a descriptor that is no dma-buf is EINVAL."
  ) { probe in
    try probe.expect(importing(probe.node.descriptor, in: probe), .EINVAL)
  },
  Check(
    "core.prime.export_size",
    "The end of an exported dma-buf is the size of its BO.",
    .feature(.buffers)
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 5000)
    let dmaBuf = try buffer.export()
    try probe.expectEqual("size", try dmaBuf.size(), buffer.size)
  },
  Check(
    "core.prime.reimport_same_file",
    "Importing one's own export answers the handle that the BO already has.",
    .feature(.buffers)
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096)
    let dmaBuf = try buffer.export()
    let imported = try probe.node.importUnprepared(from: dmaBuf)
    try probe.expectEqual("imported handle", imported.handle.rawValue, buffer.handle.rawValue)
  },
  Check(
    "core.prime.one_close_ends_all_imports",
    "One GEM_CLOSE ends a handle, however often an import has answered it.",
    .feature(.buffers)
  ) { probe in
    let handle = try probe.node.createBuffer(size: 4096).disown().rawValue
    var exported = cdrm_prime_handle(handle: handle, flags: 0x80002, fd: -1)
    try probe.expect(probe.ioctl(cdrm_request_prime_handle_to_fd, &exported), .success)
    let dmaBuf = DMABuf(descriptor: exported.fd, kernel: probe.kernel)
    try probe.expect(importing(dmaBuf.descriptor, in: probe), .success)
    try probe.expect(importing(dmaBuf.descriptor, in: probe), .success)
    try probe.expect(close(handle, in: probe), .success)
    try probe.expect(close(handle, in: probe), .EINVAL)
  },
]

private func close(_ handle: UInt32, pad: UInt32 = 0, in probe: Probe) -> CInt {
  var argument = cdrm_gem_close(handle: handle, pad: pad)
  return probe.ioctl(cdrm_request_gem_close, &argument)
}

private func export(_ handle: UInt32, flags: UInt32, in probe: Probe) -> CInt {
  var argument = cdrm_prime_handle(handle: handle, flags: flags, fd: -1)
  return probe.ioctl(cdrm_request_prime_handle_to_fd, &argument)
}

private func importing(_ descriptor: CInt, in probe: Probe) -> CInt {
  var argument = cdrm_prime_handle(handle: 0, flags: 0, fd: descriptor)
  return probe.ioctl(cdrm_request_prime_fd_to_handle, &argument)
}
