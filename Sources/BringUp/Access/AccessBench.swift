// SPDX-License-Identifier: MIT

internal import DRMDrivers
@_spi(ProposedSync) internal import DRM
internal import DRMKernel

/// A BO that CPU and device share, to try access paths on.
final class AccessBench {
  private let device: OpenDevice
  private let gpu: any TestGPU
  private let buffer: BufferObject
  private let dmaBuf: DMABuf
  private var mapping: BufferMapping
  private let seen: GPUBuffer

  /// The size of the memory in bytes.
  static let size: UInt64 = 64 << 10

  /// A word that the CPU writes to memory before the import, and the offset of its cache line.
  typealias Written = (word: UInt64, line: UInt64)

  /// Creates the BO; nil for a driver that takes no jobs, and for memory that ``lack(of:on:)`` explains.
  ///
  /// - Parameter written: what the CPU writes to the memory before it is imported.
  init?(
    _ memory: AccessMemory, on machine: DRMDevice, kernel: Kernel, written: Written? = nil
  ) throws(DRMError) {
    device = try OpenDevice(machine.path, kernel: kernel)
    guard let gpu = try device.makeGPU() else { return nil }
    self.gpu = gpu
    if memory.isImported {
      guard let dmaBuf = try Self.export(memory, beside: machine, kernel: kernel) else {
        return nil
      }
      var mapping = try dmaBuf.map()
      if let written {
        try mapping.store(gpu.line(holding: written.word), at: written.line)
      }
      buffer = try device.node.importBuffer(from: dmaBuf)
      self.mapping = mapping
      self.dmaBuf = dmaBuf
    } else {
      let buffer = try Self.create(memory == .writeBack, on: device)
      dmaBuf = try buffer.export()
      mapping = try buffer.map()
      self.buffer = buffer
    }
    seen = try gpu.attach(buffer)
  }

  private static func create(
    _ isWriteBack: Bool, on device: OpenDevice
  ) throws(DRMError) -> BufferObject {
    try device.node.createBuffer(
      size: size, mapping: isWriteBack ? .writeBack : .writeCombining,
      options: device.node.features.contains(.heapBuffers) ? .noExecute : [])
  }

  private static func export(
    _ memory: AccessMemory, beside machine: DRMDevice, kernel: Kernel
  ) throws(DRMError) -> DMABuf? {
    switch memory {
    case .writeBack, .writeCombining: return nil
    case .otherGPU:
      guard let other = machine.otherGPU else { return nil }
      return try create(true, on: OpenDevice(other.path, kernel: kernel)).export()
    case .udmabuf:
      let file = try MemoryFile(size: size)
      return try UDMABufDevice(kernel: kernel).makeDMABuf(of: file, 0..<size)
    case .systemHeap: return try DMAHeap(kernel: kernel).allocate(size: size)
    }
  }

  /// Returns why a machine does not have a kind of memory for this process; nil where it has.
  static func lack(of memory: AccessMemory, on machine: DRMDevice) -> String? {
    let device = machine.description
    switch memory {
    case .writeCombining: return nil
    case .writeBack:
      let isOffered = device.features.contains(.writeBackMapping)
      return isOffered ? nil : "needs wb_mmap, not in \(device.driver) \(device.version)"
    case .otherGPU:
      return machine.otherGPU == nil ? "needs another Mali GPU whose driver has wb_mmap" : nil
    case .udmabuf: return machine.reasonNotToOpen(UDMABufDevice.path)
    case .systemHeap: return machine.reasonNotToOpen(DMAHeap.systemPath)
    }
  }

  /// Returns the word that the device reads in a cache line; nil for bytes that are no job descriptor.
  func deviceReads(line: UInt64) throws(DRMError) -> UInt64? {
    try gpu.read(lineAt: line, of: seen)
  }

  func deviceWrites(_ word: UInt64, line: UInt64) throws(DRMError) {
    try gpu.write(word, at: line + TestLine.wordOffset, of: seen)
  }

  /// Stores a word by the CPU, without any sync.
  func store(_ word: UInt64, line: UInt64) throws(DRMError) {
    try mapping.store(word, at: Int(line + TestLine.wordOffset))
  }

  /// Loads a word by the CPU, without any sync.
  func load(line: UInt64) throws(DRMError) -> UInt64 {
    try mapping.load(at: Int(line + TestLine.wordOffset))
  }

  /// Writes the cache line for a word by the CPU, with the syncs of an access path.
  func write(_ word: UInt64, line: UInt64, by path: AccessPath) throws(DRMError) {
    let bytes = gpu.line(holding: word)
    let range = line..<line + TestLine.size
    switch path {
    case .sync:
      try mapping.store(bytes, at: line)
      try buffer.sync(.flush, range)
    case .proposed:
      try buffer.sync(for: .cpu, .write, range)
      try mapping.store(bytes, at: line)
      try buffer.sync(for: .device, .read, range)
    case .batch:
      try mapping.store(bytes, at: line)
      var batch = SyncBatch(capacity: 1)
      try batch.append(SyncOperation(.flush, range), on: buffer)
      try device.node.sync(batch)
    case .access:
      try buffer.withAccess(.write, range, through: &mapping) { span in
        for (index, byte) in bytes.enumerated() {
          span.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
        }
      }
    case .dmaBuf:
      try dmaBuf.withAccess(.write, through: &mapping) { span in
        for (index, byte) in bytes.enumerated() {
          span.storeBytes(of: byte, toByteOffset: Int(line) + index, as: UInt8.self)
        }
      }
    case .userland:
      try mapping.store(bytes, at: line)
      try mapping.maintain(.flush, range)
    }
  }

  /// Reads a word of the device by the CPU, with the syncs of an access path.
  func read(line: UInt64, by path: AccessPath) throws(DRMError) -> UInt64 {
    let range = line..<line + TestLine.size
    let place = Int(TestLine.wordOffset)
    switch path {
    case .sync: try buffer.sync(.flushAndInvalidate, range)
    case .proposed: try buffer.sync(for: .cpu, .read, range)
    case .batch:
      var batch = SyncBatch(capacity: 1)
      try batch.append(SyncOperation(.flushAndInvalidate, range), on: buffer)
      try device.node.sync(batch)
    case .access:
      return try buffer.withAccess(.read, range, through: &mapping) { span in
        unsafe span.bytes.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self)
      }
    case .dmaBuf:
      return try dmaBuf.withAccess(.read, through: &mapping) { span in
        unsafe span.bytes.unsafeLoadUnaligned(
          fromByteOffset: Int(line) + place, as: UInt64.self)
      }
    case .userland: try mapping.maintain(.flushAndInvalidate, range)
    }
    return try load(line: line)
  }
}

extension DRMDevice {
  /// Another GPU that exports WB BOs: a non-coherent one before a coherent one.
  fileprivate var otherGPU: DeviceDescription? {
    let others = neighbours.filter { other in
      other.knownDriver?.drivesMali ?? false && other.features.contains(.writeBackMapping)
    }
    return others.first { $0.isCoherent == false } ?? others.first
  }
}
