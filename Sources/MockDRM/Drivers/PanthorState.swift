// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// What panthor keeps for each open file: its VMs and groups, and where it maps device registers.
final class PanthorFileState {
  private static let mostVMs = 32
  private static let mostGroups = 128
  private var vms = HandleTable<PanthorVM>()
  private var groups = HandleTable<PanthorGroup>()
  /// Where device registers begin in this file's mmap space.
  var mmioOffset: UInt64 =
    cdrm_address_is_64_bit() ? CDRM_PANTHOR_USER_MMIO_64BIT : CDRM_PANTHOR_USER_MMIO_32BIT

  /// Takes the lowest free id; EBUSY where all are taken.
  func insert(_ vm: PanthorVM) throws(Errno) -> UInt32 {
    guard vms.numbers.count < Self.mostVMs else { throw .EBUSY }
    return vms.insert(vm)
  }

  /// Answers a VM, or EINVAL.
  func vm(_ id: UInt32) throws(Errno) -> PanthorVM {
    guard let vm = vms[id] else { throw .EINVAL }
    return vm
  }

  /// Forgets a VM and unmaps what is in it, or EINVAL.
  func removeVM(_ id: UInt32) throws(Errno) {
    guard let vm = vms.remove(id) else { throw .EINVAL }
    vm.destroy()
  }

  /// Throws EBUSY where all numbers of groups are taken.
  func allowGroup() throws(Errno) {
    guard groups.numbers.count < Self.mostGroups else { throw .EBUSY }
  }

  /// Takes the lowest free number.
  func insert(_ group: PanthorGroup) -> UInt32 { groups.insert(group) }

  /// Answers a group, or EINVAL.
  func group(_ handle: UInt32) throws(Errno) -> PanthorGroup {
    guard let group = groups[handle] else { throw .EINVAL }
    return group
  }

  /// Ends a group, or EINVAL.
  func destroyGroup(_ handle: UInt32) throws(Errno) {
    guard let group = groups.remove(handle) else { throw .EINVAL }
    group.destroy()
  }

  /// Ends all that the file has.
  func close() {
    for handle in groups.numbers { groups.remove(handle)?.destroy() }
    for id in vms.numbers { vms.remove(id)?.destroy() }
  }
}

/// What panthor keeps for each BO.
final class PanthorBufferState {
  /// The one VM it may be mapped in; it outlives the VM's id.
  var exclusiveVM: PanthorVM.Root?
}

extension MockFile {
  var panthor: PanthorFileState {
    guard let state = driverState as? PanthorFileState else {
      preconditionFailure("the file belongs to another driver")
    }
    return state
  }
}

extension MockBuffer {
  var panthor: PanthorBufferState {
    guard let state = driverState as? PanthorBufferState else {
      preconditionFailure("the BO belongs to another driver")
    }
    return state
  }
}
