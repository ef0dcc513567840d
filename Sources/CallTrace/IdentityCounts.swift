// SPDX-License-Identifier: MIT

/// How many things were given, of each kind.
struct IdentityCounts {
  var descriptors = 0
  var mappings = 0
  var fakeOffsets = 0
  var gpuAddresses = 0

  /// Counts what an answer gave.
  mutating func count(_ recorded: RecordedCall) {
    let answer = recorded.answer
    let number = answer.isFailure ? 0 : Int(clamping: answer.result)
    switch recorded.call {
    case .open, .duplicate: descriptors = max(descriptors, number)
    case .mmap: mappings = max(mappings, number)
    case .ioctl(let call) where call.layout?.answersDescriptor == true:
      descriptors = max(descriptors, number)
    default: break
    }
    for gift in answer.gifts {
      switch gift.kind {
      case .descriptor: descriptors = max(descriptors, gift.number)
      case .fakeOffset: fakeOffsets = max(fakeOffsets, gift.number)
      case .gpuAddress: gpuAddresses = max(gpuAddresses, gift.number)
      }
    }
  }
}
