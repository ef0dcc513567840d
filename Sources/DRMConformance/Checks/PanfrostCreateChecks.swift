// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMDrivers
internal import DRMKernel

/// `DRM_IOCTL_PANFROST_CREATE_BO`.
let panfrostCreateChecks: [Check] = checks(
  of: .panfrost,
  [
    create("size_zero", "CREATE_BO of size 0 fails with EINVAL.", sizes: [0], .EINVAL),
    create("pad", "CREATE_BO with a nonzero pad fails with EINVAL.", pad: 1, .EINVAL),
    create(
      "unknown_flag", "CREATE_BO with an unknown flag fails with EINVAL.",
      flags: [8, 1 << 31], .EINVAL),
    create(
      "heap_executable", "CREATE_BO with HEAP and without NOEXEC fails with EINVAL.",
      flags: [heap], .EINVAL),
    create(
      "heap_wb_mmap", "CREATE_BO with HEAP and WB_MMAP fails with EINVAL.",
      flags: [heap | noExecute | wbMmap, heap | wbMmap], .EINVAL),
    create(
      "wb_mmap_absent", "CREATE_BO with WB_MMAP fails with EINVAL on a driver without it.",
      flags: [wbMmap], .EINVAL, .lacks(.writeBackMapping)),
    create(
      "heap_absent", "CREATE_BO with NOEXEC fails with EINVAL on a driver without it.",
      flags: [noExecute], .EINVAL, .lacks(.heapBuffers)),
    Check(
      "panfrost.create_bo.outputs",
      "CREATE_BO returns a handle and a GPU address of at least 32 MiB, and keeps the size."
    ) { probe in
      var argument = cdrm_panfrost_create_bo()
      argument.size = 1
      argument = try probe.call(cdrm_request_panfrost_create_bo, argument)
      try probe.expectEqual("size", argument.size, 1)
      try probe.expectEqual("handle", argument.handle, 1)
      try probe.expectEqual("from 32 MiB on", argument.offset >= 32 << 20, true)
      try probe.expectEqual("within a page", argument.offset % probe.pageSize, 0)
    },
    create(
      "size_past_addresses",
      "CREATE_BO of a size above the GPU's 4 GiB address space fails with ENOSPC.",
      sizes: [0xffff_f000, .max], flags: [noExecute], .errno(.ENOSPC), .feature(.heapBuffers)),
    zeroedBuffer("panfrost.create_bo.zeroed"),
    Check(
      "panfrost.create_bo.heap", "CREATE_BO with HEAP succeeds, and MMAP_BO fails with EINVAL.",
      .feature(.heapBuffers)
    ) { probe in
      let buffer = try PanfrostCalls.createHeap(in: probe)
      try probe.expect(.EINVAL) { () throws(DRMError) in _ = try buffer.fakeOffset() }
    },
  ])

private let noExecute = UInt32(CDRM_PANFROST_BO_NOEXEC)
private let heap = UInt32(CDRM_PANFROST_BO_HEAP)
private let wbMmap = UInt32(CDRM_PANFROST_BO_WB_MMAP)

/// A check of CREATE_BO with each of some sizes and flags.
private func create(
  _ name: String, _ statement: String, sizes: [UInt32] = [4096], flags: [UInt32] = [0],
  pad: UInt32 = 0, _ outcome: Outcome, _ requires: Requirement...
) -> Check {
  Check("panfrost.create_bo.\(name)", statement, requires) { probe in
    for size in sizes {
      for flags in flags {
        try probe.call(
          cdrm_request_panfrost_create_bo,
          cdrm_panfrost_create_bo(size: size, flags: flags, handle: 0, pad: pad, offset: 0),
          outcome)
      }
    }
  }
}
