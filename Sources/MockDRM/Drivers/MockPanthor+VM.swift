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
    let vm = PanthorVM(userRange: fullRange - kernel)
    argument.id = try file.panthor.insert(vm)
    argument.user_va_range = vm.userRange
  }

  static func destroyVM(
    _ file: MockFile, _ argument: inout cdrm_panthor_vm_destroy
  ) throws(Errno) {
    guard argument.pad == 0 else { throw .EINVAL }
    try file.panthor.removeVM(argument.id)
    file.device.jobs.endAbandoned()
  }

  /// Usable, always: what could break a VM is refused before, and memory for its tables there is.
  static func stateOfVM(
    _ file: MockFile, _ argument: inout cdrm_panthor_vm_get_state
  ) throws(Errno) {
    _ = try file.panthor.vm(argument.vm_id)
    argument.state = 0
  }

}
