// SPDX-License-Identifier: MIT

internal import DRMKernel

/// What stands behind a dma-buf: a BO of a driver, or the memory of a heap or of a udmabuf.
///
/// Stands for `struct dma_buf_ops`.
protocol DMABufExporter: AnyObject {
  /// In bytes.
  var size: UInt64 { get }
  /// Of the machine, in bytes.
  var pageSize: UInt64 { get }
  /// Whether pages are cleaned as an importer maps them, and dropped as it unmaps them: an exporter without
  /// `DMA_ATTR_SKIP_CPU_SYNC`.
  var maintainsForImporters: Bool { get }
  /// Whether a private mapping, which is a copy, is possible.
  var allowsPrivateMapping: Bool { get }

  /// What is behind it, shared with every import.
  var memory: MockMemory { get }

  /// Throws what a mapping through the dma-buf is refused with.
  func allowMapping() throws(Errno)
  /// Throws what another device is refused with that wants to use the memory.
  func allowAttachment() throws(Errno)
  /// The exporter's CPU access hooks.
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
