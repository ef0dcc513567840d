// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM

/// `DRM_IOCTL_PANTHOR_BO_SYNC`: one operation, in the order it is judged.
let panthorSyncRangeChecks: [Check] = [
  syncCheck("bad_handle", "An operation on a handle that never was is ENOENT.", .ENOENT) { _, _ in
    SyncWords(4711)
  },
  syncCheck("handle_before_type", "The handle is judged before the type: ENOENT.", .ENOENT) {
    _,
    _ in SyncWords(4711, type: 9)
  },
  syncCheck("whole", "A range may cover the whole BO.", .success) { handle, size in
    SyncWords(handle, size: size)
  },
  syncCheck("range_past_end", "A range that ends one byte past the BO is EINVAL.", .EINVAL) {
    handle,
    size in SyncWords(handle, size: size + 1)
  },
  syncCheck("last_byte", "A range may be the last byte alone.", .success) { handle, size in
    SyncWords(handle, offset: size - 1, size: 1)
  },
  syncCheck("range_wraps", "A range that wraps around 64 bits is EINVAL.", .EINVAL) { handle, _ in
    SyncWords(handle, offset: .max, size: 2)
  },
  syncCheck("empty_at_end", "An empty range at the end of the BO is accepted.", .success) {
    handle,
    size in SyncWords(handle, offset: size, size: 0)
  },
  syncCheck("empty_past_end", "An empty range past the end of the BO is EINVAL.", .EINVAL) {
    handle,
    size in SyncWords(handle, offset: size + 1, size: 0)
  },
  syncCheck("unknown_type", "An unknown type is EINVAL.", .EINVAL) { handle, _ in
    SyncWords(handle, type: 2)
  },
  syncCheck("unknown_type_empty", "An unknown type is EINVAL even for an empty range.", .EINVAL) {
    handle,
    _ in SyncWords(handle, type: 2, size: 0)
  },
  syncCheck("sub_line", "A range need not cover whole cache lines.", .success) { handle, _ in
    SyncWords(handle, type: 1, offset: 3, size: 7)
  },
  syncCheck("across_lines", "A range may straddle a cache line.", .success) { handle, _ in
    SyncWords(handle, type: 1, offset: 63, size: 2)
  },
  syncCheck(
    "wc_unknown_type",
    "An unknown type is EINVAL on a WC BO too.",
    .EINVAL,
    on: .writeCombining
  ) { handle, _ in SyncWords(handle, type: 2) },
  syncCheck(
    "wc_past_end",
    "A range past the end is EINVAL on a WC BO too.",
    .EINVAL,
    on: .writeCombining
  ) { handle, size in SyncWords(handle, size: size + 1) },
  syncCheck(
    "wc_whole",
    "A valid operation on a WC BO succeeds and does nothing.",
    .success,
    on: .writeCombining
  ) { handle, size in SyncWords(handle, size: size) },
  syncCheck(
    "no_mmap",
    "A BO without CPU mapping can be synced; there is nothing to do.",
    .success,
    on: .none
  ) { handle, size in SyncWords(handle, type: 1, size: size) },
  Check(
    "panthor.bo_sync.rounded_size",
    "The bound is the rounded size, not the requested one.",
    .driver("panthor"),
    .feature(.explicitSync)
  ) { probe in
    let buffer = try probe.node.createBuffer(size: probe.pageSize + 5, mapping: .writeBack)
    try probe.expect(.success) { () throws(DRMError) in
      try buffer.sync(.flush, 0..<2 * probe.pageSize)
    }
    try probe.expect(.EINVAL) { () throws(DRMError) in
      try buffer.sync(.flush, 0..<2 * probe.pageSize + 1)
    }
  },
]

/// A check of one operation on a fresh BO of 16 KiB.
private func syncCheck(
  _ name: String,
  _ statement: String,
  _ outcome: Outcome,
  on mapping: CPUMapping = .writeBack,
  _ operation: @escaping @Sendable (_ handle: UInt32, _ size: UInt64) -> SyncWords
) -> Check {
  Check("panthor.bo_sync.\(name)", statement, .driver("panthor"), .feature(.explicitSync)) {
    probe in
    let buffer = try probe.node.createBuffer(size: 16384, mapping: mapping)
    try probe.expect(
      sync([operation(buffer.handle.rawValue, buffer.size)], in: probe),
      outcome
    )
  }
}
