// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// panthor's state of an open file, `struct panthor_file`: VMs, groups, and the offset of registers.
final class PanthorFileState {
  private static let mostVMs = 32
  private static let mostGroups = 128

  var vms = PanthorPool<PanthorVM>(most: mostVMs)
  var groups = PanthorPool<PanthorGroup>(most: mostGroups)
  /// Where device registers start in this file's mmap offsets.
  var mmioOffset: UInt64 =
    cdrm_address_is_64_bit() ? CDRM_PANTHOR_USER_MMIO_64BIT : CDRM_PANTHOR_USER_MMIO_32BIT

  /// Destroys all groups and VMs of the file.
  func close() {
    for group in groups.removeAll() { group.destroy() }
    for vm in vms.removeAll() { vm.destroy() }
  }
}

/// The VMs or groups of a file by id: `struct panthor_vm_pool`, `struct panthor_group_pool`.
struct PanthorPool<Object> {
  private let most: Int
  private var table = HandleTable<Object>()

  /// Creates a pool for a number of objects.
  init(most: Int) {
    self.most = most
  }

  /// Throws EBUSY where all ids are in use.
  func requireFree() throws(Errno) {
    guard table.numbers.count < most else { throw .EBUSY }
  }

  /// Adds an object and returns its id, the lowest that is free; throws EBUSY where all are in use.
  mutating func insert(_ object: Object) throws(Errno) -> UInt32 {
    try requireFree()
    return table.insert(object)
  }

  /// Returns the object of an id, or throws EINVAL.
  func find(_ id: UInt32) throws(Errno) -> Object {
    guard let object = table[id] else { throw .EINVAL }
    return object
  }

  /// Frees an id and returns its object, or throws EINVAL.
  mutating func remove(_ id: UInt32) throws(Errno) -> Object {
    guard let object = table.remove(id) else { throw .EINVAL }
    return object
  }

  /// Frees all ids and returns their objects, in the order of the ids.
  mutating func removeAll() -> [Object] {
    var objects: [Object] = []
    for id in table.numbers {
      if let object = table.remove(id) { objects.append(object) }
    }
    return objects
  }
}

/// panthor's state of a BO: `struct panthor_gem_object`.
final class PanthorBufferState {
  /// The only VM in which it may be mapped; remains after the VM is destroyed.
  var exclusiveVM: PanthorVM.Root?
}

extension MockFile {
  var panthor: PanthorFileState { requireState(driverState, as: PanthorFileState.self) }
}

extension MockBuffer {
  var panthor: PanthorBufferState { requireState(driverState, as: PanthorBufferState.self) }
}
