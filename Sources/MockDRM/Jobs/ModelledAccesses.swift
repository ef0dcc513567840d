// SPDX-License-Identifier: MIT

internal import DRMKernel

/// A job as a list of device accesses, submitted through ``ModelledMachine``.
final class ModelledAccesses: DeviceProgram {
  struct Access {
    let buffer: MockBuffer
    let range: Range<Int>
    /// The bytes to write; nil for a read.
    let bytes: [UInt8]?
  }

  private let isCoherent: Bool
  private let accesses: [Access]
  // The access that runs next.
  private var next = 0
  // Called with the index and bytes of each read.
  private let onRead: (Int, [UInt8]) -> Void

  let timeout = (nanoseconds: Int64.max, error: Errno.ETIMEDOUT)

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
