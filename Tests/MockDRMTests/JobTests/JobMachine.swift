// SPDX-License-Identifier: MIT

import CDRM
import DRMKernel

@testable import MockDRM

/// A mock panfrost with one BO of job descriptors, and the system calls of its tests.
final class JobMachine {
  let machine: CacheMachine
  let node: CInt
  let buffer: CacheMachine.Buffer
  /// The CPU's mapping of the BO, and its GPU address.
  let address: Int
  let place: UInt64
  var kernel: MockKernel { machine.kernel }

  /// The offset in the BO at which jobs of these tests write.
  static let target = 2048

  /// Creates a machine from descriptions of profiles, of which the first is a panfrost.
  init(_ text: String, _ others: String...) throws {
    machine = try CacheMachine(profiles: [text] + others)
    node = machine.open()
    let cached = machine.create(on: node)
    // Older drivers have no WB mapping.
    buffer = cached.handle == 0 ? machine.create(on: node, flags: 0) : cached
    address = machine.map(buffer)
    place = Self.place(of: buffer, machine.kernel)
  }

  static func place(of buffer: CacheMachine.Buffer, _ kernel: MockKernel) -> UInt64 {
    var argument = cdrm_panfrost_get_bo_offset(handle: buffer.handle, pad: 0, offset: 0)
    _ = kernel.ioctl(buffer.node, cdrm_request_panfrost_get_bo_offset, &argument)
    return argument.offset
  }

  /// Returns a descriptor: its type, the address of the next one, and its write.
  static func descriptor(
    _ type: UInt64, next: UInt64 = 0, _ target: UInt64 = 0, _ kind: UInt64 = 0, _ value: UInt64 = 0
  ) -> [UInt8] {
    [0, 0, 1 | type << 1, next, target, kind, value, 0].flatMap { word in
      (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
    }
  }

  /// Returns a descriptor that writes one byte at the default offset.
  func writing(_ value: UInt64, next: UInt64 = 0) -> [UInt8] {
    Self.descriptor(2, next: next, place + UInt64(Self.target), 4, value)
  }

  /// Stores a descriptor through the CPU's mapping, and flushes it.
  func put(_ descriptor: [UInt8], at index: Int = 0, flushed: Bool = true) {
    machine.store(descriptor, address + index * 64)
    if flushed { sync(index * 64..<index * 64 + 64, 0) }
  }

  @discardableResult
  func sync(_ range: Range<Int>, _ type: Int) -> CInt {
    machine.syncPanfrost(buffer, range, type)
  }

  /// Submits the chain at a GPU address.
  @discardableResult
  func submit(
    _ chain: UInt64, naming buffers: [UInt32] = [], after: [UInt32] = [], result: UInt32 = 0,
    requirements: UInt32 = 0, context: UInt32 = 0, on other: CInt? = nil
  ) -> CInt {
    buffers.withUnsafeBufferPointer { buffers in
      after.withUnsafeBufferPointer { after in
        var argument = cdrm_panfrost_submit(
          jc: chain, in_syncs: UInt64(UInt(bitPattern: after.baseAddress)),
          in_sync_count: UInt32(after.count), out_sync: result,
          bo_handles: UInt64(UInt(bitPattern: buffers.baseAddress)),
          bo_handle_count: UInt32(buffers.count), requirements: requirements,
          jm_ctx_handle: context, pad: 0)
        return kernel.ioctl(other ?? node, cdrm_request_panfrost_submit, &argument)
      }
    }
  }

  /// Submits the chain from a descriptor of the BO on, with the BO in its list.
  @discardableResult
  func submit(index: Int = 0, result: UInt32 = 0, context: UInt32 = 0) -> CInt {
    submit(
      place + UInt64(index * 64), naming: [buffer.handle], result: result, context: context)
  }

  @discardableResult
  func wait(_ handle: UInt32? = nil, milliseconds: Int64? = nil) -> CInt {
    var argument = cdrm_panfrost_wait_bo()
    argument.handle = handle ?? buffer.handle
    argument.timeout_ns =
      milliseconds.map { $0 == 0 ? 0 : cdrm_monotonic_nanoseconds() + $0 * 1_000_000 } ?? .max
    return kernel.ioctl(node, cdrm_request_panfrost_wait_bo, &argument)
  }

  func syncobj() -> UInt32 {
    var argument = cdrm_syncobj_create()
    _ = kernel.ioctl(node, cdrm_request_syncobj_create, &argument)
    return argument.handle
  }

  /// A sync file of a syncobj's fence.
  func export(_ syncobj: UInt32) -> CInt {
    var argument = cdrm_syncobj_handle(handle: syncobj, flags: 1, fd: -1, pad: 0)
    _ = kernel.ioctl(node, cdrm_request_syncobj_handle_to_fd, &argument)
    return argument.fd
  }

  /// Returns the status of a sync file.
  func status(_ file: CInt) -> Int32 {
    var info = cdrm_sync_file_info()
    guard kernel.ioctl(file, cdrm_request_sync_file_info, &info) == 0 else { return .min }
    return info.status
  }

  /// Returns a byte of memory, without the contents of caches.
  func memory(_ offset: Int) -> UInt8 {
    kernel.lines(of: machine.range(buffer, offset / 64 * 64..<offset / 64 * 64 + 64))[0]
      .memory[offset % 64]
  }

  /// The status word of a descriptor, in memory.
  func word(_ index: Int) -> UInt8 { memory(index * 64) }
}
