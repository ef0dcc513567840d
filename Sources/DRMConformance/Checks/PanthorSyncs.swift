// SPDX-License-Identifier: MIT

internal import CDRM

/// What panthor's jobs wait for and signal.
enum PanthorSyncs {
  static func wait(_ handle: UInt32, flags: UInt32 = 0, point: UInt64 = 0) -> cdrm_panthor_sync_op {
    cdrm_panthor_sync_op(flags: flags, handle: handle, timeline_value: point)
  }

  static func signal(
    _ handle: UInt32, flags: UInt32 = 0, point: UInt64 = 0
  ) -> cdrm_panthor_sync_op {
    cdrm_panthor_sync_op(
      flags: flags | CDRM_PANTHOR_SYNC_OP_SIGNAL, handle: handle, timeline_value: point)
  }

  /// The flag of what names a point of a timeline.
  static let timeline = UInt32(CDRM_PANTHOR_SYNC_OP_HANDLE_TYPE_TIMELINE_SYNCOBJ)

  /// Calls `body` with the addresses of arrays, which last as long as that.
  static func withArrays<Result>(
    _ arrays: [[cdrm_panthor_sync_op]], _ body: ([UInt64]) -> Result
  ) -> Result {
    let all = arrays.flatMap { $0 }
    return unsafe all.withUnsafeBufferPointer { buffer in
      let size = MemoryLayout<cdrm_panthor_sync_op>.stride
      var next = UInt64(UInt(bitPattern: buffer.baseAddress))
      return body(
        arrays.map { array in
          defer { next += UInt64(array.count * size) }
          return next
        })
    }
  }
}
