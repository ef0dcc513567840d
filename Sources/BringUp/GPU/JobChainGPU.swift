// SPDX-License-Identifier: MIT

internal import DRM

/// A panfrost device, which writes by write-value jobs and reads by running the descriptor in a cache line.
final class JobChainGPU: TestGPU {
  private let device: OpenDevice
  private let syncobj: Syncobj
  // The job for writes, and the word that a descriptor in a cache line wrote.
  private let own: GPUBuffer
  private var mapping: BufferMapping

  private static let resultOffset = 1024

  init(_ device: OpenDevice) throws(DRMError) {
    let buffer = try device.node.createBuffer(size: 4096, options: .noExecute)
    mapping = try buffer.map()
    own = GPUBuffer(handle: buffer.handle, address: try buffer.gpuOffset())
    syncobj = try device.node.createSyncobj()
    // The BO lives until the file of the node is closed.
    _ = buffer.disown()
    self.device = device
  }

  func attach(_ buffer: borrowing BufferObject) throws(DRMError) -> GPUBuffer {
    GPUBuffer(handle: buffer.handle, address: try buffer.gpuOffset())
  }

  func line(holding word: UInt64) -> [UInt8] {
    JobDescriptor(.write(.immediate64(word), at: own.address + UInt64(Self.resultOffset))).bytes
  }

  func write(_ word: UInt64, at offset: UInt64, of buffer: GPUBuffer) throws(DRMError) {
    let job = JobDescriptor(.write(.immediate64(word), at: buffer.address + offset))
    for (index, word) in job.words.enumerated() { try mapping.store(word, at: index * 8) }
    mapping.maintainOwn()
    try run(own.address, buffer)
  }

  func read(lineAt offset: UInt64, of buffer: GPUBuffer) throws(DRMError) -> UInt64? {
    try mapping.store(0 as UInt64, at: Self.resultOffset)
    mapping.maintainOwn()
    try run(buffer.address + offset, buffer)
    mapping.maintainOwn()
    let word: UInt64 = try mapping.load(at: Self.resultOffset)
    return word == 0 ? nil : word
  }

  private func run(_ chain: UInt64, _ buffer: GPUBuffer) throws(DRMError) {
    try device.node.submit(
      chain: chain, using: [own.handle, buffer.handle], signaling: syncobj.handle)
    try syncobj.wait(until: .after(TestJob.timeout))
  }
}
