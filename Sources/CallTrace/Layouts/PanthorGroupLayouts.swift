// SPDX-License-Identifier: MIT

internal import CDRM

extension IoctlLayout {
  /// panthor's groups of queues, and what is submitted to them.
  static let panthorGroups = [
    IoctlLayout(
      "PANTHOR_GROUP_CREATE", cdrm_request_panthor_group_create,
      .objectArray("queues", of: queue), .u8("max_compute_cores"), .u8("max_fragment_cores"),
      .u8("max_tiler_cores"), .u8("priority"), .u32("pad"),
      .u64("compute_core_mask", words: .digits), .u64("fragment_core_mask", words: .digits),
      .u64("tiler_core_mask", words: .digits), .u32("vm_id", .input, .handle(.vm)),
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
    // All of the argument is written, the handle too.
    IoctlLayout(
      "PANTHOR_GROUP_GET_STATE", cdrm_request_panthor_group_get_state,
      .u32("group_handle", .both, .handle(.group)),
      .u32(
        "state", .output, words: .flags([0: "TIMEDOUT", 1: "FATAL_FAULT", 2: "INNOCENT"])),
      .u32("fatal_queues", .output, words: .digits), .u32("pad", .both),
      stable: ["group_handle", "state", "fatal_queues", "pad"]),
  ]

  /// `struct drm_panthor_queue_create`.
  private static let queue = StructLayout([
    .u8("priority"), .u8("pad.0"), .u8("pad.1"), .u8("pad.2"), .u32("ringbuf_size"),
  ])

  /// `struct drm_panthor_queue_submit`.
  private static let submission = StructLayout([
    .u32("queue_index"), .u32("stream_size"), .u64("stream_addr", words: .digits),
    .u32("latest_flush"), .u32("pad"), .objectArray("syncs", of: jobSync),
  ])

  /// `struct drm_panthor_sync_op`.
  static let jobSync = StructLayout([
    .u32("flags", words: .flags([0: "TIMELINE", 31: "SIGNAL"])),
    .u32("handle", .input, .handle(.syncobj)), .u64("timeline_value"),
  ])
}
