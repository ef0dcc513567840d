// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// What panthor keeps for each open file: its VMs, and where it maps device registers.
final class PanthorFileState {
  /// A GPU address space: what is mapped in it stays alive.
  final class VM {
    /// What BOs of its own share; it outlives the VM with them.
    final class Root {}

    let userRange: UInt64
    let root = Root()
    private var mappings: [(range: Range<UInt64>, buffer: MockBuffer)] = []

    init(userRange: UInt64) {
      self.userRange = userRange
    }

    /// Maps a BO, in place of what was there.
    func map(_ range: Range<UInt64>, _ buffer: MockBuffer) {
      unmap(range)
      mappings.append((range, buffer))
    }

    /// Unmaps a range; what reaches out of it stays mapped there.
    func unmap(_ range: Range<UInt64>) {
      mappings = mappings.flatMap { mapping in
        [
          mapping.range
            .lowerBound..<min(
              mapping.range.upperBound, max(range.lowerBound, mapping.range.lowerBound)),
          max(
            mapping.range.lowerBound, min(range.upperBound, mapping.range.upperBound))..<mapping
            .range.upperBound,
        ].filter { !$0.isEmpty }.map { ($0, mapping.buffer) }
      }
    }
  }

  private static let mostVMs = 32
  private var vms = HandleTable<VM>()
  /// Where device registers begin in this file's mmap space.
  var mmioOffset: UInt64 =
    cdrm_address_is_64_bit() ? CDRM_PANTHOR_USER_MMIO_64BIT : CDRM_PANTHOR_USER_MMIO_32BIT

  /// Takes the lowest free id; EBUSY where all are taken.
  func insert(_ vm: VM) throws(Errno) -> UInt32 {
    guard vms.numbers.count < Self.mostVMs else { throw .EBUSY }
    return vms.insert(vm)
  }

  /// Answers a VM, or EINVAL.
  func vm(_ id: UInt32) throws(Errno) -> VM {
    guard let vm = vms[id] else { throw .EINVAL }
    return vm
  }

  /// Forgets a VM, or EINVAL.
  func removeVM(_ id: UInt32) throws(Errno) {
    guard vms.remove(id) != nil else { throw .EINVAL }
  }
}

/// What panthor keeps for each BO.
final class PanthorBufferState {
  /// The one VM it may be mapped in; it outlives the VM's id.
  var exclusiveVM: PanthorFileState.VM.Root?
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
