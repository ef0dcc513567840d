// SPDX-License-Identifier: MIT

internal import DRM
internal import DRMDrivers

/// BOs shared by PRIME between files, devices and drivers.
func sharingChecks(_ driver: DRMDriver) -> [Check] {
  let prefix = "\(driver.name).prime"
  return checks(of: driver, ownImports(prefix) + foreignImports(prefix))
}

/// BOs shared between files of one device.
private func ownImports(_ prefix: String) -> [Check] {
  [
    Check(
      "\(prefix).export_wb_mmap", "A WB_MMAP BO can be exported.", .feature(.writeBackMapping)
    ) { probe in
      let buffer = try probe.node.createBuffer(size: 4096, mapping: .writeBack)
      try probe.expect(.success) { () throws(DRMError) in _ = try buffer.export() }
    },
    Check(
      "\(prefix).self_import_info",
      "A BO imported by another file of its device keeps its creation flags and is not imported.",
      .feature(.bufferQuery)
    ) { probe in
      let buffer = try probe.node.createBuffer(size: 4096, mapping: .writeBack)
      let info = try probe.openAgain().importUnprepared(from: buffer.export()).info()
      try probe.expectEqual("mapping", info.mapping, .writeBack)
      try probe.expectEqual("imported", info.isImported, false)
    },
    Check(
      "\(prefix).self_import_sync",
      "The sync ioctl accepts a BO imported by another file of its device.",
      .feature(.explicitSync)
    ) { probe in
      let buffer = try probe.node.createBuffer(size: 4096, mapping: .writeBack)
      let imported = try probe.openAgain().importUnprepared(from: buffer.export())
      try probe.expect(.success) { () throws(DRMError) in try imported.sync(.flush, 0..<64) }
    },
    Check(
      "\(prefix).self_import_bytes",
      "Mappings through two files of a device show the same bytes of a shared BO."
    ) { probe in
      let buffer = try probe.node.createBuffer(size: 4096)
      let imported = try probe.openAgain().importUnprepared(from: buffer.export())
      try expectSharedWord(
        "first word", 0xc0ff_ee11, at: 0, try buffer.map(), try imported.map(.read), in: probe)
    },
    Check(
      "\(prefix).mode_is_sticky",
      "If the first export of a BO is read-only, all its later exports are read-only too."
    ) { probe in
      let buffer = try probe.node.createBuffer(size: 4096)
      for flags: UInt32 in [0x80000, 0x80002] {
        let dmaBuf = try RawCalls.export(buffer.handle.rawValue, flags: flags, in: probe)
        try probe.expect(probe.mmap(length: 4096, dmaBuf.descriptor, offset: 0), .EACCES)
        try probe.expect(
          probe.mmap(
            length: 4096, protection: Protection.read, dmaBuf.descriptor, offset: 0), .success)
      }
    },
  ]
}

/// BOs of another Mali device.
private func foreignImports(_ prefix: String) -> [Check] {
  [
    Check(
      "\(prefix).foreign_import_info",
      "A BO of another exporter is reported as imported, without creation flags.",
      .feature(.bufferQuery), .otherDevice
    ) { probe in
      let info = try foreignImport(in: probe).info()
      try probe.expectEqual("imported", info.isImported, true)
      try probe.expectEqual("mapping", info.mapping, .writeCombining)
    },
    Check(
      "\(prefix).foreign_import_bytes",
      "A BO of another exporter can be mapped through its importer and shows the same bytes.",
      .otherDevice
    ) { probe in
      let buffer = try probe.openOther().createBuffer(size: 4096)
      let imported = try probe.node.importUnprepared(from: buffer.export())
      try expectSharedWord(
        "word", 0x5ca1_ab1e, at: 256, try buffer.map(), try imported.map(.read), in: probe)
    },
    Check(
      "\(prefix).foreign_import_again",
      "Importing one dma-buf twice in a file returns the same handle.", .otherDevice
    ) { probe in
      let foreign = try probe.openOther().createBuffer(size: 4096).export()
      let first = try probe.node.importUnprepared(from: foreign)
      let second = try probe.node.importUnprepared(from: foreign)
      try probe.expectEqual("second handle", second.handle.rawValue, first.handle.rawValue)
    },
    Check(
      "\(prefix).foreign_reexport",
      "Exporting an imported BO returns its exporter's dma-buf, which its device imports as its own BO.",
      .otherDevice
    ) { probe in
      let other = try probe.openOther()
      let buffer = try other.createBuffer(size: 4096)
      let imported = try probe.node.importUnprepared(from: buffer.export())
      let again = try other.importUnprepared(from: imported.export())
      try probe.expectEqual("handle", again.handle.rawValue, buffer.handle.rawValue)
    },
    Check(
      "\(prefix).foreign_import_synced",
      "The client syncs a BO of another exporter by its dma-buf, and CPU writes are kept.",
      .feature(.explicitSync), .otherDevice
    ) { probe in
      let imported = try foreignImport(in: probe)
      var mapping = try imported.map()
      try mapping.store(0x0dd_ba11 as UInt32, at: 64)
      try probe.expect(.success) { () throws(DRMError) in
        try imported.sync(.flushAndInvalidate, 64..<68)
      }
      try probe.expectEqual("word", mapping.load(UInt32.self, at: 64), 0x0dd_ba11)
    },
  ]
}

/// Creates a BO of 4096 bytes on another device and imports it.
func foreignImport(in probe: Probe) throws -> BufferObject {
  try probe.node.importUnprepared(from: probe.openOther().createBuffer(size: 4096).export())
}
