// SPDX-License-Identifier: MIT

internal import CDRM

extension IoctlLayout {
  /// panthor's own.
  static let panthor = IoctlLayoutTable([
    IoctlLayout(
      "PANTHOR_DEV_QUERY", cdrm_request_panthor_dev_query,
      .u32(
        "type",
        words: .values([
          "GPU_INFO", "CSIF_INFO", "TIMESTAMP_INFO", "GROUP_PRIORITIES_INFO", "MMU_INFO",
        ])),
      .u32("size", .both), .bytes("pointer", .both, length: "size"),
      stable: ["size"], clocks: [timestamps]),
    IoctlLayout(
      "PANTHOR_VM_CREATE", cdrm_request_panthor_vm_create,
      .u32("flags"), .u32("id", .output, .handle(.vm)), .u64("user_va_range", .both),
      stable: ["id"]),
    IoctlLayout(
      "PANTHOR_VM_DESTROY", cdrm_request_panthor_vm_destroy,
      .u32("id", .input, .handle(.vm)), .u32("pad"),
      isRelease: true),
    IoctlLayout(
      "PANTHOR_VM_BIND", cdrm_request_panthor_vm_bind,
      .u32("vm_id", .input, .handle(.vm)), .u32("flags", words: .flags(["ASYNC"])),
      .objectArray("ops", of: bindOperation)),
    IoctlLayout(
      "PANTHOR_VM_GET_STATE", cdrm_request_panthor_vm_get_state,
      .u32("vm_id", .input, .handle(.vm)),
      .u32("state", .output, words: .values(["USABLE", "UNUSABLE"])),
      stable: ["state"]),
    IoctlLayout(
      "PANTHOR_BO_CREATE", cdrm_request_panthor_bo_create,
      .u64("size", .both), .u32("flags", words: bufferFlags),
      .u32("exclusive_vm_id", .input, .handle(.vm)), .u32("handle", .output, .handle(.gem)),
      .u32("pad"),
      stable: ["size", "handle"]),
    IoctlLayout(
      "PANTHOR_BO_MMAP_OFFSET", cdrm_request_panthor_bo_mmap_offset,
      .u32("handle", .input, .handle(.gem)), .u32("pad"), .u64("offset", .output, .fakeOffset)),
    IoctlLayout(
      "PANTHOR_BO_SET_LABEL", cdrm_request_panthor_bo_set_label,
      .u32("handle", .input, .handle(.gem)), .u32("pad"), .string("label", limit: 4096)),
    IoctlLayout(
      "PANTHOR_SET_USER_MMIO_OFFSET", cdrm_request_panthor_set_user_mmio_offset,
      .u64("offset")),
    IoctlLayout(
      "PANTHOR_BO_SYNC", cdrm_request_panthor_bo_sync,
      .objectArray("ops", of: syncOperation)),
    IoctlLayout(
      "PANTHOR_BO_QUERY_INFO", cdrm_request_panthor_bo_query_info,
      .u32("handle", .input, .handle(.gem)),
      .u32("extra_flags", .output, words: .flags(["IS_IMPORTED"])),
      .u32("create_flags", .output, words: bufferFlags), .u32("pad", .output),
      stable: ["create_flags", "extra_flags", "pad"]),
  ])

  private static let bufferFlags = FieldWords.flags(["NO_MMAP", "WB_MMAP"])

  /// `struct drm_panthor_bo_sync_op`.
  private static let syncOperation = StructLayout([
    .u32("handle", .input, .handle(.gem)),
    .u32("type", words: .values(["FLUSH", "FLUSH_AND_INVALIDATE"])),
    .u64("offset"), .u64("size"),
  ])

  /// `struct drm_panthor_vm_bind_op`.
  private static let bindOperation = StructLayout([
    .u32("flags", words: .flags(["READONLY", "NOEXEC", "UNCACHED", "SPARSE"])),
    .u32("bo_handle", .input, .handle(.gem)),
    .u64("bo_offset"), .u64("va"), .u64("size"),
    .objectArray(
      "syncs",
      of: StructLayout([
        .u32("flags"), .u32("handle", .input, .handle(.syncobj)), .u64("timeline_value"),
      ])),
  ])

  /// All of `struct drm_panthor_timestamp_info` but the frequency and the flags.
  private static let timestamps = ClockOutput(
    selector: FieldSpan(offset: 0, width: 4),
    value: UInt64(CDRM_PANTHOR_DEV_QUERY_TIMESTAMP_INFO), place: .buffer,
    // The frequency is the machine's, which no two runs need have in common either.
    ranges: [0..<24, 28..<56])
}
