// SPDX-License-Identifier: MIT

internal import DRM

/// A panfrost device: it writes by write-value jobs, and reads by running the descriptor in a line.
final class JobChainGPU: TestGPU {
  private let device: OpenDevice
  private let syncobj: Syncobj
  // The device's own job, and the word that descriptors tell.
  private let own: GPUBuffer
  private var mapping: BufferMapping

  private static let tellOffset = 1024

  init(_ device: OpenDevice) throws(DRMError) {
    let buffer = try device.node.createBuffer(size: 4096, options: .noExecute)
    mapping = try buffer.map()
    own = GPUBuffer(handle: buffer.handle, address: try buffer.gpuOffset())
    syncobj = try device.node.createSyncobj()
    // It lives as long as the node's file.
    _ = buffer.disown()
    self.device = device
  }

  func attach(_ buffer: borrowing BufferObject) throws(DRMError) -> GPUBuffer {
    GPUBuffer(handle: buffer.handle, address: try buffer.gpuOffset())
  }

  func line(telling word: UInt64) -> [UInt8] {
    JobDescriptor(.write(.immediate64(word), at: own.address + UInt64(Self.tellOffset))).bytes
  }

  func write(_ word: UInt64, at offset: UInt64, of buffer: GPUBuffer) throws(DRMError) {
    let job = JobDescriptor(.write(.immediate64(word), at: buffer.address + offset))
    for (index, word) in job.words.enumerated() { try mapping.store(word, at: index * 8) }
    mapping.maintainOwn()
    try run(own.address, buffer)
  }

  func read(lineAt offset: UInt64, of buffer: GPUBuffer) throws(DRMError) -> UInt64? {
    try mapping.store(0 as UInt64, at: Self.tellOffset)
    mapping.maintainOwn()
    try run(buffer.address + offset, buffer)
    mapping.maintainOwn()
    let word: UInt64 = try mapping.load(at: Self.tellOffset)
    return word == 0 ? nil : word
  }

  private func run(_ chain: UInt64, _ buffer: GPUBuffer) throws(DRMError) {
    try device.node.submit(
      chain: chain, using: [own.handle, buffer.handle], signaling: syncobj.handle)
    try syncobj.wait(until: .after(TestJob.patience))
  }
}
