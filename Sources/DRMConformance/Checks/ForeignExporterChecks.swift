// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRM
internal import DRMKernel

/// BOs that come to a Mali from an exporter that is none.
func foreignExporterChecks(_ driver: String) -> [Check] {
  Exporter.allCases.flatMap { exporter in
    [
      Check(
        "\(driver).prime.\(exporter.rawValue)_import_info",
        "Memory of \(exporter.text) is imported, without creation flags.",
        .driver(driver), .feature(.bufferQuery), exporter.requirement
      ) { probe in
        let info = try probe.node.importUnprepared(from: exporter.dmaBuf(in: probe)).info()
        try probe.expectEqual("imported", info.isImported, true)
        try probe.expectEqual("mapping", info.mapping, .writeCombining)
      },
      Check(
        "\(driver).prime.\(exporter.rawValue)_import_sync",
        "The driver's own sync call refuses memory of \(exporter.text), empty ranges too: EINVAL.",
        .driver(driver), .feature(.explicitSync), exporter.requirement
      ) { probe in
        let imported = try probe.node.importUnprepared(from: exporter.dmaBuf(in: probe))
        let handle = imported.handle.rawValue
        for (type, size) in [(0, 64), (1, 64), (0, 0), (7, 64)] as [(UInt32, UInt64)] {
          try probe.expect(
            RawCalls.sync([.init(handle: handle, type: type, size: size)], in: probe), .EINVAL)
        }
      },
      Check(
        "\(driver).prime.\(exporter.rawValue)_import_bytes",
        "Memory of \(exporter.text) is mapped by its importer's node, with the same bytes.",
        .driver(driver), exporter.requirement
      ) { probe in
        let dmaBuf = try exporter.dmaBuf(in: probe)
        let imported = try probe.node.importUnprepared(from: dmaBuf)
        var written = try dmaBuf.map()
        try written.store(0xfeed_beef as UInt32, at: 128)
        try probe.expectEqual(
          "word", try imported.map(.read).load(UInt32.self, at: 128), 0xfeed_beef)
      },
      Check(
        "\(driver).prime.\(exporter.rawValue)_reexport",
        "An import of memory of \(exporter.text) is exported as the same dma-buf.",
        .driver(driver), exporter.requirement
      ) { probe in
        let dmaBuf = try exporter.dmaBuf(in: probe)
        let imported = try probe.node.importUnprepared(from: dmaBuf)
        let again = try probe.node.importUnprepared(from: imported.export())
        try probe.expectEqual("handle", again.handle.rawValue, imported.handle.rawValue)
      },
    ]
  }
}

/// Who exports memory beside the Mali drivers.
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
    case .vgem: .neighbour("vgem")
    case .udmabuf: .udmabuf
    case .heap: .systemHeap
    }
  }

  /// Two pages of its memory.
  func dmaBuf(in probe: Probe) throws -> DMABuf {
    switch self {
    case .vgem:
      try probe.openOther("vgem").createBuffer(size: 2 * probe.pageSize).export()
    case .udmabuf: try DRMConformance.udmabuf(in: probe)
    case .heap: try DMAHeap(kernel: probe.kernel).allocate(size: 2 * probe.pageSize)
    }
  }
}
