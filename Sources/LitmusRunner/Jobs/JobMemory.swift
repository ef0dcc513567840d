// SPDX-License-Identifier: MIT

internal import DRM
internal import DRMDrivers
internal import Litmus

/// A BO of the runner for a job's descriptors and results: mapped WC, so that it needs no sync.
///
/// A driver that takes its device for coherent maps it cached. As that may be wrong, the CPU's own cache instructions
/// maintain it then, where user space has them.
final class JobMemory {
  let buffer: LiveBuffer
  /// Its GPU address.
  let address: UInt64

  /// Allocates, binds and maps `size` bytes; nil where the node cannot.
  init?(on node: OpenNode, size: Int) throws(DRMError) {
    let options: BufferOptions = node.driver.creationFlags.contains(.noExecute) ? .noExecute : []
    guard
      let buffer = try node.create(
        size: UInt64(size), .writeCombining, options, isExclusive: false)
    else { return nil }
    try node.bind(buffer)
    guard try buffer.map(throughDMABuf: false) else { return nil }
    self.buffer = buffer
    address = buffer.gpuAddress
    isCached = node.isClaimedCoherent || node.reportedCoherency != false
  }

  private let isCached: Bool

  /// Stores bytes from its start on.
  func store(_ bytes: [UInt8]) throws(DRMError) {
    try buffer.store(bytes, at: 0)
    if isCached { buffer.maintainOwn() }
  }

  func load(_ range: Range<Int>) throws(DRMError) -> [UInt8] {
    if isCached { buffer.maintainOwn() }
    return try buffer.load(UInt64(range.lowerBound)..<UInt64(range.upperBound))
  }

  func word(at offset: Int) throws(DRMError) -> UInt64 {
    try load(offset..<offset + 8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}

/// Memories of ended jobs, which later jobs use again: a VM keeps what was bound in it.
final class JobMemoryPool {
  private unowned let node: OpenNode
  private var free: [JobMemory] = []

  init(on node: OpenNode) {
    self.node = node
  }

  /// Returns a memory of at least `size` bytes; nil where the node cannot allocate one.
  func take(size: Int) throws(DRMError) -> JobMemory? {
    if let index = free.firstIndex(where: { $0.buffer.size >= UInt64(size) }) {
      return free.remove(at: index)
    }
    return try JobMemory(on: node, size: size)
  }

  /// Takes back the memory of a job that has ended.
  func put(_ memory: JobMemory) { free.append(memory) }
}
