// SPDX-License-Identifier: MIT

internal import CDRM

extension IoctlLayout {
  /// The ioctls of panfrost.
  static let panfrost = IoctlLayoutTable([
    IoctlLayout(
      "PANFROST_SUBMIT", cdrm_request_panfrost_submit,
      .u64("jc", names: .hexadecimal),
      .array("in_syncs", count: "in_sync_count", of: syncobj), .u32("in_sync_count"),
      .u32("out_sync", .input, .handle(.syncobj)),
      .array("bo_handles", count: "bo_handle_count", of: buffer), .u32("bo_handle_count"),
      .u32("requirements", names: .flags([0: "FS", 1: "CYCLE_COUNT"])),
      .u32("jm_ctx_handle", .input, .handle(.context)), .u32("pad")),
    IoctlLayout(
      "PANFROST_WAIT_BO", cdrm_request_panfrost_wait_bo,
      .u32("handle", .input, .handle(.gem)), .u32("pad"), .deadline("timeout_ns")),
    IoctlLayout(
      "PANFROST_CREATE_BO", cdrm_request_panfrost_create_bo,
      .u32("size"), .u32("flags", names: bufferFlags), .u32("handle", .output, .handle(.gem)),
      .u32("pad"), .u64("offset", .output, .gpuAddress),
      stable: ["size", "handle"]),
    IoctlLayout(
      "PANFROST_MMAP_BO", cdrm_request_panfrost_mmap_bo,
      .u32("handle", .input, .handle(.gem)), .u32("flags"),
      .u64("offset", .output, .fakeOffset)),
    IoctlLayout(
      "PANFROST_GET_PARAM", cdrm_request_panfrost_get_param,
      .u32("param", names: parameters), .u32("pad"), .u64("value", .output),
      stable: ["value"], times: [timestamp], hardware: [registers, frequency]),
    IoctlLayout(
      "PANFROST_GET_BO_OFFSET", cdrm_request_panfrost_get_bo_offset,
      .u32("handle", .input, .handle(.gem)), .u32("pad"),
      .u64("offset", .output, .gpuAddress)),
    IoctlLayout(
      "PANFROST_MADVISE", cdrm_request_panfrost_madvise,
      .u32("handle", .input, .handle(.gem)),
      .u32("madv", names: .values([0: "WILLNEED", 1: "DONTNEED"])),
      .u32("retained", .output),
      stable: ["retained"]),
    IoctlLayout(
      "PANFROST_SET_LABEL_BO", cdrm_request_panfrost_set_label_bo,
      .u32("handle", .input, .handle(.gem)), .u32("pad"), .string("label", limit: 4096)),
    IoctlLayout(
      "PANFROST_JM_CTX_CREATE", cdrm_request_panfrost_jm_ctx_create,
      .u32("handle", .output, .handle(.context)),
      .u32("priority", names: .values([0: "LOW", 1: "MEDIUM", 2: "HIGH"])),
      stable: ["handle"]),
    IoctlLayout(
      "PANFROST_JM_CTX_DESTROY", cdrm_request_panfrost_jm_ctx_destroy,
      .u32("handle", .input, .handle(.context)), .u32("pad")),
    IoctlLayout(
      "PANFROST_SYNC_BO", cdrm_request_panfrost_sync_bo,
      .array("ops", count: "op_count", of: syncOperation), .u32("op_count"), .u32("pad")),
    IoctlLayout(
      "PANFROST_QUERY_BO_INFO", cdrm_request_panfrost_query_bo_info,
      .u32("handle", .input, .handle(.gem)),
      .u32("extra_flags", .output, names: .flags([0: "IS_IMPORTED"])),
      .u32("create_flags", .output, names: bufferFlags), .u32("pad", .output),
      stable: ["create_flags", "extra_flags", "pad"]),
  ])

  private static let syncobj = StructLayout([.u32("handle", .input, .handle(.syncobj))])
  private static let buffer = StructLayout([.u32("handle", .input, .handle(.gem))])

  private static let bufferFlags = ValueNames.flags([0: "NOEXEC", 1: "HEAP", 2: "WB_MMAP"])

  private static let parameters = ValueNames.values([
    0: "GPU_PROD_ID", 1: "GPU_REVISION", 2: "SHADER_PRESENT", 3: "TILER_PRESENT",
    4: "L2_PRESENT", 6: "AS_PRESENT", 7: "JS_PRESENT", 8: "L2_FEATURES", 12: "MMU_FEATURES",
    17: "COHERENCY_FEATURES", 40: "AFBC_FEATURES", 41: "SYSTEM_TIMESTAMP",
    42: "SYSTEM_TIMESTAMP_FREQUENCY", 43: "ALLOWED_JM_CTX_PRIORITIES",
    44: "SELECTED_COHERENCY",
  ])

  /// `struct drm_panfrost_bo_sync_op`.
  private static let syncOperation = StructLayout([
    .u32("handle", .input, .handle(.gem)),
    .u32("type", names: .values([0: "FLUSH", 1: "FLUSH_AND_INVALIDATE"])),
    .u32("offset"), .u32("size"),
  ])

  private static func parameter(_ values: ClosedRange<Int>) -> VariableOutput {
    VariableOutput(
      selector: FieldSpan(offset: 0, width: 4),
      values: UInt64(values.lowerBound)...UInt64(values.upperBound), place: .argument,
      ranges: [8..<16])
  }

  private static let timestamp = parameter(
    CDRM_PANFROST_PARAM_SYSTEM_TIMESTAMP...CDRM_PANFROST_PARAM_SYSTEM_TIMESTAMP)
  /// The parameters with values of GPU registers.
  private static let registers = parameter(
    CDRM_PANFROST_PARAM_GPU_PROD_ID...CDRM_PANFROST_PARAM_AFBC_FEATURES)
  private static let frequency = parameter(
    CDRM_PANFROST_PARAM_SYSTEM_TIMESTAMP_FREQUENCY...CDRM_PANFROST_PARAM_SYSTEM_TIMESTAMP_FREQUENCY
  )
}
