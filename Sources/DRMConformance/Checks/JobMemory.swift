// SPDX-License-Identifier: MIT

internal import DRM

/// A WC BO with job descriptors of 64 bytes in its first half, and their results in its second half.
struct JobMemory: ~Copyable {
  /// The work of one job descriptor.
  enum Work {
    case nothing
    /// Stores a value of `width` bytes at an offset in this BO.
    case write(UInt64, width: Int, at: Int)
    /// Stores eight zero bytes at an offset in this BO.
    case clear(at: Int)
    /// Stores a value of four bytes at any GPU address.
    case writeAnywhere(UInt32, UInt64)
    /// A job type that does not exist.
    case unknown
  }

  let handle: UInt32
  let address: UInt64
  private let buffer: BufferObject
  private var mapping: BufferMapping
  private let probe: Probe

  /// Creates and maps the BO.
  init(in probe: Probe) throws {
    let buffer = try probe.node.createBuffer(size: 4096)
    let address = try buffer.gpuOffset()
    let mapping = try buffer.map()
    self.probe = probe
    self.address = address
    handle = buffer.handle.rawValue
    self.buffer = buffer
    self.mapping = mapping
  }

  /// Returns the GPU address of a descriptor.
  func descriptor(_ index: Int) -> UInt64 { address + UInt64(index * 64) }

  /// Writes a chain of descriptors from an index on; the last one points to the address `next`.
  mutating func put(
    _ chain: [Work], from first: Int = 0, next end: UInt64 = 0
  ) throws(DRMError) {
    for (index, work) in chain.enumerated() {
      let position = first + index
      let next = index + 1 < chain.count ? descriptor(position + 1) : end
      try put(work, at: position * 64, next: next)
    }
  }

  private mutating func put(_ work: Work, at offset: Int, next: UInt64) throws(DRMError) {
    var words = [UInt64](repeating: 0, count: 8)
    let kind: UInt64
    switch work {
    case .nothing: kind = 1
    case .unknown: kind = 0x55
    case .write(let value, let width, let place):
      kind = 2
      let types: [Int: UInt64] = [1: 4, 2: 5, 4: 6, 8: 7]
      (words[4], words[5], words[6]) = (address + UInt64(place), types[width] ?? 0, value)
    case .clear(let place):
      kind = 2
      (words[4], words[5]) = (address + UInt64(place), 3)
    case .writeAnywhere(let value, let place):
      kind = 2
      (words[4], words[5], words[6]) = (place, 6, UInt64(value))
    }
    // 64-bit addresses, and a job index other than 0.
    words[2] = 1 | kind << 1 | 1 << 16
    words[3] = next
    for (index, word) in words.enumerated() { try mapping.store(word, at: offset + index * 8) }
  }

  mutating func store(_ value: UInt64, at offset: Int) throws(DRMError) {
    try mapping.store(value, at: offset)
  }

  func load(at offset: Int) throws(DRMError) -> UInt64 { try mapping.load(at: offset) }

  /// Returns the exception status that the GPU wrote to a descriptor.
  func status(_ index: Int) throws(DRMError) -> UInt32 { try mapping.load(at: index * 64) }

  /// Submits the chain that starts at a descriptor.
  func submit(
    _ index: Int = 0, after: [UInt32] = [], signaling result: UInt32 = 0,
    requirements: UInt32 = 0, context: UInt32 = 0, naming buffers: [UInt32]? = nil
  ) throws {
    let submission = PanfrostCalls.Submission(
      chain: descriptor(index), inSyncs: after, outSync: result, buffers: buffers ?? [handle],
      requirements: requirements, context: context)
    try probe.expect(PanfrostCalls.submit(submission, in: probe), .success)
  }

  /// Waits until the BO is idle.
  func wait() throws {
    try PanfrostCalls.waitBuffer(
      handle, until: SyncobjCalls.time(afterMilliseconds: 5000), in: probe)
  }
}
