// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRM
internal import DRMKernel

/// BOs across files, devices and drivers.
func sharingChecks(_ driver: String) -> [Check] {
  [
    Check(
      "\(driver).prime.export_wb_mmap", "A WB_MMAP BO can be exported.", .driver(driver),
      .feature(.writeBackMapping)
    ) { probe in
      let buffer = try probe.node.createBuffer(size: 4096, mapping: .writeBack)
      try probe.expect(.success) { () throws(DRMError) in _ = try buffer.export() }
    },
    Check(
      "\(driver).prime.self_import_info",
      "A BO imported by another file of its device keeps its creation flags and is not imported.",
      .driver(driver), .feature(.bufferQuery)
    ) { probe in
      let buffer = try probe.node.createBuffer(size: 4096, mapping: .writeBack)
      let info = try probe.openAgain().importUnprepared(from: buffer.export()).info()
      try probe.expectEqual("mapping", info.mapping, .writeBack)
      try probe.expectEqual("imported", info.isImported, false)
    },
    Check(
      "\(driver).prime.self_import_sync",
      "A BO imported by another file of its device can be synced there.", .driver(driver),
      .feature(.explicitSync)
    ) { probe in
      let buffer = try probe.node.createBuffer(size: 4096, mapping: .writeBack)
      let imported = try probe.openAgain().importUnprepared(from: buffer.export())
      try probe.expect(.success) { () throws(DRMError) in try imported.sync(.flush, 0..<64) }
    },
    Check(
      "\(driver).prime.self_import_bytes",
      "Both files of a device map the same bytes of a shared BO.", .driver(driver)
    ) { probe in
      let buffer = try probe.node.createBuffer(size: 4096)
      let imported = try probe.openAgain().importUnprepared(from: buffer.export())
      var written = try buffer.map()
      try written.store(0xc0ff_ee11 as UInt32, at: 0)
      try probe.expectEqual(
        "first word", try imported.map(.read).load(UInt32.self, at: 0), 0xc0ff_ee11)
    },
    Check(
      "\(driver).prime.mode_is_sticky",
      "The first export decides for all: exported read-only, a dma-buf never maps writable.",
      .driver(driver)
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
    Check(
      "\(driver).prime.foreign_import_info",
      "A BO of another exporter is imported, and none of its creation flags are known.",
      .driver(driver), .feature(.bufferQuery), .otherDevice
    ) { probe in
      let foreign = try probe.openOther().createBuffer(size: 4096).export()
      let info = try probe.node.importUnprepared(from: foreign).info()
      try probe.expectEqual("imported", info.isImported, true)
      try probe.expectEqual("mapping", info.mapping, .writeCombining)
    },
    Check(
      "\(driver).prime.foreign_import_bytes",
      "A BO of another exporter is mapped by its importer's node too, with the same bytes.",
      .driver(driver), .otherDevice
    ) { probe in
      let buffer = try probe.openOther().createBuffer(size: 4096)
      let imported = try probe.node.importUnprepared(from: buffer.export())
      var written = try buffer.map()
      try written.store(0x5ca1_ab1e as UInt32, at: 256)
      try probe.expectEqual(
        "word", try imported.map(.read).load(UInt32.self, at: 256), 0x5ca1_ab1e)
    },
    Check(
      "\(driver).prime.foreign_import_again",
      "Importing one dma-buf twice in a file answers one handle.", .driver(driver), .otherDevice
    ) { probe in
      let foreign = try probe.openOther().createBuffer(size: 4096).export()
      let first = try probe.node.importUnprepared(from: foreign)
      let second = try probe.node.importUnprepared(from: foreign)
      try probe.expectEqual("second handle", second.handle.rawValue, first.handle.rawValue)
    },
    Check(
      "\(driver).prime.foreign_reexport",
      "Exporting an imported BO gives its exporter's dma-buf, which that device takes as its own.",
      .driver(driver), .otherDevice
    ) { probe in
      let other = try probe.openOther()
      let buffer = try other.createBuffer(size: 4096)
      let imported = try probe.node.importUnprepared(from: buffer.export())
      let again = try other.importUnprepared(from: imported.export())
      try probe.expectEqual("handle", again.handle.rawValue, buffer.handle.rawValue)
    },
    Check(
      "\(driver).prime.foreign_import_synced",
      "A BO of another exporter is synced through its dma-buf, which keeps what the CPU wrote.",
      .driver(driver), .feature(.explicitSync), .otherDevice
    ) { probe in
      let foreign = try probe.openOther().createBuffer(size: 4096).export()
      let imported = try probe.node.importUnprepared(from: foreign)
      var mapping = try imported.map()
      try mapping.store(0x0dd_ba11 as UInt32, at: 64)
      try probe.expect(.success) { () throws(DRMError) in
        try imported.sync(.flushAndInvalidate, 64..<68)
      }
      try probe.expectEqual("word", mapping.load(UInt32.self, at: 64), 0x0dd_ba11)
    },
  ]
}
