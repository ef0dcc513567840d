// SPDX-License-Identifier: MIT

internal import DRMKernel

/// A BO: the kernel object behind handles, mappings and a dma-buf.
final class MockBuffer {
  /// How its memory came to be.
  enum Origin {
    /// Created on this device, with the driver's flags as they were given.
    case created(flags: UInt32)
    /// Imported from another exporter's dma-buf.
    case imported(MockDMABuf)
  }

  let device: MockDevice
  let size: UInt64
  let origin: Origin
  /// Distinguishes BOs in the maintenance record; never reused.
  let serial: Int
  /// What the driver keeps for each BO; only the driver's own files know what it is.
  let driverState: AnyObject
  // What of its own pages the device has mapped, each part as it was mapped.
  private var mappedParts: [Range<UInt64>] = []
  private(set) var offset: UInt64 = 0
  /// Its own, or its exporter's.
  private(set) lazy var memory: MockMemory = makeMemory()

  /// How many handles, in all files, name it.
  var handleCount = 0 {
    didSet {
      // The dma-buf is cached for as long as any handle names the BO; drm_gem.c drops it with the last.
      if handleCount == 0 { dmaBuf = nil }
    }
  }
  /// The dma-buf that stands for it while it has handles.
  var dmaBuf: MockDMABuf?

  /// Creates the object and gives it a fake offset; ENOSPC where there is none left.
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

  /// The driver's creation flags; none are known of an imported BO.
  var flags: UInt32 {
    if case .created(let flags) = origin { flags } else { 0 }
  }

  var isImported: Bool {
    if case .imported = origin { true } else { false }
  }

  /// Its pages as this device has them mapped, or would have.
  var dmaMapping: DMAMapping {
    DMAMapping(
      device: device.renderNode, isCoherent: device.profile.isCoherent, buffer: serial, size: size,
      memory: memory)
  }

  /// Whether the device has its own pages mapped: cache maintenance goes by that mapping.
  var isMappedForDMA: Bool { !mappedParts.isEmpty }

  /// Maps the BO's own pages for the device, which cleans them: `dma_map_sgtable`; nothing the second time.
  func mapForDMA() {
    if !isMappedForDMA { mapForDMA(0..<size) }
  }

  /// Maps a part of them, which had not been mapped.
  func mapForDMA(_ part: Range<UInt64>) {
    guard !isImported, !mappedParts.contains(where: { $0.overlaps(part) }) else { return }
    mappedParts.append(part)
    device.log.syncForDevice(dmaMapping, part)
  }

  /// Syncs a range of the device's own mapping: clean, and drop after it.
  func maintain(_ range: Range<UInt64>, invalidates: Bool) {
    device.log.syncForDevice(dmaMapping, range)
    if invalidates { device.log.syncForCPU(dmaMapping, range, .fromDevice) }
  }

  private func makeMemory() -> MockMemory {
    if case .imported(let dmaBuf) = origin { return dmaBuf.exporter.memory }
    return MockMemory(
      MemoryImages(size: Int(size), firstByte: device.breaks(.zeroed) ? 0xff : 0),
      isWriteCombining: device.driver.mapsWriteCombining(self), caches: device.caches)
  }
}
