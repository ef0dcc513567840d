// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

/// The sync operations of one job: `drm_panthor_obj_array` of `drm_panthor_sync_op`.
struct PanthorSyncArray: ExpressibleByArrayLiteral {
  var elements: [cdrm_panthor_sync_op]
  var stride: UInt32 = 16
  /// An address that replaces that of the elements.
  var address: UInt64?

  init(_ elements: [cdrm_panthor_sync_op], address: UInt64? = nil) {
    self.elements = elements
    self.address = address
  }

  init(arrayLiteral elements: cdrm_panthor_sync_op...) { self.init(elements) }

  /// Judges the errors of `queue` for an unmapped array, a short stride and a nonzero tail.
  func expectErrors(_ queue: (PanthorSyncArray, Outcome) throws -> Void) throws {
    var array = self
    array.address = 0
    try queue(array, .EFAULT)
    array.stride = 15
    try queue(array, .EINVAL)
    let page = try GuardedPage(filledWith: 1)
    array.stride = 24
    array.address = page.end - 24
    try queue(array, .errno(.E2BIG))
  }

  /// Calls `body` with the descriptor of an array whose elements each have an array of syncs.
  static func withElements<Job, Element: BitwiseCopyable, Result>(
    of jobs: [Job], syncs: (Job) -> PanthorSyncArray, stride: UInt32, address: UInt64? = nil,
    element: (Job, cdrm_panthor_obj_array) -> Element,
    _ body: (cdrm_panthor_obj_array) -> Result
  ) -> Result {
    let operations = jobs.flatMap { syncs($0).elements }
    return unsafe operations.withUnsafeBufferPointer { buffer in
      var next = UInt64(UInt(bitPattern: buffer.baseAddress))
      let elements = jobs.map { job in
        let own = syncs(job)
        let array = cdrm_panthor_obj_array(
          stride: own.stride, count: UInt32(own.elements.count), array: own.address ?? next)
        next += UInt64(own.elements.count * MemoryLayout<cdrm_panthor_sync_op>.stride)
        return element(job, array)
      }
      return unsafe elements.withUnsafeBufferPointer { buffer in
        body(
          cdrm_panthor_obj_array(
            stride: stride, count: UInt32(buffer.count),
            array: address ?? UInt64(UInt(bitPattern: buffer.baseAddress))))
      }
    }
  }
}

/// Sync operations of panthor's jobs.
enum PanthorSyncs {
  /// The flag of an operation on a point of a timeline.
  static let timeline = UInt32(CDRM_PANTHOR_SYNC_OP_HANDLE_TYPE_TIMELINE_SYNCOBJ)

  static func wait(_ handle: UInt32, flags: UInt32 = 0, point: UInt64 = 0) -> cdrm_panthor_sync_op {
    cdrm_panthor_sync_op(flags: flags, handle: handle, timeline_value: point)
  }

  static func signal(
    _ handle: UInt32, flags: UInt32 = 0, point: UInt64 = 0
  ) -> cdrm_panthor_sync_op {
    cdrm_panthor_sync_op(
      flags: flags | CDRM_PANTHOR_SYNC_OP_SIGNAL, handle: handle, timeline_value: point)
  }
}

/// `DRM_IOCTL_PANTHOR_VM_BIND` with arguments that the typed client cannot express.
enum PanthorBindCalls {
  static let asynchronous = UInt32(CDRM_PANTHOR_VM_BIND_ASYNC)
  static let unmap = UInt32(CDRM_PANTHOR_VM_BIND_OP_TYPE_UNMAP)
  static let syncOnly = UInt32(CDRM_PANTHOR_VM_BIND_OP_TYPE_SYNC_ONLY)

  /// One operation: by default, SYNC_ONLY.
  struct Operation {
    var flags = syncOnly
    var handle: UInt32 = 0
    var offset: UInt64 = 0
    var address: UInt64 = 0
    var size: UInt64 = 0
    var syncs: PanthorSyncArray = []
  }

  /// Returns an operation that maps a BO: by default, its first 64 KiB.
  static func map(
    _ handle: UInt32, at address: UInt64 = 1 << 20, offset: UInt64 = 0, size: UInt64 = 65536,
    flags: UInt32 = 0, syncs: PanthorSyncArray = []
  ) -> Operation {
    Operation(
      flags: flags, handle: handle, offset: offset, address: address, size: size, syncs: syncs)
  }

  /// Performs VM_BIND, judges the outcome, and returns the count that the kernel wrote back.
  @discardableResult
  static func bind(
    _ operations: [Operation], in vm: UInt32, flags: UInt32 = asynchronous,
    _ outcome: Outcome = .success, in probe: Probe
  ) throws -> UInt32 {
    var argument = cdrm_panthor_vm_bind()
    argument.vm_id = vm
    argument.flags = flags
    let answer = PanthorSyncArray.withElements(of: operations, syncs: \.syncs, stride: 48) {
      operation, syncs in
      cdrm_panthor_vm_bind_op(
        flags: operation.flags, bo_handle: operation.handle, bo_offset: operation.offset,
        va: operation.address, size: operation.size, syncs: syncs)
    } _: { array in
      argument.ops = array
      return probe.ioctl(cdrm_request_panthor_vm_bind, &argument)
    }
    try probe.expect(answer, outcome)
    return argument.ops.count
  }
}
