// SPDX-License-Identifier: MIT

internal import CDRM

extension IoctlLayout {
  /// The ioctls of the DRM core.
  static let core = IoctlLayoutTable([
    IoctlLayout(
      "VERSION", cdrm_request_version,
      .s32("major", .output), .s32("minor", .output), .s32("patchlevel", .output),
      .u32("reserved"),
      .u64("name_len", .both), .bytes("name", .output, length: "name_len"),
      .u64("date_len", .both), .bytes("date", .output, length: "date_len"),
      .u64("desc_len", .both), .bytes("desc", .output, length: "desc_len"),
      stable: [
        StableOutput("version", of: ["major", "minor", "patchlevel"]), "name_len", "desc_len",
      ]),
    IoctlLayout(
      "GET_CAP", cdrm_request_get_cap,
      .u64(
        "capability",
        names: .values([
          1: "DUMB_BUFFER", 5: "PRIME", 6: "TIMESTAMP_MONOTONIC", 0x13: "SYNCOBJ",
          0x14: "SYNCOBJ_TIMELINE",
        ])), .u64("value", .output),
      stable: ["value"]),
    IoctlLayout(
      "GEM_CLOSE", cdrm_request_gem_close,
      .u32("handle", .input, .handle(.gem)), .u32("pad"),
      isRelease: true, releases: "handle"),
    IoctlLayout(
      "GEM_CHANGE_HANDLE", cdrm_request_gem_change_handle,
      .u32("handle", .input, .handle(.gem)), .u32("new_handle", .input, .handle(.gem))),
    IoctlLayout(
      "PRIME_HANDLE_TO_FD", cdrm_request_prime_handle_to_fd,
      .u32("handle", .input, .handle(.gem)),
      .u32("flags", names: .flags([1: "RDWR", 19: "CLOEXEC"])), .s32("fd", .output, .descriptor)),
    IoctlLayout(
      "PRIME_FD_TO_HANDLE", cdrm_request_prime_fd_to_handle,
      .u32("handle", .output, .handle(.gem)), .u32("flags"), .s32("fd", .input, .descriptor),
      stable: ["handle"]),
    IoctlLayout(
      "SET_CLIENT_NAME", cdrm_request_set_client_name,
      .u64("name_len"), .bytes("name", .input, length: "name_len")),
    IoctlLayout(
      "MODE_CREATE_DUMB", cdrm_request_mode_create_dumb,
      .u32("height"), .u32("width"), .u32("bpp"), .u32("flags"),
      .u32("handle", .output, .handle(.gem)), .u32("pitch", .output), .u64("size", .output)),
    IoctlLayout(
      "MODE_MAP_DUMB", cdrm_request_mode_map_dumb,
      .u32("handle", .input, .handle(.gem)), .u32("pad"), .u64("offset", .output, .fakeOffset)),
    IoctlLayout(
      "MODE_DESTROY_DUMB", cdrm_request_mode_destroy_dumb,
      .u32("handle", .input, .handle(.gem)),
      isRelease: true, releases: "handle"),
    IoctlLayout(
      "SYNCOBJ_CREATE", cdrm_request_syncobj_create,
      .u32("handle", .output, .handle(.syncobj)), .u32("flags", names: .flags([0: "SIGNALED"])),
      stable: ["handle"]),
    IoctlLayout(
      "SYNCOBJ_DESTROY", cdrm_request_syncobj_destroy,
      .u32("handle", .input, .handle(.syncobj)), .u32("pad")),
    IoctlLayout(
      "SYNCOBJ_HANDLE_TO_FD", cdrm_request_syncobj_handle_to_fd,
      .u32("handle", .input, .handle(.syncobj)),
      .u32("flags", names: .flags([0: "EXPORT_SYNC_FILE"])), .s32("fd", .output, .descriptor),
      .u32("pad")),
    IoctlLayout(
      "SYNCOBJ_FD_TO_HANDLE", cdrm_request_syncobj_fd_to_handle,
      .u32("handle", .both, .handle(.syncobj)),
      .u32("flags", names: .flags([0: "IMPORT_SYNC_FILE"])),
      .s32("fd", .input, .descriptor), .u32("pad")),
    IoctlLayout(
      "SYNCOBJ_WAIT", cdrm_request_syncobj_wait,
      .array("handles", count: "count_handles", of: syncobj), .deadline("timeout_nsec"),
      .u32("count_handles"), .u32("flags", names: waitFlags), .u32("first_signaled", .output),
      .u32("pad"), .deadline("deadline_nsec"),
      stable: ["first_signaled"]),
    IoctlLayout(
      "SYNCOBJ_RESET", cdrm_request_syncobj_reset,
      .array("handles", count: "count_handles", of: syncobj), .u32("count_handles"), .u32("pad")),
    IoctlLayout(
      "SYNCOBJ_SIGNAL", cdrm_request_syncobj_signal,
      .array("handles", count: "count_handles", of: syncobj), .u32("count_handles"), .u32("pad")),
    IoctlLayout(
      "SYNCOBJ_TIMELINE_WAIT", cdrm_request_syncobj_timeline_wait,
      .array("handles", count: "count_handles", of: syncobj),
      .array("points", count: "count_handles", of: point), .deadline("timeout_nsec"),
      .u32("count_handles"), .u32("flags", names: waitFlags), .u32("first_signaled", .output),
      .u32("pad"), .deadline("deadline_nsec"),
      stable: ["first_signaled"]),
    IoctlLayout(
      "SYNCOBJ_QUERY", cdrm_request_syncobj_query,
      .array("handles", count: "count_handles", of: syncobj),
      .bytes("points", .output, length: "count_handles", unit: 8), .u32("count_handles"),
      .u32("flags", names: .flags([0: "LAST_SUBMITTED"]))),
    IoctlLayout(
      "SYNCOBJ_TIMELINE_SIGNAL", cdrm_request_syncobj_timeline_signal,
      .array("handles", count: "count_handles", of: syncobj),
      .array("points", count: "count_handles", of: point), .u32("count_handles"), .u32("flags")),
  ])

  private static let syncobj = StructLayout([.u32("handle", .input, .handle(.syncobj))])
  private static let point = StructLayout([.u64("point")])
  private static let waitFlags = ValueNames.flags([
    0: "WAIT_ALL", 1: "WAIT_FOR_SUBMIT", 2: "WAIT_AVAILABLE", 3: "WAIT_DEADLINE",
  ])
}
