// SPDX-License-Identifier: MIT

internal import UAPILayouts

/// The resources that a kernel returned, by order of appearance, with their numbers in this process.
///
/// A recorder translates numbers to orders of appearance, a player the other way.
struct Identities {
  var descriptors = DescriptorIdentities()
  var mappings = MappingIdentities()
  var fakeOffsets = NumberIdentities()
  var gpuAddresses = NumberIdentities()

  /// Removes a closed descriptor, and with the file's last descriptor the file's handles.
  mutating func close(_ number: CInt) {
    guard let file = descriptors.close(number) else { return }
    fakeOffsets.remove(file: file)
    gpuAddresses.remove(file: file)
  }

  /// Removes a closed GEM handle.
  mutating func close(handle: UInt64, at descriptor: CInt) {
    guard let file = descriptors.entry(descriptor)?.file else { return }
    fakeOffsets.remove(file: file, handle: handle)
    gpuAddresses.remove(file: file, handle: handle)
  }

  /// Adds a number that the kernel returned in an ioctl on a descriptor.
  mutating func add(
    _ kind: ReturnedResource.Kind, _ value: UInt64, at descriptor: CInt, handle: UInt64?
  ) -> ReturnedResource {
    guard kind != .descriptor else {
      return ReturnedResource(kind, descriptors.add(CInt(truncatingIfNeeded: value)))
    }
    let entry = descriptors.entry(descriptor)
    let owner = NumberIdentities.Owner(file: entry?.file ?? 0, handle: handle ?? 0)
    if kind == .fakeOffset {
      // All files of a device share its fake offsets.
      let device = entry?.device ?? 0
      return ReturnedResource(kind, fakeOffsets.add(value, in: device, to: owner))
    }
    return ReturnedResource(kind, gpuAddresses.add(value, in: owner.file, to: owner))
  }
}

/// The number of resources of each kind that recorded calls returned.
struct IdentityCounts {
  var descriptors = 0
  var mappings = 0
  var fakeOffsets = 0
  var gpuAddresses = 0

  /// Counts the resources that a call of a trace returned.
  ///
  /// - Throws: for a number that does not follow those before it. Numbers are given in order of appearance, and a
  ///   replay keeps an entry for each.
  mutating func check(_ recorded: RecordedCall) throws(TraceError) {
    let before = self
    count(recorded)
    let most = recorded.outcome.resources.count + 1
    for (name, counted, earlier) in [
      ("fd", descriptors, before.descriptors), ("mapping", mappings, before.mappings),
      ("offset", fakeOffsets, before.fakeOffsets),
      ("GPU address", gpuAddresses, before.gpuAddresses),
    ] where counted > earlier + most {
      throw TraceError("'\(name) \(counted)' does not follow '\(name) \(earlier)'")
    }
  }

  /// Counts the resources that a call returned.
  mutating func count(_ recorded: RecordedCall) {
    let outcome = recorded.outcome
    let number = outcome.isFailure ? 0 : Int(clamping: outcome.result)
    switch recorded.call {
    case .open, .duplicate: descriptors = max(descriptors, number)
    case .mmap: mappings = max(mappings, number)
    case .ioctl(let call) where call.layout?.returnsDescriptor == true:
      descriptors = max(descriptors, number)
    default: break
    }
    for resource in outcome.resources {
      switch resource.kind {
      case .descriptor: descriptors = max(descriptors, resource.number)
      case .fakeOffset: fakeOffsets = max(fakeOffsets, resource.number)
      case .gpuAddress: gpuAddresses = max(gpuAddresses, resource.number)
      }
    }
  }
}
