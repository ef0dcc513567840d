// SPDX-License-Identifier: MIT

/// A job that is not over: accesses to memory, of which some have run.
final class MockJob {
  struct Access {
    /// Keeps the BO alive, and with it whose memory it is.
    let buffer: MockBuffer
    let range: Range<Int>
    /// What to write; nil to read.
    let bytes: [UInt8]?
  }

  let number: Int
  let device: MockDevice
  let queue: Int
  let accesses: [Access]
  /// Jobs that end before it begins.
  let waitsFor: [Int]
  /// The access that runs next.
  var next = 0

  init(
    number: Int, device: MockDevice, queue: Int, accesses: [Access], waitsFor: [Int]
  ) {
    self.number = number
    self.device = device
    self.queue = queue
    self.accesses = accesses
    self.waitsFor = waitsFor
  }

  func touches(_ memory: MockMemory) -> Bool {
    accesses.contains { $0.buffer.memory === memory }
  }
}
