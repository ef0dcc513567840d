// SPDX-License-Identifier: MIT

internal import DRM

/// A panthor device, which loads and stores by command streams.
final class CommandStreamGPU: TestGPU {
  private let device: OpenDevice
  private let vm: PanthorVM
  private let group: PanthorGroup
  private let syncobj: Syncobj
  // The command stream, and the word that it read.
  private let own: GPUBuffer
  private var mapping: BufferMapping
  private var nextAddress: UInt64

  private static let resultOffset = 1024
  private static let firstAddress: UInt64 = 1 << 30
  // Each BO starts at a large page.
  private static let step: UInt64 = 2 << 20

  init(_ device: OpenDevice) throws(DRMError) {
    vm = try device.node.createVM()
    group = try device.node.createGroup(queues: 1, in: vm)
    syncobj = try device.node.createSyncobj()
    let buffer = try device.node.createBuffer(size: 4096)
    mapping = try buffer.map()
    try vm.map(0..<buffer.size, of: buffer, at: Self.firstAddress)
    own = GPUBuffer(handle: buffer.handle, address: Self.firstAddress)
    nextAddress = Self.firstAddress + Self.step
    _ = buffer.disown()
    self.device = device
  }

  func attach(_ buffer: borrowing BufferObject) throws(DRMError) -> GPUBuffer {
    let address = nextAddress
    try vm.map(0..<buffer.size, of: buffer, at: address)
    nextAddress += (buffer.size + Self.step - 1) / Self.step * Self.step
    return GPUBuffer(handle: buffer.handle, address: address)
  }

  func line(holding word: UInt64) -> [UInt8] {
    (0..<Int(TestLine.size)).map { UInt8(truncatingIfNeeded: word >> ($0 % 8 * 8)) }
  }

  func write(_ word: UInt64, at offset: UInt64, of buffer: GPUBuffer) throws(DRMError) {
    var stream = CommandStream()
    stream.move(buffer.address + offset, to: .init(0))
    stream.move(UInt32(truncatingIfNeeded: word), to: .init(4))
    stream.move(UInt32(truncatingIfNeeded: word >> 32), to: .init(5))
    stream.store(2, of: .init(4), to: .init(0))
    try run(stream)
  }

  func read(lineAt offset: UInt64, of buffer: GPUBuffer) throws(DRMError) -> UInt64? {
    var stream = CommandStream()
    stream.move(buffer.address + offset + TestLine.wordOffset, to: .init(0))
    stream.load(2, to: .init(4), from: .init(0))
    stream.wait()
    stream.move(own.address + UInt64(Self.resultOffset), to: .init(2))
    stream.store(2, of: .init(4), to: .init(2))
    try run(stream)
    return try mapping.load(at: Self.resultOffset)
  }

  private func run(_ body: CommandStream) throws(DRMError) {
    var stream = body
    stream.wait()
    // The CPU cannot see bytes that are only in the caches of the GPU.
    stream.flushCaches(l2: .clean, loadStore: .clean, flushID: .init(6))
    stream.wait()
    for (index, word) in stream.words.enumerated() {
      try mapping.store(word, at: index * CommandStream.instructionSize)
    }
    mapping.maintainOwn()
    try syncobj.reset()
    try group.submit(
      own.address..<own.address + UInt64(stream.size), to: 0, signaling: [SyncPoint(syncobj.handle)]
    )
    try syncobj.wait(until: .after(TestJob.timeout))
    mapping.maintainOwn()
  }
}
