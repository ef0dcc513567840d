// SPDX-License-Identifier: MIT

internal import DRMKernel

/// A change of a VM that waits for its turn.
final class PanthorBindJob: DeviceProgram {
  private let vm: PanthorVM
  private let change: PanthorVM.Change

  // The CPU does it: it ends when it begins.
  let patience = (nanoseconds: Int64.max, error: Errno.ETIMEDOUT)

  init(_ change: PanthorVM.Change, in vm: PanthorVM) {
    self.change = change
    self.vm = vm
  }

  var buffers: [MockBuffer] {
    if case .map(let mapping) = change { [mapping.buffer].compactMap { $0 } } else { [] }
  }

  // Once nobody can name the VM, nobody need wait for what still changes it.
  var endsByItself: Bool { vm.isDestroyed }

  func step() -> DeviceProgress {
    vm.apply(change)
    return .ended
  }
}
