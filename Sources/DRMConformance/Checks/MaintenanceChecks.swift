// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRM
internal import DRMKernel

/// What each sync really maintains: as the mock records it, and as Linux traces it.
func maintenanceChecks(_ driver: String) -> [Check] {
  // The first node of the other driver does not snoop either.
  let other = driver == "panthor" ? "panfrost" : "panthor"
  return [
    maintenance(
      driver, "flush_sub_line", "A flush cleans exactly the bytes it was asked for.", .nonCoherent
    ) { probe, watch in
      let buffer = try watchedBuffer(in: probe, watch)
      try buffer.sync(.flush, 131..<134)
      try watch.expect("own: clean 131..<134")
    },
    maintenance(
      driver, "flush_line", "A flush of 64 bytes in a large BO cleans 64 bytes.", .nonCoherent
    ) { probe, watch in
      let buffer = try watchedBuffer(in: probe, watch, size: 1 << 20)
      try buffer.sync(.flush, 65536..<65600)
      try watch.expect("own: clean 65536..<65600")
    },
    maintenance(
      driver, "flush_and_invalidate", "FLUSH_AND_INVALIDATE cleans its bytes, then drops them.",
      .nonCoherent
    ) { probe, watch in
      let buffer = try watchedBuffer(in: probe, watch)
      try buffer.sync(.flushAndInvalidate, 63..<129)
      try watch.expect("own: clean 63..<129, invalidate 63..<129")
    },
    maintenance(
      driver, "across_pages", "A flush across pages cleans all of its bytes, and no others.",
      .nonCoherent
    ) { probe, watch in
      let buffer = try watchedBuffer(in: probe, watch, size: 16 * 16384)
      try buffer.sync(.flush, 100..<16 * 16384 - 100)
      try watch.expect("own: clean 100..<262044")
    },
    maintenance(
      driver, "first_sync", "The first sync of a BO with pages cleans what mapping it cleans.",
      .nonCoherent
    ) { probe, watch in
      let buffer = try probe.node.createBuffer(size: 65536, mapping: .writeBack)
      var bytes = try buffer.map()
      try bytes.store(1 as UInt8, at: 0)
      try buffer.sync(.flush, 0..<64)
      try watch.expect("own: clean 0..<65536")
    },
    maintenance(
      driver, "write_combining", "A sync of a WC BO maintains nothing.", .nonCoherent
    ) { probe, watch in
      let buffer = try watchedBuffer(in: probe, watch, mapping: .writeCombining)
      try buffer.sync(.flushAndInvalidate, 0..<4096)
      try watch.expect("nothing")
    },
    maintenance(driver, "coherent", "A coherent device maintains nothing.", .coherent) {
      probe, watch in
      let buffer = try watchedBuffer(in: probe, watch)
      try buffer.sync(.flushAndInvalidate, 0..<4096)
      try bracket(try buffer.export(), .readWrite)
      try watch.expect("nothing")
    },
    maintenance(
      driver, "empty", "A sync of no bytes maintains nothing.", .nonCoherent
    ) { probe, watch in
      let buffer = try watchedBuffer(in: probe, watch)
      try buffer.sync(.flushAndInvalidate, 64..<64)
      try watch.expect("nothing")
    },
    maintenance(
      driver, "stops_at_failure", "Operations before a failing one are done, those after it not.",
      .nonCoherent
    ) { probe, watch in
      let buffer = try watchedBuffer(in: probe, watch)
      let handle = buffer.handle.rawValue
      try probe.expect(
        RawCalls.sync(
          [
            .init(handle: handle, offset: 0, size: 64),
            .init(handle: handle, offset: 1 << 30, size: 64),
            .init(handle: handle, offset: 256, size: 64),
          ], in: probe), .EINVAL)
      try watch.expect("own: clean 0..<64")
    },
    maintenance(
      driver, "bad_handle", "Operations before one on no BO are done, those after it not.",
      .nonCoherent
    ) { probe, watch in
      let buffer = try watchedBuffer(in: probe, watch)
      let handle = buffer.handle.rawValue
      try probe.expect(
        RawCalls.sync(
          [
            .init(handle: handle, offset: 512, size: 64), .init(handle: 4242),
            .init(handle: handle, offset: 256, size: 64),
          ], in: probe), .ENOENT)
      try watch.expect("own: clean 512..<576")
    },
    maintenance(
      driver, "access_reading",
      "An access for reading drops the whole BO, and cleans it at its end.",
      .nonCoherent
    ) { probe, watch in
      let dmaBuf = try watchedBuffer(in: probe, watch).export()
      try dmaBuf.startAccess(.read)
      try watch.expect("own: invalidate 0..<65536")
      try dmaBuf.endAccess(.read)
      try watch.expect("own: clean 0..<65536")
    },
    maintenance(
      driver, "access_writing", "An access for writing cleans the whole BO at its end only.",
      .nonCoherent
    ) { probe, watch in
      let dmaBuf = try watchedBuffer(in: probe, watch).export()
      try dmaBuf.startAccess(.write)
      try watch.expect("nothing")
      try dmaBuf.endAccess(.write)
      try watch.expect("own: clean 0..<65536")
    },
    maintenance(
      driver, "access_wc", "An access maintains a WC BO too.", .nonCoherent
    ) { probe, watch in
      let dmaBuf = try watchedBuffer(in: probe, watch, mapping: .writeCombining).export()
      try bracket(dmaBuf, .readWrite)
      try watch.expect("own: invalidate 0..<65536, clean 0..<65536")
    },
    maintenance(
      driver, "access_importer", "An access syncs an importer's mapping too.", .nonCoherent,
      .neighbour(other)
    ) { probe, watch in
      let buffer = try watchedBuffer(in: probe, watch)
      let dmaBuf = try buffer.export()
      let imported = try probe.openOther(other).importUnprepared(from: dmaBuf)
      try watch.expect("nothing")
      try dmaBuf.startAccess(.read)
      try watch.expect("own: invalidate 0..<65536; other: invalidate 0..<65536")
      try dmaBuf.endAccess(.read)
      try watch.expect("other: clean 0..<65536; own: clean 0..<65536")
      try imported.close()
    },
    maintenance(
      driver, "import_vgem",
      "vgem's memory is never maintained, neither by an import nor an access.",
      .nonCoherent, .neighbour("vgem")
    ) { probe, watch in
      let dmaBuf = try Exporter.vgem.dmaBuf(in: probe)
      let imported = try probe.node.importUnprepared(from: dmaBuf)
      try bracket(dmaBuf, .readWrite)
      try imported.close()
      try watch.expect("nothing")
    },
    maintenance(
      driver, "import_udmabuf",
      "A udmabuf is not cleaned as it is imported, nor dropped as the import ends.", .nonCoherent,
      .udmabuf
    ) { probe, watch in
      let dmaBuf = try Exporter.udmabuf.dmaBuf(in: probe)
      let imported = try probe.node.importUnprepared(from: dmaBuf)
      try watch.expect("nothing")
      try imported.close()
      try watch.expect("nothing")
    },
    maintenance(
      driver, "access_udmabuf",
      "An access to a udmabuf syncs its own mapping, made by the first START, and no importer's.",
      .nonCoherent, .udmabuf
    ) { probe, watch in
      let dmaBuf = try Exporter.udmabuf.dmaBuf(in: probe)
      let whole = 0..<2 * probe.pageSize
      let imported = try probe.node.importUnprepared(from: dmaBuf)
      try watch.forget()
      try dmaBuf.startAccess(.write)
      try watch.expect("nothing")
      try dmaBuf.startAccess(.read)
      try watch.expect("udmabuf: invalidate \(whole)")
      try dmaBuf.endAccess(.write)
      try watch.expect("udmabuf: clean \(whole)")
      try imported.close()
    },
    maintenance(
      driver, "access_udmabuf_first",
      "The first START on a udmabuf makes its own mapping without cleaning, and drops by it.",
      .nonCoherent, .udmabuf
    ) { probe, watch in
      let dmaBuf = try Exporter.udmabuf.dmaBuf(in: probe)
      let whole = 0..<2 * probe.pageSize
      try watch.forget()
      try dmaBuf.startAccess(.read)
      try watch.expect("udmabuf: invalidate \(whole)")
      try dmaBuf.endAccess(.read)
      try watch.expect("udmabuf: clean \(whole)")
    },
  ]
}

/// What only panthor can show, whose BOs have no pages at first.
let panthorMaintenanceChecks: [Check] = [
  maintenance(
    "panthor", "import_makes_pages",
    "An import gives a BO pages, so that a sync after it maps the BO, which cleans all of it.",
    .nonCoherent, .neighbour("panfrost")
  ) { probe, watch in
    let buffer = try probe.node.createBuffer(size: 65536, mapping: .writeBack)
    let imported = try probe.openOther("panfrost").importUnprepared(from: buffer.export())
    try watch.forget()
    try buffer.sync(.flush, 0..<64)
    try watch.expect("own: clean 0..<65536")
    try imported.close()
  }
]

private func bracket(_ dmaBuf: borrowing DMABuf, _ access: CPUAccess) throws(DRMError) {
  try dmaBuf.startAccess(access)
  try dmaBuf.endAccess(access)
}

/// A BO whose pages are there and mapped for the device, with nothing of that left to be seen.
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
  try watch.forget()
  return buffer
}

private func maintenance(
  _ driver: String, _ name: String, _ statement: String, _ coherency: Requirement,
  _ further: Requirement...,
  body: @escaping @Sendable (Probe, MaintenanceWatch) throws -> Void
) -> Check {
  Check(
    "\(driver).maintenance.\(name)", statement,
    [.driver(driver), .feature(.explicitSync), coherency, .maintenance] + further
  ) { probe in
    let watch = try MaintenanceWatch(probe)
    defer { watch.end() }
    try body(probe, watch)
  }
}
