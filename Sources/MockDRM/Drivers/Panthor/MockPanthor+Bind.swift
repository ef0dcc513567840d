// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// VM_BIND: changes of GPU address spaces, `panthor_ioctl_vm_bind`.
extension MockPanthor {
  private static let typeMask: UInt32 = 0xf000_0000

  /// Binds at once or asynchronously; the kernel ignores unknown flags.
  static func bind(
    _ file: MockFile, _ argument: inout cdrm_panthor_vm_bind
  ) throws(Errno) {
    let vm = try file.panthor.vms.find(argument.vm_id)
    let operations = try ObjectArray.copy(argument.ops, of: cdrm_panthor_vm_bind_op.self)
    if argument.flags & UInt32(CDRM_PANTHOR_VM_BIND_ASYNC) != 0 {
      try bindAsynchronously(operations, in: vm, of: file)
      return
    }
    // The count returns the index of the first operation that fails.
    for (index, operation) in operations.enumerated() {
      do throws(Errno) {
        guard operation.syncs.count == 0 else { throw .EINVAL }
        guard operation.size != 0 else { continue }
        vm.apply(try change(operation, in: vm, of: file))
      } catch {
        argument.ops.count = UInt32(index)
        throw error
      }
    }
  }

  /// Queues all operations in order after those of earlier calls, or none of them.
  private static func bindAsynchronously(
    _ operations: [cdrm_panthor_vm_bind_op], in vm: PanthorVM, of file: MockFile
  ) throws(Errno) {
    var batch = PanthorBatch(of: file)
    for operation in operations {
      let job = PanthorBindJob(try asynchronousChange(operation, in: vm, of: file), in: vm)
      try batch.add(job, on: .binds(vm: ObjectIdentifier(vm)), syncs: operation.syncs)
    }
    try batch.submit()
  }

  /// Returns the change of an asynchronous operation, which may be SYNC_ONLY.
  private static func asynchronousChange(
    _ operation: cdrm_panthor_vm_bind_op, in vm: PanthorVM, of file: MockFile
  ) throws(Errno) -> PanthorVM.Change {
    guard operation.flags & typeMask == UInt32(CDRM_PANTHOR_VM_BIND_OP_TYPE_SYNC_ONLY) else {
      return try change(operation, in: vm, of: file)
    }
    guard operation.flags & ~typeMask == 0, operation.bo_handle == 0, operation.bo_offset == 0,
      operation.va == 0, operation.size == 0, operation.syncs.count != 0
    else { throw .EINVAL }
    return .none
  }

  private static func change(
    _ operation: cdrm_panthor_vm_bind_op, in vm: PanthorVM, of file: MockFile
  ) throws(Errno) -> PanthorVM.Change {
    let page = UInt64(file.device.profile.pageSize)
    let (end, overflow) = operation.va.addingReportingOverflow(operation.size)
    guard (operation.va | operation.size | operation.bo_offset) % page == 0, !overflow,
      end <= vm.userRange
    else { throw .EINVAL }
    let range = operation.va..<end
    switch Int(operation.flags & typeMask) {
    case CDRM_PANTHOR_VM_BIND_OP_TYPE_MAP:
      return .map(try mapping(operation, at: range, in: vm, of: file))
    case CDRM_PANTHOR_VM_BIND_OP_TYPE_UNMAP:
      guard operation.flags & ~typeMask == 0, operation.bo_handle == 0, operation.bo_offset == 0
      else { throw .EINVAL }
      return .unmap(range)
    default: throw .EINVAL
    }
  }

  private static func mapping(
    _ operation: cdrm_panthor_vm_bind_op, at range: Range<UInt64>, in vm: PanthorVM,
    of file: MockFile
  ) throws(Errno) -> PanthorVM.Mapping {
    let sparse = UInt32(CDRM_PANTHOR_VM_BIND_OP_MAP_SPARSE)
    let noExecute = UInt32(CDRM_PANTHOR_VM_BIND_OP_MAP_NOEXEC)
    let readOnly = UInt32(CDRM_PANTHOR_VM_BIND_OP_MAP_READONLY)
    var known = readOnly | noExecute | UInt32(CDRM_PANTHOR_VM_BIND_OP_MAP_UNCACHED)
    // Linux 7.2 reports minor 8 and accepts the flag already.
    if file.device.profile.minor >= 8 { known |= sparse }
    guard operation.flags & ~known == 0 else { throw .EINVAL }
    let isReadOnly = operation.flags & readOnly != 0
    if operation.flags & sparse != 0 {
      guard operation.flags & noExecute != 0, operation.bo_handle == 0, operation.bo_offset == 0
      else { throw .EINVAL }
      return PanthorVM.Mapping(range: range, buffer: nil, offset: 0, isReadOnly: isReadOnly)
    }
    // An unknown handle is EINVAL here, not ENOENT: panthor_vm_prepare_map_op_ctx.
    guard let buffer = file.handles[operation.bo_handle], operation.size <= buffer.size,
      operation.bo_offset <= buffer.size - operation.size
    else { throw .EINVAL }
    if let exclusive = buffer.panthor.exclusiveVM, exclusive !== vm.root { throw .EINVAL }
    buffer.mapForDMA()
    return PanthorVM.Mapping(
      range: range, buffer: buffer, offset: operation.bo_offset, isReadOnly: isReadOnly)
  }
}

/// The job of an asynchronous bind: `struct panthor_vm_bind_job`.
final class PanthorBindJob: DeviceProgram {
  private let vm: PanthorVM
  private let change: PanthorVM.Change

  // It runs on the CPU in one step and cannot time out.
  let timeout = (nanoseconds: Int64.max, error: Errno.ETIMEDOUT)

  init(_ change: PanthorVM.Change, in vm: PanthorVM) {
    self.change = change
    self.vm = vm
  }

  var buffers: [MockBuffer] {
    if case .map(let mapping) = change { [mapping.buffer].compactMap { $0 } } else { [] }
  }

  let canBeAbandoned = true

  // After VM_DESTROY no client can wait for the change.
  var endsByItself: Bool { vm.isDestroyed }

  func step() -> DeviceProgress {
    vm.apply(change)
    return .ended
  }
}
