// SPDX-License-Identifier: MIT

import DRM
import DRMKernel
import MockDRM
import TestSupport
import Testing

/// BOs of one device in another, for each pair of drivers.
@Suite struct SharingTests {
  static let pairs = [MockProfile.Driver.panthor, .panfrost].flatMap { exporter in
    [MockProfile.Driver.panthor, .panfrost].map { (exporter, $0) }
  }

  @Test(arguments: pairs)
  func importSyncsThroughItsDMABuf(
    _ exporter: MockProfile.Driver, _ importer: MockProfile.Driver
  ) throws {
    let mock = MockKernel([MockProfile(exporter), MockProfile(importer)])
    // Neither driver's own call may get the import: it would be refused.
    let kernel = Kernel.substitute(mock)
    do {
      let source = try DRMNode(path: "/dev/dri/renderD128", kernel: kernel)
      let node = try DRMNode(path: "/dev/dri/renderD129", kernel: kernel)
      let buffer = try source.createBuffer(size: 4096, mapping: .writeBack)
      var bytes = try buffer.map()
      try bytes.store(1 as UInt8, at: 0)
      // A device does not maintain a BO before its DMA mapping, which cleans the BO.
      try buffer.sync(.flush, 0..<64)
      let imported = try node.importBuffer(from: buffer.export())
      #expect(imported.isImported == true && buffer.isImported == false)
      try imported.sync(.flush, 0..<64)
      try imported.sync(.flushAndInvalidate, 0..<4096)
      func record(_ action: MaintenanceRecord.Action) -> MaintenanceRecord {
        MaintenanceRecord(
          action: action, device: "/dev/dri/renderD128", buffer: 1, range: 0..<4096)
      }
      #expect(
        // The first two belong to the sync and its DMA mapping, the third to the import.
        mock.maintenance(atNode: "/dev/dri/renderD128")?.dropFirst(3) == [
          record(.clean),
          record(.clean),
          record(.invalidate),
          record(.clean),
        ])
      let past = #expect(throws: DRMError.self) { try imported.sync(.flush, 0..<4097) }
      #expect(past?.errno == .EINVAL)
      var batch = SyncBatch()
      let refused = #expect(throws: DRMError.self) {
        try batch.append(SyncOperation(.flush, 0..<64), on: imported)
      }
      #expect(refused?.reason == .importedInBatch && batch.count == 0)
    }
    #expect(mock.usage == .none)
  }

  @Test func addressSpacesAreOwned() throws {
    let bench = Bench()
    do {
      let node = try bench.open()
      let first = try node.createVM()
      #expect(first.id == 1)
      try node.createVM().destroy()
      #expect(try node.createVM().id == 2)
      #expect(try first.isUsable())
      let buffer = try node.createBuffer(size: 65536, mapping: .writeBack)
      try first.map(0..<65536, of: buffer, at: 1 << 20)
      // The VM maps all pages, so there are pages to maintain without an access by the CPU.
      try buffer.sync(.flush, 0..<64)
      #expect(bench.mock.maintenance(atNode: bench.path)?.count == 2)
      try first.unmap(1 << 20..<1 << 20 + 65536)
      #expect(try node.latestFlushID() == 1)
    }
    #expect(bench.mock.usage == .none)
  }

  @Test func syncFilesAreOwned() throws {
    let bench = Bench()
    do {
      let dmaBuf = try bench.open().createBuffer(size: 4096).export()
      try dmaBuf.setName("frame")
      let file = try dmaBuf.exportSyncFile(.readWrite)
      try dmaBuf.importSyncFile(file, .write)
      let copy = try dmaBuf.duplicate()
      #expect(try copy.size() == 4096)
      #expect(bench.mock.usage.descriptors == 3)
    }
    #expect(bench.mock.usage == .none)
  }
}
