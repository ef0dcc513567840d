// SPDX-License-Identifier: MIT

import CDRM
import DRMKernel
import TestSupport

/// An interposed kernel that records every sync and returns 0 for it.
///
/// It also reports a non-coherent device where the other kernel is too old to report it.
final class SyncRecorder: ForwardingKernel, @unchecked Sendable {
  // Sendable as its superclass: its own state is guarded.

  /// One operation, as the kernel decodes it.
  struct Operation: Hashable, Sendable {
    var handle: UInt32
    var type: UInt32
    var offset: UInt64
    var size: UInt64
  }

  private let calls = Guarded<[[Operation]]>([])
  private let maintained = Guarded<[String]>([])

  /// The operations of each sync ioctl since the last time, oldest first.
  func take() -> [[Operation]] {
    calls.withLock { calls in
      defer { calls = [] }
      return calls
    }
  }

  /// The maintenance by address: the operation and the number of bytes.
  var maintenance: [String] { maintained.withLock { $0 } }

  override func ioctl(
    _ descriptor: CInt, _ request: UInt, _ argument: UnsafeMutableRawPointer?
  ) -> CInt {
    guard let argument else { return base.ioctl(descriptor, request, argument) }
    switch request {
    case 0xC010_644F:
      // obj_array: stride, count, array.
      let stride = argument.load(fromByteOffset: 0, as: UInt32.self)
      let count = argument.load(fromByteOffset: 4, as: UInt32.self)
      let array = argument.load(fromByteOffset: 8, as: UInt.self)
      keep(count: count, array, stride: Int(stride)) { bytes in
        Operation(
          handle: bytes.load(as: UInt32.self), type: bytes.load(fromByteOffset: 4, as: UInt32.self),
          offset: bytes.load(fromByteOffset: 8, as: UInt64.self),
          size: bytes.load(fromByteOffset: 16, as: UInt64.self))
      }
      return 0
    case 0xC010_644C:
      // ops, op_count, pad.
      let array = argument.load(fromByteOffset: 0, as: UInt.self)
      let count = argument.load(fromByteOffset: 8, as: UInt32.self)
      keep(count: count, array, stride: 16) { bytes in
        Operation(
          handle: bytes.load(as: UInt32.self), type: bytes.load(fromByteOffset: 4, as: UInt32.self),
          offset: UInt64(bytes.load(fromByteOffset: 8, as: UInt32.self)),
          size: UInt64(bytes.load(fromByteOffset: 12, as: UInt32.self)))
      }
      return 0
    case 0xC010_6444 where argument.load(as: UInt32.self) == 44:
      argument.storeBytes(of: 31, toByteOffset: 8, as: UInt64.self)
      return 0
    default: return base.ioctl(descriptor, request, argument)
    }
  }

  private func keep(
    count: UInt32, _ array: UInt, stride: Int, _ read: (UnsafeRawPointer) -> Operation
  ) {
    guard let start = UnsafeRawPointer(bitPattern: array) else { return }
    let operations = (0..<Int(count)).map { read(start + $0 * stride) }
    calls.withLock { $0.append(operations) }
  }

  override func maintainCaches(_ operation: CacheOperation, _ address: Int, length: Int) -> CInt {
    maintained.withLock { $0.append("\(operation) \(length)") }
    return 0
  }
}
