// SPDX-License-Identifier: MIT

internal import DRMKernel

/// A dma-buf: one file, however many descriptors name it, so its mode is the first export's.
final class MockDMABuf {
  let exporter: any DMABufExporter
  let isReadable: Bool
  let isWritable: Bool
  private let log: MaintenanceLog
  // The devices that have the memory mapped, by the BO each imported it as.
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

  /// The BO it was made of, where a driver exported it.
  var buffer: MockBuffer? { exporter as? MockBuffer }

  /// Maps the memory for an importer: `dma_buf_map_attachment`.
  func attach(_ importer: MockBuffer) {
    let mapping = importer.dmaMapping
    attachments.append((ObjectIdentifier(importer), mapping))
    // Whether or not anybody has touched it.
    exporter.memory.isPinned = true
    if exporter.maintainsForImporters { log.syncForDevice(mapping, 0..<size) }
  }

  /// Unmaps it with the importer's end.
  func detach(_ importer: MockBuffer) {
    attachments.removeAll { $0.importer == ObjectIdentifier(importer) }
    if exporter.maintainsForImporters {
      log.syncForCPU(importer.dmaMapping, 0..<size, .bidirectional)
    }
  }

  /// Syncs every importer's mapping of the whole memory, as an exporter's hooks may.
  func syncImportersForCPU(_ direction: DMADirection) {
    for attachment in attachments { log.syncForCPU(attachment.mapping, 0..<size, direction) }
  }

  func syncImportersForDevice() {
    for attachment in attachments { log.syncForDevice(attachment.mapping, 0..<size) }
  }
}
