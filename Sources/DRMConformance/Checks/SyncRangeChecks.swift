// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRM

/// The drivers' sync calls: one operation, in the order it is judged, and what it leaves of the bytes.
func syncRangeChecks(_ driver: String) -> [Check] {
  let prefix = driver == "panthor" ? "panthor.bo_sync" : "panfrost.sync_bo"

  /// A check of one operation on a fresh BO of 16 KiB.
  func one(
    _ name: String, _ statement: String, _ outcome: Outcome, on mapping: CPUMapping = .writeBack,
    _ operation: @escaping @Sendable (_ handle: UInt32, _ size: UInt64) -> RawCalls.Sync
  ) -> Check {
    Check("\(prefix).\(name)", statement, .driver(driver), .feature(.explicitSync)) { probe in
      let buffer = try probe.node.createBuffer(size: 16384, mapping: mapping)
      try probe.expect(
        RawCalls.sync([operation(buffer.handle.rawValue, buffer.size)], in: probe), outcome)
    }
  }

  return [
    one("bad_handle", "An operation on a handle that never was is ENOENT.", .ENOENT) { _, _ in
      .init(handle: 4711)
    },
    one("handle_before_type", "The handle is judged before the type: ENOENT.", .ENOENT) { _, _ in
      .init(handle: 4711, type: 9)
    },
    one("whole", "A range may cover the whole BO.", .success) { .init(handle: $0, size: $1) },
    one("range_past_end", "A range that ends one byte past the BO is EINVAL.", .EINVAL) {
      .init(handle: $0, size: $1 + 1)
    },
    one("last_byte", "A range may be the last byte alone.", .success) {
      .init(handle: $0, offset: $1 - 1, size: 1)
    },
    one("range_wraps", "A range that wraps around is EINVAL.", .EINVAL) { handle, _ in
      // The lower halves wrap around 32 bits as the whole wraps around 64.
      .init(handle: handle, offset: 0xffff_ffff_ffff_f000, size: 0x2000)
    },
    one("empty_at_end", "An empty range at the end of the BO is accepted.", .success) {
      .init(handle: $0, offset: $1, size: 0)
    },
    one("empty_past_end", "An empty range past the end of the BO is EINVAL.", .EINVAL) {
      .init(handle: $0, offset: $1 + 1, size: 0)
    },
    one("unknown_type", "An unknown type is EINVAL.", .EINVAL) { handle, _ in
      .init(handle: handle, type: 2)
    },
    one("unknown_type_empty", "An unknown type is EINVAL even for an empty range.", .EINVAL) {
      handle, _ in .init(handle: handle, type: 2, size: 0)
    },
    one("sub_line", "A range need not cover whole cache lines.", .success) { handle, _ in
      .init(handle: handle, type: 1, offset: 3, size: 7)
    },
    one("across_lines", "A range may straddle a cache line.", .success) { handle, _ in
      .init(handle: handle, type: 1, offset: 63, size: 2)
    },
    one(
      "wc_unknown_type", "An unknown type is EINVAL on a WC BO too.", .EINVAL, on: .writeCombining
    ) { handle, _ in .init(handle: handle, type: 2) },
    one(
      "wc_past_end", "A range past the end is EINVAL on a WC BO too.", .EINVAL,
      on: .writeCombining
    ) { .init(handle: $0, size: $1 + 1) },
    one(
      "wc_whole", "A valid operation on a WC BO succeeds and does nothing.", .success,
      on: .writeCombining
    ) { .init(handle: $0, size: $1) },
    Check(
      "\(prefix).rounded_size", "The bound is the rounded size, not the requested one.",
      .driver(driver), .feature(.explicitSync)
    ) { probe in
      let buffer = try probe.node.createBuffer(size: probe.pageSize + 5, mapping: .writeBack)
      try probe.expect(.success) { () throws(DRMError) in
        try buffer.sync(.flush, 0..<2 * probe.pageSize)
      }
      try probe.expect(.EINVAL) { () throws(DRMError) in
        try buffer.sync(.flush, 0..<2 * probe.pageSize + 1)
      }
    },
    Check(
      "\(prefix).stops_at_bad_handle",
      "Operations run in order up to the first that fails, whose errno is the answer: ENOENT.",
      .driver(driver), .feature(.explicitSync)
    ) { probe in
      let buffer = try probe.node.createBuffer(size: 4096, mapping: .writeBack)
      let handle = buffer.handle.rawValue
      let operations: [RawCalls.Sync] = [
        .init(handle: handle), .init(handle: 4711), .init(handle: handle, type: 9),
      ]
      try probe.expect(RawCalls.sync(operations, in: probe), .ENOENT)
    },
    Check(
      "\(prefix).stops_out_of_bounds",
      "Operations run in order up to the first that fails, whose errno is the answer: EINVAL.",
      .driver(driver), .feature(.explicitSync)
    ) { probe in
      let buffer = try probe.node.createBuffer(size: 4096, mapping: .writeBack)
      let handle = buffer.handle.rawValue
      let operations: [RawCalls.Sync] = [
        .init(handle: handle), .init(handle: handle, size: 1 << 30), .init(handle: 4711),
      ]
      try probe.expect(RawCalls.sync(operations, in: probe), .EINVAL)
    },
    Check(
      "\(prefix).same_range_twice", "One range may stand in an array twice.", .driver(driver),
      .feature(.explicitSync)
    ) { probe in
      let buffer = try probe.node.createBuffer(size: 4096, mapping: .writeBack)
      var batch = SyncBatch()
      try batch.append(SyncOperation(.flush, 0..<64), on: buffer)
      try batch.append(SyncOperation(.flush, 0..<64), on: buffer)
      try probe.expect(.success) { () throws(DRMError) in try probe.node.sync(batch) }
    },
    Check(
      "\(prefix).many", "4096 operations are one call.", .driver(driver), .feature(.explicitSync)
    ) { probe in
      let buffer = try probe.node.createBuffer(size: 4096 * 64, mapping: .writeBack)
      var batch = SyncBatch(capacity: 4096)
      for line in 0..<4096 as Range<UInt64> {
        try batch.append(
          SyncOperation(.flushAndInvalidate, line * 64..<(line + 1) * 64), on: buffer)
      }
      try probe.expect(.success) { () throws(DRMError) in try probe.node.sync(batch) }
    },
    Check(
      "\(prefix).never_touched", "A BO whose bytes nobody ever touched can be synced.",
      .driver(driver), .feature(.explicitSync)
    ) { probe in
      let buffer = try probe.node.createBuffer(size: 65536, mapping: .writeBack)
      try probe.expect(.success) { () throws(DRMError) in try buffer.sync(.flush, 0..<65536) }
    },
    keepsBytes(prefix, driver, "flush_keeps_bytes", "A flush keeps what the CPU wrote.", .flush),
    keepsBytes(
      prefix, driver, "flush_and_invalidate_keeps_bytes",
      "A flush-and-invalidate writes back first, so it keeps what the CPU wrote.",
      .flushAndInvalidate),
    Check(
      "\(prefix).foreign_import",
      "A BO of another exporter is refused with EINVAL, whatever the range and type.",
      .driver(driver), .feature(.explicitSync), .otherDevice
    ) { probe in
      let foreign = try probe.openOther().createBuffer(size: 4096).export()
      let imported = try probe.node.importUnprepared(from: foreign)
      let handle = imported.handle.rawValue
      for operation: RawCalls.Sync in [
        .init(handle: handle), .init(handle: handle, size: 0), .init(handle: handle, type: 9),
      ] {
        try probe.expect(RawCalls.sync([operation], in: probe), .EINVAL)
      }
    },
  ]
}

private func keepsBytes(
  _ prefix: String, _ driver: String, _ name: String, _ statement: String, _ kind: SyncKind
) -> Check {
  Check("\(prefix).\(name)", statement, .driver(driver), .feature(.explicitSync)) { probe in
    let buffer = try probe.node.createBuffer(size: 4096, mapping: .writeBack)
    var mapping = try buffer.map()
    try mapping.store(0x0123_4567 as UInt32, at: 60)
    try mapping.store(0x89ab_cdef as UInt32, at: 64)
    try probe.expect(.success) { () throws(DRMError) in try buffer.sync(kind, 62..<66) }
    let words = [try mapping.load(UInt32.self, at: 60), try mapping.load(UInt32.self, at: 64)]
    try probe.expectEqual("words", words, [0x0123_4567, 0x89ab_cdef])
  }
}
