// SPDX-License-Identifier: MIT

internal import DRM
internal import DRMDrivers

/// The sync ioctls: one operation, the order of its checks, and the effect on the bytes of the BO.
func syncRangeChecks(_ driver: DRMDriver) -> [Check] {
  let prefix = driver.checkPrefixes.sync
  return checks(
    of: driver, requiring: .feature(.explicitSync),
    operations(prefix) + arrays(prefix) + contents(prefix))
}

/// One operation on a new BO of 16 KiB.
private func operations(_ prefix: String) -> [Check] {
  func one(
    _ name: String, _ statement: String, _ outcome: Outcome, on mapping: CPUMapping = .writeBack,
    _ operation: @escaping @Sendable (_ handle: UInt32, _ size: UInt64) -> RawCalls.Sync
  ) -> Check {
    Check("\(prefix).\(name)", statement) { probe in
      let buffer = try probe.node.createBuffer(size: 16384, mapping: mapping)
      try probe.expect(
        RawCalls.sync([operation(buffer.handle.rawValue, buffer.size)], in: probe), outcome)
    }
  }

  return [
    one("bad_handle", "An operation on an unknown handle fails with ENOENT.", .ENOENT) { _, _ in
      .init(handle: 4711)
    },
    one(
      "handle_before_type",
      "The handle is looked up before the type is checked: an unknown one fails with ENOENT.",
      .ENOENT
    ) { _, _ in
      .init(handle: 4711, type: 9)
    },
    one("whole", "A range may cover the whole BO.", .success) { .init(handle: $0, size: $1) },
    one("range_past_end", "A range that ends one byte past the BO fails with EINVAL.", .EINVAL) {
      .init(handle: $0, size: $1 + 1)
    },
    one("last_byte", "A range may be the last byte alone.", .success) {
      .init(handle: $0, offset: $1 - 1, size: 1)
    },
    one("range_wraps", "A range whose end wraps around fails with EINVAL.", .EINVAL) { handle, _ in
      // The lower halves wrap around 32 bits, as the whole wraps around 64 bits.
      .init(handle: handle, offset: 0xffff_ffff_ffff_f000, size: 0x2000)
    },
    one("empty_at_end", "An empty range at the end of the BO succeeds.", .success) {
      .init(handle: $0, offset: $1, size: 0)
    },
    one("empty_past_end", "An empty range past the end of the BO fails with EINVAL.", .EINVAL) {
      .init(handle: $0, offset: $1 + 1, size: 0)
    },
    one("unknown_type", "An unknown type fails with EINVAL.", .EINVAL) { handle, _ in
      .init(handle: handle, type: 2)
    },
    one("unknown_type_empty", "An unknown type with an empty range fails with EINVAL.", .EINVAL) {
      handle, _ in .init(handle: handle, type: 2, size: 0)
    },
    one("sub_line", "A range may be part of a cache line.", .success) { handle, _ in
      .init(handle: handle, type: 1, offset: 3, size: 7)
    },
    one("across_lines", "A range may cross the boundary of a cache line.", .success) { handle, _ in
      .init(handle: handle, type: 1, offset: 63, size: 2)
    },
    one(
      "wc_unknown_type", "An unknown type on a WC BO fails with EINVAL.", .EINVAL,
      on: .writeCombining
    ) { handle, _ in .init(handle: handle, type: 2) },
    one(
      "wc_past_end", "A range past the end of a WC BO fails with EINVAL.", .EINVAL,
      on: .writeCombining
    ) { .init(handle: $0, size: $1 + 1) },
    one("wc_whole", "A valid operation on a WC BO succeeds.", .success, on: .writeCombining) {
      .init(handle: $0, size: $1)
    },
    Check(
      "\(prefix).rounded_size",
      "The upper bound of a range is the rounded size of the BO, not the requested size."
    ) { probe in
      let buffer = try probe.node.createBuffer(size: probe.pageSize + 5, mapping: .writeBack)
      let end = 2 * probe.pageSize
      try probe.expect(.success) { () throws(DRMError) in try buffer.sync(.flush, 0..<end) }
      try probe.expect(.EINVAL) { () throws(DRMError) in try buffer.sync(.flush, 0..<end + 1) }
    },
  ]
}

/// Several operations in one call, on a new BO of 4096 bytes.
private func arrays(_ prefix: String) -> [Check] {
  func array(
    _ name: String, _ statement: String, _ outcome: Outcome,
    _ operations: @escaping @Sendable (_ handle: UInt32) -> [RawCalls.Sync]
  ) -> Check {
    Check("\(prefix).\(name)", statement) { probe in
      let buffer = try probe.node.createBuffer(size: 4096, mapping: .writeBack)
      try probe.expect(RawCalls.sync(operations(buffer.handle.rawValue), in: probe), outcome)
    }
  }

  return [
    array(
      "stops_at_bad_handle",
      "The call stops at the first operation that fails and returns its errno, here ENOENT.",
      .ENOENT
    ) { [.init(handle: $0), .init(handle: 4711), .init(handle: $0, type: 9)] },
    array(
      "stops_out_of_bounds",
      "The call stops at the first operation that fails and returns its errno, here EINVAL.",
      .EINVAL
    ) { [.init(handle: $0), .init(handle: $0, size: 1 << 30), .init(handle: 4711)] },
    Check("\(prefix).same_range_twice", "An array may contain the same range twice.") { probe in
      let buffer = try probe.node.createBuffer(size: 4096, mapping: .writeBack)
      var batch = SyncBatch()
      try batch.append(SyncOperation(.flush, 0..<64), on: buffer)
      try batch.append(SyncOperation(.flush, 0..<64), on: buffer)
      try probe.expect(.success) { () throws(DRMError) in try probe.node.sync(batch) }
    },
    Check("\(prefix).many", "One call may have 4096 operations.") { probe in
      let buffer = try probe.node.createBuffer(size: 4096 * 64, mapping: .writeBack)
      var batch = SyncBatch(capacity: 4096)
      for line in 0..<4096 as Range<UInt64> {
        try batch.append(
          SyncOperation(.flushAndInvalidate, line * 64..<(line + 1) * 64), on: buffer)
      }
      try probe.expect(.success) { () throws(DRMError) in try probe.node.sync(batch) }
    },
  ]
}

/// Which BOs can be synced, and what happens to their bytes.
private func contents(_ prefix: String) -> [Check] {
  func keepsBytes(_ name: String, _ statement: String, _ kind: SyncKind) -> Check {
    Check("\(prefix).\(name)", statement) { probe in
      let buffer = try probe.node.createBuffer(size: 4096, mapping: .writeBack)
      var mapping = try buffer.map()
      try mapping.store(0x0123_4567 as UInt32, at: 60)
      try mapping.store(0x89ab_cdef as UInt32, at: 64)
      try probe.expect(.success) { () throws(DRMError) in try buffer.sync(kind, 62..<66) }
      let words = [try mapping.load(UInt32.self, at: 60), try mapping.load(UInt32.self, at: 64)]
      try probe.expectEqual("words", words, [0x0123_4567, 0x89ab_cdef])
    }
  }

  return [
    Check("\(prefix).never_touched", "A BO whose bytes were never accessed can be synced.") {
      probe in
      let buffer = try probe.node.createBuffer(size: 65536, mapping: .writeBack)
      try probe.expect(.success) { () throws(DRMError) in try buffer.sync(.flush, 0..<65536) }
    },
    keepsBytes("flush_keeps_bytes", "FLUSH keeps what the CPU wrote.", .flush),
    keepsBytes(
      "flush_and_invalidate_keeps_bytes",
      "FLUSH_AND_INVALIDATE keeps what the CPU wrote: it cleans before it invalidates.",
      .flushAndInvalidate),
    Check(
      "\(prefix).foreign_import",
      "An operation on a BO of another exporter fails with EINVAL for every range and type.",
      .otherDevice
    ) { probe in
      let handle = try foreignImport(in: probe).disown().rawValue
      for operation: RawCalls.Sync in [
        .init(handle: handle), .init(handle: handle, size: 0), .init(handle: handle, type: 9),
      ] {
        try probe.expect(RawCalls.sync([operation], in: probe), .EINVAL)
      }
    },
  ]
}
