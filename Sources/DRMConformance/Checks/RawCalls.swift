// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

/// Calls that both Mali drivers have, in either's own words, for checks that go past the client.
enum RawCalls {
  /// An operation of a sync call, in words of 64 bits; panfrost takes the lower halves.
  struct Sync {
    var handle: UInt32
    var type: UInt32 = 0
    var offset: UInt64 = 0
    var size: UInt64 = 64
  }

  /// Issues the driver's sync call on operations of the check's own making.
  static func sync(_ operations: [Sync], in probe: Probe) -> CInt {
    if probe.node.identity.name == "panfrost" {
      let elements = operations.map { operation in
        cdrm_panfrost_bo_sync_op(
          handle: operation.handle, type: operation.type,
          offset: UInt32(truncatingIfNeeded: operation.offset),
          size: UInt32(truncatingIfNeeded: operation.size))
      }
      return unsafe elements.withUnsafeBufferPointer { buffer in
        panfrostSync(
          UInt64(UInt(bitPattern: buffer.baseAddress)), count: UInt32(buffer.count), in: probe)
      }
    }
    let elements = operations.map { operation in
      cdrm_panthor_bo_sync_op(
        handle: operation.handle, type: operation.type, offset: operation.offset,
        size: operation.size)
    }
    return unsafe elements.withUnsafeBufferPointer { buffer in
      panthorSync(
        UInt64(UInt(bitPattern: buffer.baseAddress)), stride: 24, count: UInt32(buffer.count),
        in: probe)
    }
  }

  static func panthorSync(
    _ array: UInt64, stride: UInt32, count: UInt32, in probe: Probe
  ) -> CInt {
    var argument = cdrm_panthor_bo_sync(
      ops: cdrm_panthor_obj_array(stride: stride, count: count, array: array))
    return probe.ioctl(cdrm_request_panthor_bo_sync, &argument)
  }

  static func panfrostSync(
    _ array: UInt64, count: UInt32, pad: UInt32 = 0, in probe: Probe
  ) -> CInt {
    var argument = cdrm_panfrost_sync_bo(ops: array, op_count: count, pad: pad)
    return probe.ioctl(cdrm_request_panfrost_sync_bo, &argument)
  }

  /// Sets a label by address; 0 takes it away.
  static func label(
    _ handle: UInt32, _ address: UInt64, pad: UInt32 = 0, in probe: Probe
  ) -> CInt {
    if probe.node.identity.name == "panfrost" {
      var argument = cdrm_panfrost_set_label_bo(handle: handle, pad: pad, label: address)
      return probe.ioctl(cdrm_request_panfrost_set_label_bo, &argument)
    }
    var argument = cdrm_panthor_bo_set_label(handle: handle, pad: pad, label: address)
    return probe.ioctl(cdrm_request_panthor_bo_set_label, &argument)
  }

  /// Creates a BO of 4096 bytes on a descriptor and answers its fake offset.
  static func mappableBuffer(in probe: Probe, on descriptor: CInt) throws -> UInt64 {
    if probe.node.identity.name == "panfrost" {
      var created = cdrm_panfrost_create_bo()
      created.size = 4096
      try probe.expect(
        probe.ioctl(cdrm_request_panfrost_create_bo, &created, on: descriptor), .success)
      var place = cdrm_panfrost_mmap_bo(handle: created.handle, flags: 0, offset: 0)
      try probe.expect(
        probe.ioctl(cdrm_request_panfrost_mmap_bo, &place, on: descriptor), .success)
      return place.offset
    }
    var created = cdrm_panthor_bo_create()
    created.size = 4096
    try probe.expect(
      probe.ioctl(cdrm_request_panthor_bo_create, &created, on: descriptor), .success)
    var place = cdrm_panthor_bo_mmap_offset(handle: created.handle, pad: 0, offset: 0)
    try probe.expect(
      probe.ioctl(cdrm_request_panthor_bo_mmap_offset, &place, on: descriptor), .success)
    return place.offset
  }

  /// Exports a handle with flags of the check's own; closed with the value that is answered.
  static func export(_ handle: UInt32, flags: UInt32, in probe: Probe) throws -> DMABuf {
    var argument = cdrm_prime_handle(handle: handle, flags: flags, fd: -1)
    try probe.expect(probe.ioctl(cdrm_request_prime_handle_to_fd, &argument), .success)
    return DMABuf(descriptor: argument.fd, kernel: probe.kernel)
  }
}
