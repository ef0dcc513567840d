// SPDX-License-Identifier: MIT

internal import DRMKernel

/// A BO, which handles, mappings and a dma-buf refer to: `struct drm_gem_object`.
final class MockBuffer {
  /// Where its memory comes from.
  enum Origin {
    /// Created on this device, with the driver's creation flags.
    case created(flags: UInt32)
    /// Imported from a dma-buf of another exporter.
    case imported(MockDMABuf)
  }

  let device: MockDevice
  let size: UInt64
  let origin: Origin
  /// The BO's number in maintenance records; never used again.
  let serial: Int
  /// The driver's state for this BO.
  let driverState: AnyObject
  // The parts of its own pages that are mapped for the device, as they were mapped.
  private var mappedParts: [Range<UInt64>] = []
  private(set) var offset: UInt64 = 0
  /// Its own memory, or that of its exporter.
  private(set) lazy var memory: MockMemory = makeMemory()

  /// The number of its handles in all files.
  var handleCount = 0 {
    didSet {
      // The last handle releases the dma-buf: drm_gem_object_exported_dma_buf_free in drm_gem.c.
      if handleCount == 0 { dmaBuf = nil }
    }
  }
  /// Its dma-buf, as long as it has handles.
  var dmaBuf: MockDMABuf?

  /// Creates a BO with a fake offset; throws ENOSPC where no range of offsets is free.
  init(on device: MockDevice, size: UInt64, origin: Origin) throws(Errno) {
    self.device = device
    self.size = size
    self.origin = origin
    serial = device.nextSerial()
    driverState = device.driver.makeBufferState()
    offset = try device.offsets.insert(self, size: size)
    device.liveBuffers += 1
    if case .imported(let dmaBuf) = origin { dmaBuf.attach(self) }
  }

  deinit {
    guard offset != 0 else { return }
    if case .imported(let dmaBuf) = origin { dmaBuf.detach(self) }
    if isMappedForDMA {
      var mapping = dmaMapping
      mapping.memory = nil
      for part in mappedParts { device.log.syncForCPU(mapping, part, .bidirectional) }
    }
    device.offsets.remove(offset: offset, size: size)
    device.liveBuffers -= 1
  }

  /// The driver's creation flags; 0 for an imported BO.
  var flags: UInt32 {
    if case .created(let flags) = origin { flags } else { 0 }
  }

  var isImported: Bool {
    if case .imported = origin { true } else { false }
  }

  /// The DMA mapping of its pages for this device, existing or not.
  var dmaMapping: DMAMapping {
    DMAMapping(
      device: device.renderNode, isCoherent: device.profile.isCoherent, buffer: serial, size: size,
      memory: memory)
  }

  /// Whether its own pages are mapped for the device; without a mapping there is no cache maintenance.
  var isMappedForDMA: Bool { !mappedParts.isEmpty }

  /// Maps its own pages for the device once, which cleans them: `dma_map_sgtable`.
  func mapForDMA() {
    if !isMappedForDMA { mapForDMA(0..<size) }
  }

  /// Maps a part of its own pages, unless some of them are mapped already.
  func mapForDMA(_ part: Range<UInt64>) {
    guard !isImported, !mappedParts.contains(where: { $0.overlaps(part) }) else { return }
    mappedParts.append(part)
    device.log.syncForDevice(dmaMapping, part)
  }

  /// Cleans a range of the device's mapping, and invalidates it afterwards where that is wanted.
  func maintain(_ range: Range<UInt64>, invalidates: Bool) {
    device.log.syncForDevice(dmaMapping, range)
    if invalidates { device.log.syncForCPU(dmaMapping, range, .fromDevice) }
  }

  private func makeMemory() -> MockMemory {
    if case .imported(let dmaBuf) = origin { return dmaBuf.exporter.memory }
    return MockMemory(
      MemoryImages(size: Int(size), firstByte: device.injects(.zeroed) ? 0xff : 0),
      isWriteCombining: device.driver.mapsWriteCombining(self), caches: device.caches)
  }
}

/// The dma-buf hooks of a BO's driver.
extension MockBuffer: DMABufExporter {
  var pageSize: UInt64 { UInt64(device.profile.pageSize) }

  /// Calls the driver's mmap hook, as `drm_gem_dmabuf_mmap` does.
  func allowMapping() throws(Errno) {
    try device.driver.allowMapping(of: self)
  }

  func allowAttachment() throws(Errno) {
    try device.driver.allowAttachment(to: self)
  }

  /// Syncs the whole BO for the CPU: the device's mapping, then that of each importer.
  func beginAccess(_ direction: DMADirection, through dmaBuf: MockDMABuf) throws(Errno) {
    guard device.driver.hasAccessHooks else { return }
    guard device.profile.policy != .seriesV4 else {
      try ProposedSync.start(direction)?.perform(on: self, offset: 0, size: size)
      return
    }
    if isMappedForDMA { device.log.syncForCPU(dmaMapping, 0..<size, direction) }
    dmaBuf.syncImportersForCPU(direction)
  }

  /// Syncs the whole BO for devices: the mapping of each importer, then the device's own.
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
