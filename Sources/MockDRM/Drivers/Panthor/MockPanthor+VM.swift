// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// GPU address spaces: `panthor_mmu.c`.
extension MockPanthor {
  // The address bits in MMU_FEATURES, and the smallest range for the kernel.
  private static let fullRange: UInt64 = 1 << 48
  private static let leastKernelRange: UInt64 = 256 << 20
  // TASK_SIZE of a 64-bit task on arm64.
  private static let taskSize: UInt64 = 1 << 48

  /// Creates a VM.
  ///
  /// The kernel's range is a power of two, so the user's range can exceed the requested one.
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
    argument.id = try file.panthor.vms.insert(vm)
    argument.user_va_range = vm.userRange
  }

  static func destroyVM(
    _ file: MockFile, _ argument: inout cdrm_panthor_vm_destroy
  ) throws(Errno) {
    guard argument.pad == 0 else { throw .EINVAL }
    try file.panthor.vms.remove(argument.id).destroy()
    file.device.jobs.endAbandonedJobs()
  }

  /// Returns USABLE always: a failed bind, which makes a VM unusable, is not modelled.
  static func stateOfVM(
    _ file: MockFile, _ argument: inout cdrm_panthor_vm_get_state
  ) throws(Errno) {
    _ = try file.panthor.vms.find(argument.vm_id)
    argument.state = 0
  }
}
