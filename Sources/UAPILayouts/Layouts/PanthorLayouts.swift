// SPDX-License-Identifier: MIT

internal import CDRM

extension IoctlLayout {
  /// The ioctls of panthor.
  static let panthor = IoctlLayoutTable(panthorMemory + panthorGroups)

  private static let panthorMemory = [
    IoctlLayout(
      "PANTHOR_DEV_QUERY", cdrm_request_panthor_dev_query,
      .u32(
        "type",
        names: .values([
          0: "GPU_INFO", 1: "CSIF_INFO", 2: "TIMESTAMP_INFO", 3: "GROUP_PRIORITIES_INFO",
          4: "MMU_INFO",
        ])),
      .u32("size", .both),
      .bytes("pointer", .both, length: "size", selector: "type", contents: queries),
      stable: ["size"], times: [timestamps], hardware: [gpuInfo, queueInfo]),
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
      .u32("vm_id", .input, .handle(.vm)), .u32("flags", names: .flags([0: "ASYNC"])),
      .objectArray("ops", of: bindOperation)),
    IoctlLayout(
      "PANTHOR_VM_GET_STATE", cdrm_request_panthor_vm_get_state,
      .u32("vm_id", .input, .handle(.vm)),
      .u32("state", .output, names: .values([0: "USABLE", 1: "UNUSABLE"])),
      stable: ["state"]),
    IoctlLayout(
      "PANTHOR_BO_CREATE", cdrm_request_panthor_bo_create,
      .u64("size", .both), .u32("flags", names: bufferFlags),
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
      .u32("extra_flags", .output, names: .flags([0: "IS_IMPORTED"])),
      .u32("create_flags", .output, names: bufferFlags), .u32("pad", .output),
      stable: ["create_flags", "extra_flags", "pad"]),
  ]

  private static let bufferFlags = ValueNames.flags([0: "NO_MMAP", 1: "WB_MMAP"])

  /// `struct drm_panthor_bo_sync_op`.
  private static let syncOperation = StructLayout([
    .u32("handle", .input, .handle(.gem)),
    .u32("type", names: .values([0: "FLUSH", 1: "FLUSH_AND_INVALIDATE"])),
    .u64("offset"), .u64("size"),
  ])

  /// `struct drm_panthor_vm_bind_op`.
  private static let bindOperation = StructLayout([
    .u32(
      "flags",
      names: .flags([
        0: "READONLY", 1: "NOEXEC", 2: "UNCACHED", 3: "SPARSE", 28: "UNMAP", 29: "SYNC_ONLY",
      ])),
    .u32("bo_handle", .input, .handle(.gem)),
    .u64("bo_offset"), .u64("va"), .u64("size"),
    .objectArray("syncs", of: jobSync),
  ])

  /// The structs that DEV_QUERY returns, by its type.
  private static let queries: [UInt64: StructLayout] = [
    UInt64(CDRM_PANTHOR_DEV_QUERY_GPU_INFO): outputs([
      "gpu_id", "gpu_rev", "csf_id", "l2_features", "tiler_features", "mem_features",
      "mmu_features", "thread_features", "max_threads", "thread_max_workgroup_size",
      "thread_max_barrier_size", "coherency_features", "texture_features.0",
      "texture_features.1", "texture_features.2", "texture_features.3", "as_present",
      "selected_coherency", "shader_present:8", "l2_present:8", "tiler_present:8",
      "core_features", "pad", "gpu_features:8",
    ]),
    UInt64(CDRM_PANTHOR_DEV_QUERY_CSIF_INFO): outputs([
      "csg_slot_count", "cs_slot_count", "cs_reg_count", "scoreboard_slot_count",
      "unpreserved_cs_reg_count", "pad",
    ]),
    UInt64(CDRM_PANTHOR_DEV_QUERY_TIMESTAMP_INFO): outputs([
      "timestamp_frequency:8", "current_timestamp:8", "timestamp_offset:8", "flags",
      "duration_nsec", "cycle_count:8", "cpu_timestamp_sec:8", "cpu_timestamp_nsec:8",
    ]),
    UInt64(CDRM_PANTHOR_DEV_QUERY_GROUP_PRIORITIES_INFO): StructLayout([
      .u8("allowed_mask", .output)
    ]),
    UInt64(CDRM_PANTHOR_DEV_QUERY_MMU_INFO): outputs(["page_size_bitmap:8"]),
  ]

  /// Output fields of 32 bits, or of 64 bits where the name ends in `:8`.
  private static func outputs(_ names: [String]) -> StructLayout {
    StructLayout(
      names.map { name in
        name.hasSuffix(":8")
          ? .u64(String(name.dropLast(2)), .output, names: .hexadecimal)
          : .u32(name, .output, names: .hexadecimal)
      })
  }

  private static func query(_ type: Int, _ ranges: Range<Int>...) -> VariableOutput {
    VariableOutput(
      selector: FieldSpan(offset: 0, width: 4), values: UInt64(type)...UInt64(type),
      place: .buffer, ranges: ranges)
  }

  /// `struct drm_panthor_timestamp_info` without its flags.
  private static let timestamps = query(
    CDRM_PANTHOR_DEV_QUERY_TIMESTAMP_INFO, 0..<24, 28..<56)
  /// `struct drm_panthor_gpu_info` without `selected_coherency`.
  private static let gpuInfo = query(CDRM_PANTHOR_DEV_QUERY_GPU_INFO, 0..<68, 72..<112)
  /// `struct drm_panthor_csif_info`.
  private static let queueInfo = query(CDRM_PANTHOR_DEV_QUERY_CSIF_INFO, 0..<24)
}

extension IoctlLayout {
  /// The ioctls of panthor's queue groups.
  private static let panthorGroups = [
    IoctlLayout(
      "PANTHOR_GROUP_CREATE", cdrm_request_panthor_group_create,
      .objectArray("queues", of: queue), .u8("max_compute_cores"), .u8("max_fragment_cores"),
      .u8("max_tiler_cores"), .u8("priority"), .u32("pad"),
      .u64("compute_core_mask", names: .hexadecimal),
      .u64("fragment_core_mask", names: .hexadecimal),
      .u64("tiler_core_mask", names: .hexadecimal), .u32("vm_id", .input, .handle(.vm)),
      .u32("group_handle", .output, .handle(.group)),
      stable: ["group_handle"]),
    IoctlLayout(
      "PANTHOR_GROUP_DESTROY", cdrm_request_panthor_group_destroy,
      .u32("group_handle", .input, .handle(.group)), .u32("pad"),
      isRelease: true),
    IoctlLayout(
      "PANTHOR_GROUP_SUBMIT", cdrm_request_panthor_group_submit,
      .u32("group_handle", .input, .handle(.group)), .u32("pad"),
      .objectArray("queue_submits", of: submission)),
    // The kernel writes the whole argument, with the handle.
    IoctlLayout(
      "PANTHOR_GROUP_GET_STATE", cdrm_request_panthor_group_get_state,
      .u32("group_handle", .both, .handle(.group)),
      .u32(
        "state", .output, names: .flags([0: "TIMEDOUT", 1: "FATAL_FAULT", 2: "INNOCENT"])),
      .u32("fatal_queues", .output, names: .hexadecimal), .u32("pad", .both),
      stable: ["group_handle", "state", "fatal_queues", "pad"]),
  ]

  /// `struct drm_panthor_queue_create`.
  private static let queue = StructLayout([
    .u8("priority"), .u8("pad.0"), .u8("pad.1"), .u8("pad.2"), .u32("ringbuf_size"),
  ])

  /// `struct drm_panthor_queue_submit`.
  private static let submission = StructLayout([
    .u32("queue_index"), .u32("stream_size"), .u64("stream_addr", names: .hexadecimal),
    .u32("latest_flush"), .u32("pad"), .objectArray("syncs", of: jobSync),
  ])

  /// `struct drm_panthor_sync_op`.
  private static let jobSync = StructLayout([
    .u32("flags", names: .flags([0: "TIMELINE", 31: "SIGNAL"])),
    .u32("handle", .input, .handle(.syncobj)), .u64("timeline_value"),
  ])
}
