// SPDX-License-Identifier: MIT

internal import DRM
internal import DRMDrivers
internal import DRMKernel

/// The cache maintenance of each sync: as the mock records it, and as Linux traces it.
func maintenanceChecks(_ driver: DRMDriver) -> [Check] {
  syncs(driver) + accesses(driver) + imports(driver)
}

/// The size of the largest BO: a trace event lists no more than 128 segments, each of a page or more.
private let largest: UInt64 = 128 * 4096

/// Maintenance by the driver's own sync ioctl.
private func syncs(_ driver: DRMDriver) -> [Check] {
  [
    synced(
      driver, "flush_sub_line", "FLUSH cleans exactly the bytes of its range.",
      .flush, 131..<134, "own: clean 131..<134"),
    synced(
      driver, "flush_line", "FLUSH of 64 bytes of a large BO cleans 64 bytes.",
      size: largest, .flush, 65536..<65600, "own: clean 65536..<65600"),
    synced(
      driver, "flush_and_invalidate",
      "FLUSH_AND_INVALIDATE cleans the bytes of its range, then invalidates them.",
      .flushAndInvalidate, 63..<129, "own: clean 63..<129, invalidate 63..<129"),
    synced(
      driver, "across_pages", "FLUSH of several pages cleans exactly the bytes of its range.",
      size: 16 * 16384, .flush, 100..<16 * 16384 - 100, "own: clean 100..<262044"),
    maintenance(
      driver, "first_sync",
      "The first sync of a BO maps its pages for DMA, which cleans the whole BO.", .nonCoherent
    ) { probe, watch in
      let buffer = try probe.node.createBuffer(size: 65536, mapping: .writeBack)
      var bytes = try buffer.map()
      try bytes.store(1 as UInt8, at: 0)
      try buffer.sync(.flush, 0..<64)
      try watch.expect("own: clean 0..<65536")
    },
    synced(
      driver, "write_combining", "A sync of a WC BO does no maintenance.",
      mapping: .writeCombining, .flushAndInvalidate, 0..<4096, "nothing"),
    maintenance(driver, "coherent", "Syncs on a coherent device do no maintenance.", .coherent) {
      probe, watch in
      let buffer = try watchedBuffer(in: probe, watch)
      try buffer.sync(.flushAndInvalidate, 0..<4096)
      try bracket(try buffer.export(), .readWrite)
      try watch.expect("nothing")
    },
    synced(
      driver, "empty", "A sync of an empty range does no maintenance.",
      .flushAndInvalidate, 64..<64, "nothing"),
    maintenance(
      driver, "many_operations",
      "Each of 1024 operations of one call cleans the bytes of its range.", .nonCoherent
    ) { probe, watch in
      let buffer = try watchedBuffer(in: probe, watch, size: 2 * 65536)
      let handle = buffer.handle.rawValue
      let operations = (0..<1024).map {
        RawCalls.Sync(handle: handle, offset: 64 * $0, size: 64)
      }
      try probe.expect(RawCalls.sync(operations, in: probe), .success)
      try watch.expect("own: clean 0..<65536")
    },
    stopped(
      driver, "stops_at_failure",
      "When an operation fails, those before it have been performed, and those after it not.",
      .EINVAL, "own: clean 0..<64"
    ) { handle in
      [
        .init(handle: handle, offset: 0, size: 64),
        .init(handle: handle, offset: 1 << 30, size: 64),
        .init(handle: handle, offset: 256, size: 64),
      ]
    },
    stopped(
      driver, "bad_handle",
      "When a handle is unknown, operations before it have been performed, and those after it not.",
      .ENOENT, "own: clean 512..<576"
    ) { handle in
      [
        .init(handle: handle, offset: 512, size: 64), .init(handle: 4242),
        .init(handle: handle, offset: 256, size: 64),
      ]
    },
  ]
}

/// Maintenance by `DMA_BUF_IOCTL_SYNC`.
private func accesses(_ driver: DRMDriver) -> [Check] {
  [
    maintenance(
      driver, "access_reading",
      "START|READ invalidates the whole BO, and END|READ cleans it.", .nonCoherent
    ) { probe, watch in
      let dmaBuf = try watchedBuffer(in: probe, watch).export()
      try expect("own: invalidate 0..<65536", at: .start, .read, of: dmaBuf, watch)
      try expect("own: clean 0..<65536", at: .end, .read, of: dmaBuf, watch)
    },
    maintenance(
      driver, "access_writing",
      "START|WRITE does no maintenance, and END|WRITE cleans the whole BO.", .nonCoherent
    ) { probe, watch in
      let dmaBuf = try watchedBuffer(in: probe, watch).export()
      try expect("nothing", at: .start, .write, of: dmaBuf, watch)
      try expect("own: clean 0..<65536", at: .end, .write, of: dmaBuf, watch)
    },
    maintenance(
      driver, "access_wc", "START|RW and END|RW also maintain a WC BO.", .nonCoherent
    ) { probe, watch in
      let dmaBuf = try watchedBuffer(in: probe, watch, mapping: .writeCombining).export()
      try bracket(dmaBuf, .readWrite)
      try watch.expect("own: invalidate 0..<65536, clean 0..<65536")
    },
  ]
}

/// Maintenance of BOs that are imported or exported.
private func imports(_ driver: DRMDriver) -> [Check] {
  // On each mock, the first node of the other Mali driver does not snoop either.
  let other = DRMDriver.mali.first { $0 != driver } ?? driver
  return [
    maintenance(
      driver, "access_importer", "START|READ and END|READ also sync the mapping of an importer.",
      .nonCoherent, .neighbour(other)
    ) { probe, watch in
      let buffer = try watchedBuffer(in: probe, watch)
      let dmaBuf = try buffer.export()
      let imported = try probe.openOther(other).importUnprepared(from: dmaBuf)
      try watch.expect("nothing")
      let both = "own: invalidate 0..<65536; other: invalidate 0..<65536"
      try expect(both, at: .start, .read, of: dmaBuf, watch)
      try expect("other: clean 0..<65536; own: clean 0..<65536", at: .end, .read, of: dmaBuf, watch)
      try imported.close()
    },
    maintenance(
      driver, "import_vgem",
      "Neither an import nor START and END do maintenance on a BO of vgem.",
      .nonCoherent, .neighbour(.vgem)
    ) { probe, watch in
      let dmaBuf = try Exporter.vgem.dmaBuf(in: probe)
      let imported = try probe.node.importUnprepared(from: dmaBuf)
      try bracket(dmaBuf, .readWrite)
      try imported.close()
      try watch.expect("nothing")
    },
    maintenance(
      driver, "import_udmabuf",
      "Neither the import of a udmabuf nor the end of the import does maintenance.",
      .nonCoherent, .udmabuf
    ) { probe, watch in
      let dmaBuf = try Exporter.udmabuf.dmaBuf(in: probe)
      let imported = try probe.node.importUnprepared(from: dmaBuf)
      try watch.expect("nothing")
      try imported.close()
      try watch.expect("nothing")
    },
    maintenance(
      driver, "access_udmabuf",
      "START and END on a udmabuf sync the mapping made by its first START, and no importer's.",
      .nonCoherent, .udmabuf
    ) { probe, watch in
      let dmaBuf = try Exporter.udmabuf.dmaBuf(in: probe)
      let whole = 0..<2 * probe.pageSize
      let imported = try probe.node.importUnprepared(from: dmaBuf)
      try watch.discard()
      try expect("nothing", at: .start, .write, of: dmaBuf, watch)
      try expect("udmabuf: invalidate \(whole)", at: .start, .read, of: dmaBuf, watch)
      try expect("udmabuf: clean \(whole)", at: .end, .write, of: dmaBuf, watch)
      try imported.close()
    },
    maintenance(
      driver, "access_udmabuf_first",
      "The first START|READ on a udmabuf maps it for DMA without cleaning, and invalidates it.",
      .nonCoherent, .udmabuf
    ) { probe, watch in
      let dmaBuf = try Exporter.udmabuf.dmaBuf(in: probe)
      let whole = 0..<2 * probe.pageSize
      try watch.discard()
      try expect("udmabuf: invalidate \(whole)", at: .start, .read, of: dmaBuf, watch)
      try expect("udmabuf: clean \(whole)", at: .end, .read, of: dmaBuf, watch)
    },
  ]
}

/// What only panthor can show: its BOs get their pages late.
let panthorMaintenanceChecks: [Check] = [
  maintenance(
    .panthor, "import_makes_pages",
    "An import allocates the pages of a BO; the next sync maps them for DMA and cleans the BO.",
    .nonCoherent, .neighbour(.panfrost)
  ) { probe, watch in
    let buffer = try probe.node.createBuffer(size: 65536, mapping: .writeBack)
    let imported = try probe.openOther(.panfrost).importUnprepared(from: buffer.export())
    try watch.discard()
    try buffer.sync(.flush, 0..<64)
    try watch.expect("own: clean 0..<65536")
    try imported.close()
  }
]

private func bracket(_ dmaBuf: borrowing DMABuf, _ access: CPUAccess) throws(DRMError) {
  try dmaBuf.startAccess(access)
  try dmaBuf.endAccess(access)
}

private enum AccessBoundary { case start, end }

/// Performs the START or END of a CPU access, and judges its maintenance.
private func expect(
  _ wanted: String, at boundary: AccessBoundary, _ access: CPUAccess,
  of dmaBuf: borrowing DMABuf, _ watch: MaintenanceWatch
) throws {
  switch boundary {
  case .start: try dmaBuf.startAccess(access)
  case .end: try dmaBuf.endAccess(access)
  }
  try watch.expect(wanted)
}

/// Returns a BO whose pages are allocated and mapped for DMA, and discards that maintenance.
private func watchedBuffer(
  in probe: Probe, _ watch: MaintenanceWatch, size: UInt64 = 65536,
  mapping: CPUMapping = .writeBack
) throws -> BufferObject {
  let buffer = try probe.node.createBuffer(size: size, mapping: mapping)
  var bytes = try buffer.map()
  try bytes.store(1 as UInt8, at: 0)
  if probe.node.features.contains(.addressSpaces) {
    let vm = try probe.node.createVM()
    try vm.map(0..<size, of: buffer, at: 1 << 21)
  }
  try watch.discard()
  return buffer
}

/// A check of the maintenance of one sync on a non-coherent device.
private func synced(
  _ driver: DRMDriver, _ name: String, _ statement: String, size: UInt64 = 65536,
  mapping: CPUMapping = .writeBack, _ kind: SyncKind, _ range: Range<UInt64>, _ wanted: String
) -> Check {
  maintenance(driver, name, statement, .nonCoherent) { probe, watch in
    let buffer = try watchedBuffer(in: probe, watch, size: size, mapping: mapping)
    try buffer.sync(kind, range)
    try watch.expect(wanted)
  }
}

/// A check of the maintenance of an array of operations of which one fails.
private func stopped(
  _ driver: DRMDriver, _ name: String, _ statement: String, _ outcome: Outcome,
  _ wanted: String, operations: @escaping @Sendable (_ handle: UInt32) -> [RawCalls.Sync]
) -> Check {
  maintenance(driver, name, statement, .nonCoherent) { probe, watch in
    let buffer = try watchedBuffer(in: probe, watch)
    try probe.expect(RawCalls.sync(operations(buffer.handle.rawValue), in: probe), outcome)
    try watch.expect(wanted)
  }
}

private func maintenance(
  _ driver: DRMDriver, _ name: String, _ statement: String, _ coherency: Requirement,
  _ further: Requirement...,
  body: @escaping @Sendable (Probe, MaintenanceWatch) throws -> Void
) -> Check {
  Check(
    "\(driver.name).maintenance.\(name)", statement,
    [.driver(driver), .feature(.explicitSync), coherency, .maintenance] + further
  ) { probe in
    let watch = try MaintenanceWatch(probe)
    defer { watch.end() }
    try body(probe, watch)
  }
}
