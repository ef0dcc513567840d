// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

/// `mmap` on a node, which both Mali drivers answer alike.
func mappingChecks(_ driver: String) -> [Check] {
  [
    Check(
      "\(driver).mmap.private_copy",
      "A private mapping of a BO is EINVAL.",
      .driver(driver)
    ) { probe in
      let buffer = try probe.node.createBuffer(size: 4096)
      let offset = try buffer.fakeOffset().rawValue
      try probe.expect(
        probe.mmap(length: 4096, flags: MapFlags.privateCopy, offset: offset),
        .EINVAL
      )
    },
    Check(
      "\(driver).mmap.inside",
      "A mapping that starts inside a BO is EINVAL.",
      .driver(driver)
    ) { probe in
      let buffer = try probe.node.createBuffer(size: 4 * probe.pageSize)
      let offset = try buffer.fakeOffset().rawValue
      try probe.expect(
        probe.mmap(length: probe.pageSize, offset: offset + probe.pageSize),
        .EINVAL
      )
    },
    Check(
      "\(driver).mmap.past_end",
      "A mapping longer than its BO is EINVAL.",
      .driver(driver)
    ) { probe in
      let buffer = try probe.node.createBuffer(size: 4096)
      let offset = try buffer.fakeOffset().rawValue
      try probe.expect(probe.mmap(length: buffer.size + 1, offset: offset), .EINVAL)
    },
    Check(
      "\(driver).mmap.first_page",
      "A mapping may be shorter than its BO.",
      .driver(driver)
    ) { probe in
      let buffer = try probe.node.createBuffer(size: 4 * probe.pageSize)
      let offset = try buffer.fakeOffset().rawValue
      try probe.expect(probe.mmap(length: probe.pageSize, offset: offset), .success)
    },
    Check(
      "\(driver).mmap.nothing_there",
      "A mapping at an offset that no BO has is EINVAL.",
      .driver(driver)
    ) { probe in
      try probe.expect(probe.mmap(length: 4096, offset: 0), .EINVAL)
    },
    Check(
      "\(driver).mmap.other_file",
      "A file without a handle of the BO may not map it: EACCES.",
      .driver(driver)
    ) { probe in
      let buffer = try probe.node.createBuffer(size: 4096)
      let offset = try buffer.fakeOffset().rawValue
      let other = try probe.openAgain()
      try probe.expect(probe.mmap(length: 4096, other.descriptor, offset: offset), .EACCES)
    },
    Check(
      "\(driver).mmap.after_close",
      "Once its last handle is closed a BO cannot be mapped: EINVAL.",
      .driver(driver)
    ) { probe in
      let buffer = try probe.node.createBuffer(size: 4096)
      let offset = try buffer.fakeOffset().rawValue
      try buffer.close()
      // Another client of the device may have been given the offset since.
      try probe.expect(
        probe.mmap(length: 4096, offset: offset), .errno(.EINVAL, .EACCES))
    },
    Check(
      "\(driver).mmap.kept_by_mapping",
      "A mapping keeps its BO: the bytes stay, and mapping it anew without a handle is EACCES.",
      .driver(driver)
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
      "\(driver).mmap.read_only_file",
      "A file opened for reading only cannot be mapped writable: EACCES.",
      .driver(driver)
    ) { probe in
      let descriptor = try probe.open(flags: AccessMode.readOnly)
      let offset = try RawCalls.mappableBuffer(in: probe, on: descriptor)
      try probe.expect(probe.mmap(length: 4096, descriptor, offset: offset), .EACCES)
      try probe.expect(
        probe.mmap(length: 4096, protection: Protection.read, descriptor, offset: offset),
        .success
      )
    },
    Check(
      "\(driver).mmap.shared_bytes",
      "Two mappings of a BO show the same bytes.",
      .driver(driver)
    ) { probe in
      let buffer = try probe.node.createBuffer(size: 4096)
      var first = try buffer.map()
      let second = try buffer.map(.read)
      try first.store(0x1234_5678 as UInt32, at: 64)
      let word = try second.load(UInt32.self, at: 64)
      try probe.expectEqual("word", word, 0x1234_5678)
    },
  ]
}

/// Judges a fake offset, which each driver gives by an ioctl of its own.
func expectStableFakeOffset(in probe: Probe) throws {
  let buffer = try probe.node.createBuffer(size: 4096)
  let first = try buffer.fakeOffset().rawValue
  let second = try buffer.fakeOffset().rawValue
  try probe.expectEqual("same", first == second, true)
  try probe.expectEqual("past 4 GiB", first >= 1 << 32, true)
  try probe.expectEqual("within a page", first % probe.pageSize, 0)
}
