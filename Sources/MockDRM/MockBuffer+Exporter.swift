// SPDX-License-Identifier: MIT

internal import DRMKernel

/// A BO behind a dma-buf.
extension MockBuffer: DMABufExporter {
  var pageSize: UInt64 { UInt64(device.profile.pageSize) }

  /// The driver's mmap hook serves a dma-buf too.
  func allowMapping() throws(Errno) {
    try device.driver.allowMapping(of: self)
  }

  func allowAttachment() throws(Errno) {
    try device.driver.allowAttachment(to: self)
  }

  /// The whole BO, whatever its CPU mapping: first the device's own mapping, then every importer's.
  func beginAccess(_ direction: DMADirection, through dmaBuf: MockDMABuf) throws(Errno) {
    guard device.driver.hasAccessHooks else { return }
    guard device.profile.policy != .seriesV4 else {
      try ProposedSync.begin(direction)?.perform(on: self, offset: 0, size: size)
      return
    }
    if isMappedForDMA { device.log.syncForCPU(dmaMapping, 0..<size, direction) }
    dmaBuf.syncImportersForCPU(direction)
  }

  /// The other way around: importers first.
  func endAccess(_ direction: DMADirection, through dmaBuf: MockDMABuf) throws(Errno) {
    guard device.driver.hasAccessHooks else { return }
    guard device.profile.policy != .seriesV4 else {
      try ProposedSync.end(direction)?.perform(on: self, offset: 0, size: size)
      return
    }
    dmaBuf.syncImportersForDevice()
    if isMappedForDMA { device.log.syncForDevice(dmaMapping, 0..<size) }
  }
}
