// SPDX-License-Identifier: MIT

internal import DRM
internal import DRMDrivers
internal import DRMKernel

/// `mmap` on a node, which behaves the same for both Mali drivers.
func mappingChecks(_ driver: DRMDriver) -> [Check] {
  /// A check of one mapping by the fake offset of a new BO, after its handle is closed if so specified.
  func one(
    _ name: String, _ statement: String, pages: UInt64? = nil, closed: Bool = false,
    _ outcome: Outcome,
    _ map: @escaping @Sendable (Probe, _ offset: UInt64, _ size: UInt64) throws -> Int
  ) -> Check {
    Check("\(driver.name).mmap.\(name)", statement) { probe in
      let buffer = try probe.node.createBuffer(size: pages.map { $0 * probe.pageSize } ?? 4096)
      let offset = try buffer.fakeOffset().rawValue
      let size = buffer.size
      guard closed else { return try probe.expect(map(probe, offset, size), outcome) }
      try buffer.close()
      try probe.expect(map(probe, offset, size), outcome)
    }
  }

  return checks(
    of: driver,
    [
      one("private_copy", "A MAP_PRIVATE mapping of a BO fails with EINVAL.", .EINVAL) {
        probe, offset, _ in
        probe.mmap(length: 4096, flags: MapFlags.privateCopy, offset: offset)
      },
      one(
        "inside", "A mapping that starts after the first page of a BO fails with EINVAL.",
        pages: 4, .EINVAL
      ) { probe, offset, _ in
        probe.mmap(length: probe.pageSize, offset: offset + probe.pageSize)
      },
      one("past_end", "A mapping longer than its BO fails with EINVAL.", .EINVAL) {
        probe, offset, size in
        probe.mmap(length: size + 1, offset: offset)
      },
      one("first_page", "A mapping may be shorter than its BO.", pages: 4, .success) {
        probe, offset, _ in
        probe.mmap(length: probe.pageSize, offset: offset)
      },
      Check(
        "\(driver.name).mmap.nothing_there",
        "A mapping at an offset without a BO fails with EINVAL."
      ) { probe in
        try probe.expect(probe.mmap(length: 4096, offset: 0), .EINVAL)
      },
      one(
        "other_file", "A mapping through a file without a handle of the BO fails with EACCES.",
        .EACCES
      ) { probe, offset, _ in
        let other = try probe.openAgain()
        return probe.mmap(length: 4096, other.descriptor, offset: offset)
      },
      // EACCES: another client of the device may have a BO at this offset by now.
      one(
        "after_close",
        "A mapping of a BO whose last handle is closed fails with EINVAL, or EACCES for a reused offset.",
        closed: true, .errno(.EINVAL, .EACCES)
      ) { probe, offset, _ in
        probe.mmap(length: 4096, offset: offset)
      },
      Check(
        "\(driver.name).mmap.kept_by_mapping",
        "A mapping keeps a BO without handles alive, and another mapping fails with EACCES."
      ) { probe in
        let buffer = try probe.node.createBuffer(size: 4096)
        let offset = try buffer.fakeOffset().rawValue
        var mapping = try buffer.map()
        try mapping.store(0x5a5a_1234 as UInt32, at: 0)
        try buffer.close()
        let word = try mapping.load(UInt32.self, at: 0)
        try probe.expectEqual("first word", word, 0x5a5a_1234)
        try probe.expect(probe.mmap(length: 4096, offset: offset), .EACCES)
      },
      Check(
        "\(driver.name).mmap.read_only_file",
        "A writable mapping through a file opened with O_RDONLY fails with EACCES."
      ) { probe in
        let descriptor = try probe.open(flags: AccessMode.readOnly)
        let offset = try RawCalls.mappableBuffer(in: probe, on: descriptor)
        try probe.expect(probe.mmap(length: 4096, descriptor, offset: offset), .EACCES)
        try probe.expect(
          probe.mmap(length: 4096, protection: Protection.read, descriptor, offset: offset),
          .success)
      },
      Check(
        "\(driver.name).mmap.shared_bytes", "Two mappings of a BO show the same bytes."
      ) { probe in
        let buffer = try probe.node.createBuffer(size: 4096)
        try expectSharedWord(
          "word", 0x1234_5678, at: 64, try buffer.map(), try buffer.map(.read), in: probe)
      },
    ])
}

/// A check of the fake offset of a BO, which each driver returns by an ioctl of its own.
func stableFakeOffset(_ id: String) -> Check {
  Check(id, "A fake offset is page-aligned, at least 4 GiB, and the same at every call.") {
    probe in
    let buffer = try probe.node.createBuffer(size: 4096)
    let first = try buffer.fakeOffset().rawValue
    let second = try buffer.fakeOffset().rawValue
    try probe.expectEqual("same", first == second, true)
    try probe.expectEqual("past 4 GiB", first >= 1 << 32, true)
    try probe.expectEqual("within a page", first % probe.pageSize, 0)
  }
}

/// A check that every byte of a new BO is zero.
func zeroedBuffer(_ id: String) -> Check {
  Check(id, "A new BO contains zeroes.") { probe in
    let mapping = try probe.node.createBuffer(size: 5000).map(.read)
    let isZero = try mapping.withBytes(in: 0..<UInt64(mapping.length)) { bytes in
      bytes.byteOffsets.allSatisfy {
        unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) == 0
      }
    }
    try probe.expectEqual("all zero", isZero, true)
  }
}
