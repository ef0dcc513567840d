// SPDX-License-Identifier: MIT

/// Which number of this process stands for which thing of a call, in both directions.
///
/// Whoever records translates numbers into things, whoever plays translates them back; both take note
/// of what the kernel gives and takes here.
struct Identities {
  var descriptors = DescriptorIdentities()
  var mappings = MappingIdentities()
  var fakeOffsets = NumberIdentities()
  var gpuAddresses = NumberIdentities()

  /// Forgets a descriptor that is closed, and with its file's last one the file's handles.
  mutating func close(_ number: CInt) {
    guard let file = descriptors.close(number) else { return }
    fakeOffsets.forget(file: file)
    gpuAddresses.forget(file: file)
  }

  /// Forgets a GEM handle that is closed.
  mutating func close(handle: UInt64, at descriptor: CInt) {
    guard let file = descriptors.entry(descriptor)?.file else { return }
    fakeOffsets.forget(file: file, handle: handle)
    gpuAddresses.forget(file: file, handle: handle)
  }

  /// Takes note of what the kernel gave at a descriptor, and answers which one it is.
  mutating func take(
    _ kind: Gift.Kind, _ value: UInt64, at descriptor: CInt, handle: UInt64?
  ) -> Gift {
    guard kind != .descriptor else {
      return Gift(kind, descriptors.give(CInt(truncatingIfNeeded: value)))
    }
    let entry = descriptors.entry(descriptor)
    let owner = NumberIdentities.Owner(file: entry?.file ?? 0, handle: handle ?? 0)
    if kind == .fakeOffset {
      // All files of a device share its fake offsets.
      let device = entry?.device ?? 0
      return Gift(kind, fakeOffsets.give(value, in: device, to: owner))
    }
    return Gift(kind, gpuAddresses.give(value, in: owner.file, to: owner))
  }
}
