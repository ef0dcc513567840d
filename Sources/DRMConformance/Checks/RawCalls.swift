// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMDrivers
internal import DRMKernel

/// Calls of the Mali drivers and of PRIME with arguments that the typed client cannot express.
enum RawCalls {
  /// A sync operation with 64-bit fields; for panfrost, the lower 32 bits are passed.
  struct Sync {
    var handle: UInt32
    var type: UInt32 = 0
    var offset: UInt64 = 0
    var size: UInt64 = 64
  }

  /// Performs the driver's sync ioctl with these operations and returns 0 or -errno.
  static func sync(_ operations: [Sync], in probe: Probe) throws -> CInt {
    switch probe.driver {
    case .panthor:
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
    case .panfrost:
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
    case .powervr, .vgem, nil: throw missing("a sync ioctl", in: probe)
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

  /// Sets the label at an address, or clears it for address 0, and judges the outcome.
  static func label(
    _ handle: UInt32, _ address: UInt64, pad: UInt32 = 0, _ outcome: Outcome, in probe: Probe
  ) throws {
    switch probe.driver {
    case .panthor:
      try probe.call(
        cdrm_request_panthor_bo_set_label,
        cdrm_panthor_bo_set_label(handle: handle, pad: pad, label: address), outcome)
    case .panfrost:
      try probe.call(
        cdrm_request_panfrost_set_label_bo,
        cdrm_panfrost_set_label_bo(handle: handle, pad: pad, label: address), outcome)
    case .powervr, .vgem, nil: throw missing("a label ioctl", in: probe)
    }
  }

  /// Creates a BO of 4096 bytes on a descriptor and returns its fake offset.
  static func mappableBuffer(in probe: Probe, on descriptor: CInt) throws -> UInt64 {
    let (handle, request): (UInt32, UInt)
    switch probe.driver {
    case .panthor:
      var argument = cdrm_panthor_bo_create()
      argument.size = 4096
      handle = try probe.call(cdrm_request_panthor_bo_create, argument, on: descriptor).handle
      request = cdrm_request_panthor_bo_mmap_offset
    case .panfrost:
      var argument = cdrm_panfrost_create_bo()
      argument.size = 4096
      handle = try probe.call(cdrm_request_panfrost_create_bo, argument, on: descriptor).handle
      request = cdrm_request_panfrost_mmap_bo
    case .powervr, .vgem, nil: throw missing("an ioctl for fake offsets", in: probe)
    }
    // panfrost's argument has the same fields: a handle, 32 bits that are 0, and the offset.
    return try probe.call(
      request, cdrm_panthor_bo_mmap_offset(handle: handle, pad: 0, offset: 0), on: descriptor
    ).offset
  }

  /// Exports a handle with any flags; the returned value closes the descriptor.
  static func export(_ handle: UInt32, flags: UInt32, in probe: Probe) throws -> DMABuf {
    let argument = try probe.call(
      cdrm_request_prime_handle_to_fd, cdrm_prime_handle(handle: handle, flags: flags, fd: -1))
    return DMABuf(descriptor: argument.fd, kernel: probe.kernel)
  }

  /// Imports a descriptor and judges the outcome; nothing closes the handle.
  static func importHandle(
    _ descriptor: CInt, _ outcome: Outcome, on node: CInt? = nil, in probe: Probe
  ) throws {
    try probe.call(
      cdrm_request_prime_fd_to_handle, cdrm_prime_handle(handle: 0, flags: 0, fd: descriptor),
      outcome, on: node)
  }

  private static func missing(_ expected: String, in probe: Probe) -> Mismatch {
    Mismatch(subject: "driver", expected: expected, observed: probe.node.identity.name)
  }
}

extension DRMDriver {
  /// The prefixes of the ids of checks on the sync ioctl and on the label ioctl.
  var checkPrefixes: (sync: String, label: String) {
    switch self {
    case .panthor: ("panthor.bo_sync", "panthor.bo_set_label")
    case .panfrost: ("panfrost.sync_bo", "panfrost.set_label_bo")
    case .powervr, .vgem: ("\(name).sync", "\(name).set_label")
    }
  }
}
