// SPDX-License-Identifier: MIT

internal import DRMKernel

extension CallPlayer {
  /// Makes as many things known here as were given elsewhere, after the two differed.
  ///
  /// What was given here alone is closed or unmapped; what was given there alone names nothing here.
  func align(with counts: IdentityCounts) {
    while identities.descriptors.entries.count < counts.descriptors {
      identities.descriptors.giveNothing()
    }
    while identities.descriptors.entries.count > counts.descriptors {
      guard let number = identities.descriptors.takeBack() else { continue }
      _ = kernel.close(number)
    }
    while identities.mappings.entries.count < counts.mappings { identities.mappings.giveNothing() }
    while identities.mappings.entries.count > counts.mappings {
      for range in identities.mappings.takeBack() {
        _ = kernel.munmap(range.lowerBound, length: range.count)
      }
    }
    identities.fakeOffsets.align(with: counts.fakeOffsets)
    identities.gpuAddresses.align(with: counts.gpuAddresses)
  }
}
