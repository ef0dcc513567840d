// SPDX-License-Identifier: MIT

internal import DRMKernel

/// A dma-buf: one file for all its descriptors, with the mode of the first export: `struct dma_buf`.
final class MockDMABuf {
  let exporter: any DMABufExporter
  let isReadable: Bool
  let isWritable: Bool
  private let log: MaintenanceLog
  // The DMA mappings of importers, by the BO of each.
  private var attachments: [(importer: ObjectIdentifier, mapping: DMAMapping)] = []

  init(
    exporting exporter: any DMABufExporter, isReadable: Bool = true, isWritable: Bool,
    log: MaintenanceLog
  ) {
    self.exporter = exporter
    self.isReadable = isReadable
    self.isWritable = isWritable
    self.log = log
  }

  var size: UInt64 { exporter.size }

  /// The BO that it exports; nil for a heap or a udmabuf.
  var buffer: MockBuffer? { exporter as? MockBuffer }

  /// Maps the memory for an importer: `dma_buf_map_attachment`.
  func attach(_ importer: MockBuffer) {
    let mapping = importer.dmaMapping
    attachments.append((ObjectIdentifier(importer), mapping))
    // An import allocates the pages.
    exporter.memory.isPinned = true
    if exporter.maintainsForImporters { log.syncForDevice(mapping, 0..<size) }
  }

  /// Unmaps the memory of an importer: `dma_buf_unmap_attachment`.
  func detach(_ importer: MockBuffer) {
    attachments.removeAll { $0.importer == ObjectIdentifier(importer) }
    if exporter.maintainsForImporters {
      log.syncForCPU(importer.dmaMapping, 0..<size, .bidirectional)
    }
  }

  /// Syncs each importer's mapping of the whole memory for the CPU.
  func syncImportersForCPU(_ direction: DMADirection) {
    for attachment in attachments { log.syncForCPU(attachment.mapping, 0..<size, direction) }
  }

  /// Syncs each importer's mapping of the whole memory for its device.
  func syncImportersForDevice() {
    for attachment in attachments { log.syncForDevice(attachment.mapping, 0..<size) }
  }
}

/// The exporter of a dma-buf, `struct dma_buf_ops`: a BO of a driver, a heap or a udmabuf.
protocol DMABufExporter: AnyObject {
  /// In bytes.
  var size: UInt64 { get }
  /// The page size of the machine, in bytes.
  var pageSize: UInt64 { get }
  /// Whether an import cleans the pages and its end invalidates them.
  ///
  /// False for an exporter that maps with `DMA_ATTR_SKIP_CPU_SYNC`.
  var maintainsForImporters: Bool { get }
  /// Whether a private mapping is accepted.
  var allowsPrivateMapping: Bool { get }

  /// The memory, which all imports share.
  var memory: MockMemory { get }

  /// Throws the error of a CPU mapping that is not allowed.
  func allowMapping() throws(Errno)
  /// Throws the error of an import that is not allowed.
  func allowAttachment() throws(Errno)
  /// The hooks of START and END: `begin_cpu_access`, `end_cpu_access`.
  func beginAccess(_ direction: DMADirection, through dmaBuf: MockDMABuf) throws(Errno)
  func endAccess(_ direction: DMADirection, through dmaBuf: MockDMABuf) throws(Errno)
}

extension DMABufExporter {
  var maintainsForImporters: Bool { false }
  var allowsPrivateMapping: Bool { false }
  func allowMapping() throws(Errno) {}
  func allowAttachment() throws(Errno) {}
  func beginAccess(_ direction: DMADirection, through dmaBuf: MockDMABuf) throws(Errno) {}
  func endAccess(_ direction: DMADirection, through dmaBuf: MockDMABuf) throws(Errno) {}
}
