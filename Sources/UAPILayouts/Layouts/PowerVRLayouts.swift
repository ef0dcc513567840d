// SPDX-License-Identifier: MIT

internal import CDRM

extension IoctlLayout {
  /// The ioctls of powervr that a client without jobs uses.
  static let powervr = IoctlLayoutTable([
    IoctlLayout(
      "PVR_DEV_QUERY", cdrm_request_pvr_dev_query,
      .u32("type"), .u32("size", .both), .bytes("pointer", .both, length: "size")),
    IoctlLayout(
      "PVR_CREATE_BO", cdrm_request_pvr_create_bo,
      .u64("size", .both), .u32("handle", .output, .handle(.gem)), .u32("_padding_c"),
      .u64(
        "flags",
        names: .flags([
          0: "BYPASS_DEVICE_CACHE", 1: "PM_FW_PROTECT", 2: "ALLOW_CPU_USERSPACE_ACCESS",
        ])),
      stable: ["size", "handle"]),
    IoctlLayout(
      "PVR_GET_BO_MMAP_OFFSET", cdrm_request_pvr_get_bo_mmap_offset,
      .u32("handle", .input, .handle(.gem)), .u32("_padding_4"),
      .u64("offset", .output, .fakeOffset)),
  ])
}
