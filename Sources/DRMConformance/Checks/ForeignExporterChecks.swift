// SPDX-License-Identifier: MIT

internal import DRM
internal import DRMDrivers
internal import DRMKernel

/// Imports into a Mali driver from exporters without a GPU.
func foreignExporterChecks(_ driver: DRMDriver) -> [Check] {
  checks(of: driver, Exporter.allCases.flatMap { importChecks("\(driver.name).prime", $0) })
}

private func importChecks(_ prefix: String, _ exporter: Exporter) -> [Check] {
  func check(
    _ name: String, _ statement: String, _ requires: Requirement...,
    body: @escaping @Sendable (Probe, borrowing DMABuf, borrowing BufferObject) throws -> Void
  ) -> Check {
    Check("\(prefix).\(exporter.rawValue)_\(name)", statement, requires + [exporter.requirement]) {
      probe in
      let dmaBuf = try exporter.dmaBuf(in: probe)
      try body(probe, dmaBuf, try probe.node.importUnprepared(from: dmaBuf))
    }
  }

  return [
    check(
      "import_info",
      "A BO imported from \(exporter.text) is reported as imported, without creation flags.",
      .feature(.bufferQuery)
    ) { probe, _, imported in
      let info = try imported.info()
      try probe.expectEqual("imported", info.isImported, true)
      try probe.expectEqual("mapping", info.mapping, .writeCombining)
    },
    check(
      "import_sync",
      "The driver's sync ioctl on a BO imported from \(exporter.text) fails with EINVAL.",
      .feature(.explicitSync)
    ) { probe, _, imported in
      let handle = imported.handle.rawValue
      for (type, size) in [(0, 64), (1, 64), (0, 0), (7, 64)] as [(UInt32, UInt64)] {
        try probe.expect(
          RawCalls.sync([.init(handle: handle, type: type, size: size)], in: probe), .EINVAL)
      }
    },
    check(
      "import_bytes",
      "A mapping of a BO imported from \(exporter.text) shows the bytes of the dma-buf."
    ) { probe, dmaBuf, imported in
      try expectSharedWord(
        "word", 0xfeed_beef, at: 128, try dmaBuf.map(), try imported.map(.read), in: probe)
    },
    check(
      "reexport", "Exporting a BO imported from \(exporter.text) returns the same dma-buf."
    ) { probe, _, imported in
      let again = try probe.node.importUnprepared(from: imported.export())
      try probe.expectEqual("handle", again.handle.rawValue, imported.handle.rawValue)
    },
  ]
}

/// Stores a word through one mapping, and judges that another mapping shows it.
func expectSharedWord(
  _ subject: String, _ word: UInt32, at offset: Int, _ written: consuming BufferMapping,
  _ read: borrowing BufferMapping, in probe: Probe
) throws {
  var written = written
  try written.store(word, at: offset)
  try probe.expectEqual(subject, read.load(UInt32.self, at: offset), word)
}

/// An exporter that is not a Mali driver.
enum Exporter: String, CaseIterable {
  case vgem
  case udmabuf
  case heap

  var text: String {
    switch self {
    case .vgem: "vgem"
    case .udmabuf: "a udmabuf"
    case .heap: "the system heap"
    }
  }

  var requirement: Requirement {
    switch self {
    case .vgem: .neighbour(.vgem)
    case .udmabuf: .udmabuf
    case .heap: .systemHeap
    }
  }

  /// Returns a dma-buf of two pages.
  func dmaBuf(in probe: Probe) throws -> DMABuf {
    switch self {
    case .vgem:
      try probe.openOther(.vgem).createBuffer(size: 2 * probe.pageSize).export()
    case .udmabuf: try DRMConformance.udmabuf(in: probe)
    case .heap: try DMAHeap(kernel: probe.kernel).allocate(size: 2 * probe.pageSize)
    }
  }
}
