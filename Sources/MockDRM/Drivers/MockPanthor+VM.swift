// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// GPU address spaces: `panthor_mmu.c`.
extension MockPanthor {
  // What MMU_FEATURES says, and what the kernel keeps for itself at least.
  private static let fullRange: UInt64 = 1 << 48
  private static let leastKernelRange: UInt64 = 256 << 20
  // Of a 64-bit task on arm64.
  private static let taskSize: UInt64 = 1 << 48

  /// The kernel's part is a power of two, so the user's part may come out larger than was asked for.
  static func createVM(
    _ file: MockFile, _ argument: inout cdrm_panthor_vm_create
  ) throws(Errno) {
    guard argument.flags == 0 else { throw .EINVAL }
    let most = fullRange - leastKernelRange
    guard argument.user_va_range <= most else { throw .EINVAL }
    var user = argument.user_va_range
    if user == 0 { user = min(taskSize < fullRange ? taskSize : fullRange / 2, most) }
    let left = fullRange - user
    let kernel = UInt64(1) << (63 - UInt64(left.leadingZeroBitCount))
    let vm = PanthorFileState.VM(userRange: fullRange - kernel)
    argument.id = try file.panthor.insert(vm)
    argument.user_va_range = vm.userRange
  }

  static func destroyVM(
    _ file: MockFile, _ argument: inout cdrm_panthor_vm_destroy
  ) throws(Errno) {
    guard argument.pad == 0 else { throw .EINVAL }
    try file.panthor.removeVM(argument.id)
  }

  /// Usable, always: nothing here can break a VM.
  static func stateOfVM(
    _ file: MockFile, _ argument: inout cdrm_panthor_vm_get_state
  ) throws(Errno) {
    _ = try file.panthor.vm(argument.vm_id)
    argument.state = 0
  }

  /// Binds in order up to the first operation that fails, whose index goes back in the count.
  static func bind(
    _ file: MockFile, _ argument: inout cdrm_panthor_vm_bind
  ) throws(Errno) {
    // Asynchronous binds need jobs. Flags that nobody knows are not refused by the kernel.
    guard argument.flags & UInt32(CDRM_PANTHOR_VM_BIND_ASYNC) == 0 else { throw .ENOSYS }
    let vm = try file.panthor.vm(argument.vm_id)
    let operations = try ObjectArray.copy(argument.ops, of: cdrm_panthor_vm_bind_op.self)
    for (index, operation) in operations.enumerated() {
      do throws(Errno) {
        try bind(operation, in: vm, of: file)
      } catch {
        argument.ops.count = UInt32(index)
        throw error
      }
    }
  }

  private static func bind(
    _ operation: cdrm_panthor_vm_bind_op, in vm: PanthorFileState.VM, of file: MockFile
  ) throws(Errno) {
    guard operation.syncs.count == 0 else { throw .EINVAL }
    guard operation.size != 0 else { return }
    let page = UInt64(file.device.profile.pageSize)
    let (end, overflow) = operation.va.addingReportingOverflow(operation.size)
    guard (operation.va | operation.size | operation.bo_offset) % page == 0, !overflow,
      end <= vm.userRange
    else { throw .EINVAL }
    let typeMask: UInt32 = 0xf000_0000
    switch Int(operation.flags & typeMask) {
    case CDRM_PANTHOR_VM_BIND_OP_TYPE_MAP: try map(operation, in: vm, of: file)
    case CDRM_PANTHOR_VM_BIND_OP_TYPE_UNMAP:
      guard operation.flags & ~typeMask == 0, operation.bo_handle == 0, operation.bo_offset == 0
      else { throw .EINVAL }
      vm.unmap(operation.va..<end)
    default: throw .EINVAL
    }
  }

  private static func map(
    _ operation: cdrm_panthor_vm_bind_op, in vm: PanthorFileState.VM, of file: MockFile
  ) throws(Errno) {
    let sparse = UInt32(CDRM_PANTHOR_VM_BIND_OP_MAP_SPARSE)
    let noExecute = UInt32(CDRM_PANTHOR_VM_BIND_OP_MAP_NOEXEC)
    var known = UInt32(
      CDRM_PANTHOR_VM_BIND_OP_MAP_READONLY | CDRM_PANTHOR_VM_BIND_OP_MAP_NOEXEC
        | CDRM_PANTHOR_VM_BIND_OP_MAP_UNCACHED)
    if file.device.profile.minor >= 9 { known |= sparse }
    guard operation.flags & ~known == 0 else { throw .EINVAL }
    if operation.flags & sparse != 0 {
      guard operation.flags & noExecute != 0, operation.bo_handle == 0, operation.bo_offset == 0
      else { throw .EINVAL }
      vm.unmap(operation.va..<operation.va + operation.size)
      return
    }
    // Unlike everywhere else, a handle that never was is EINVAL here.
    guard let buffer = file.handles[operation.bo_handle], operation.size <= buffer.size,
      operation.bo_offset <= buffer.size - operation.size
    else { throw .EINVAL }
    if let exclusive = buffer.panthor.exclusiveVM, exclusive !== vm.root { throw .EINVAL }
    buffer.mapForDMA()
    vm.map(operation.va..<operation.va + operation.size, buffer)
  }
}
