// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

/// A group, and a BO in its VM with command streams and what they write, of panthor's default kind: none of its
/// bytes is cached where the GPU does not see it.
struct PanthorStreamMemory: ~Copyable {
  let vm: UInt32
  let group: UInt32
  private let buffer: BufferObject
  private var mapping: BufferMapping
  private let probe: Probe

  /// Where the BO is in the VM, and once more where it cannot be written.
  static let address: UInt64 = 1 << 20
  static let readOnlyAddress: UInt64 = 1 << 24
  /// Where words begin that streams read and write.
  static let data = 0x8000

  init(queues: Int = 1, in probe: Probe) throws {
    let vm = try PanthorGroupCalls.createVM(in: probe)
    let group = try PanthorGroupCalls.group(queues: queues, vm: vm, in: probe)
    let buffer = try probe.node.createBuffer(size: 65536)
    var operation = PanthorBindCalls.map(buffer.handle.rawValue, at: Self.address)
    try probe.expect(
      PanthorBindCalls.bind([operation], in: vm, flags: 0, in: probe).answer, .success)
    operation.address = Self.readOnlyAddress
    operation.flags = UInt32(CDRM_PANTHOR_VM_BIND_OP_MAP_READONLY)
    try probe.expect(
      PanthorBindCalls.bind([operation], in: vm, flags: 0, in: probe).answer, .success)
    let mapping = try buffer.map()
    self.vm = vm
    self.group = group
    self.probe = probe
    self.buffer = buffer
    self.mapping = mapping
  }

  /// Puts a stream down, and submits it to a queue; its end signals a syncobj of its own.
  mutating func run(
    _ stream: [UInt64], at offset: Int, on queue: UInt32 = 0, after: [UInt32] = []
  ) throws -> UInt32 {
    for (index, word) in stream.enumerated() { try mapping.store(word, at: offset + index * 8) }
    let result = try SyncobjCalls.create(in: probe)
    let submission = PanthorGroupCalls.Submission(
      queue: queue, size: UInt32(stream.count * 8), address: Self.address + UInt64(offset),
      syncs: after.map { PanthorSyncs.wait($0) } + [PanthorSyncs.signal(result)])
    try probe.expect(PanthorGroupCalls.submit([submission], to: group, in: probe), .success)
    return result
  }

  /// Waits for a job's end, and judges how it ended.
  func expectEnd(
    _ result: UInt32, _ status: Int32 = 1, withinMilliseconds time: Int64 = 3000
  ) throws {
    try SyncobjCalls.wait(
      [result], .success, until: SyncobjCalls.time(afterMilliseconds: time), first: 0, in: probe)
    try SyncobjCalls.expectStatus(
      try SyncobjCalls.export(result, in: probe), status, in: probe)
  }

  mutating func store(_ value: UInt64, at word: Int) throws(DRMError) {
    try mapping.store(value, at: Self.data + word * 8)
  }

  func load(at word: Int) throws(DRMError) -> UInt64 { try mapping.load(at: Self.data + word * 8) }
}

/// Instructions, as the tenth architecture encodes them, on the registers that checks use.
enum PanthorStream {
  static let waitForAll: UInt64 = 3 << 56 | 0xff << 16
  static let unknown: UInt64 = 0xff << 56

  static func move(_ value: UInt64, to register: UInt64) -> UInt64 {
    1 << 56 | register << 48 | value & 0xffff_ffff_ffff
  }

  /// The address of a word of the BO.
  static func move(wordAddress word: Int, to register: UInt64) -> UInt64 {
    move(
      PanthorStreamMemory.address + UInt64(PanthorStreamMemory.data + word * 8), to: register)
  }

  /// Loads a register pair from the address in another.
  static func load(_ register: UInt64, from address: UInt64) -> UInt64 {
    20 << 56 | register << 48 | address << 40 | 3 << 16
  }

  static func store(_ register: UInt64, to address: UInt64) -> UInt64 {
    21 << 56 | register << 48 | address << 40 | 3 << 16
  }

  /// Adds a register pair to the 64 bits at the address in another.
  static func syncAdd(_ register: UInt64, to address: UInt64) -> UInt64 {
    51 << 56 | address << 40 | register << 32
  }

  /// Goes on once the 64 bits at an address are greater than a register pair.
  static func waitGreater(_ register: UInt64, at address: UInt64) -> UInt64 {
    53 << 56 | address << 40 | register << 32 | 1 << 28
  }

  /// A stream that stores a value in a word of the BO.
  static func storing(_ value: UInt64, at word: Int) -> [UInt64] {
    [move(wordAddress: word, to: 0), move(value, to: 2), store(2, to: 0), waitForAll]
  }

  /// A stream that waits until a word of the BO is greater than 0.
  static func waiting(for word: Int) -> [UInt64] {
    [move(wordAddress: word, to: 0), move(0, to: 2), waitGreater(2, at: 0)]
  }
}
