// SPDX-License-Identifier: MIT

internal import DRMKernel

/// Accesses that were named one by one, through the model's side door.
final class ModelledAccesses: DeviceProgram {
  struct Access {
    let buffer: MockBuffer
    let range: Range<Int>
    /// What to write; nil to read.
    let bytes: [UInt8]?
  }

  private let isCoherent: Bool
  private let accesses: [Access]
  // The access that runs next.
  private var next = 0
  // Told of each read: which access it was, and what it found.
  private let onRead: (Int, [UInt8]) -> Void

  let patience = (nanoseconds: Int64.max, error: Errno.ETIMEDOUT)

  init(
    _ accesses: [Access], isCoherent: Bool, onRead: @escaping (Int, [UInt8]) -> Void
  ) {
    self.accesses = accesses
    self.isCoherent = isCoherent
    self.onRead = onRead
  }

  var buffers: [MockBuffer] { accesses.map(\.buffer) }

  func step() -> DeviceProgress {
    if next < accesses.count {
      run(accesses[next])
      next += 1
    }
    return next < accesses.count ? .running : .ended
  }

  private func run(_ access: Access) {
    let memory = access.buffer.memory
    if let bytes = access.bytes {
      memory.deviceWrites(bytes, at: access.range.lowerBound, isCoherent: isCoherent)
    } else {
      onRead(next, memory.deviceReads(access.range, isCoherent: isCoherent))
    }
  }
}
