// SPDX-License-Identifier: MIT

internal import CallTrace

/// One generated call, in a form that can be made without some of the calls before it.
///
/// Descriptors, mappings, fake offsets and handles are named by the step that returned them. Without that
/// step they name nothing.
struct FuzzStep: Sendable {
  /// The step's number in the generated sequence.
  let id: Int
  /// The call; the numbers of its `given` resources are those of steps.
  var call: Call
  /// The positions of handles in the ioctl's argument.
  var handles: [HandleSlot] = []
  /// The change to the model when the call succeeds.
  var effect = Effect.none

  /// The position of a handle, or of a VM's or group's id, that another step returned.
  struct HandleSlot: Sendable {
    /// The index of the link with its memory; nil for the argument itself.
    let link: Int?
    /// In bytes from the start of that memory.
    let offset: Int
    let source: Int
  }

  /// The effect of a successful call.
  enum Effect: Sendable {
    case none
    case opens(FuzzModel.NodeKind, isWritable: Bool)
    case closes(Int)
    /// `handleAt` is the offset of the new handle in the argument.
    case creates(file: Int, FuzzModel.Shape, handleAt: Int)
    case closesHandle(file: Int, handle: UInt32)
    case returnsOffset(of: Int, file: Int)
    case maps(size: Int, isWritable: Bool)
    case unmaps(Int)
    case exports(FuzzModel.Shape, source: Int?)
    case imports(file: Int, dmaBuf: Int)
    case advises(Int, isNeeded: Bool)
    case createsVM(file: Int)
    case destroysVM(file: Int, vm: Int)
    case createsGroup(file: Int)
    case destroysGroup(file: Int, group: Int)
    case exportsFence
    case duplicates(Int)

    /// Whether the effect depends on the argument after the call.
    var isKnownFromOutput: Bool {
      switch self {
      case .creates, .imports, .createsVM, .createsGroup, .returnsOffset: true
      default: false
      }
    }
  }
}

extension [UInt8] {
  /// Reads a 32-bit number; nil past the end.
  func word(at offset: Int) -> UInt32? {
    guard offset + 4 <= count else { return nil }
    return (0..<4).reduce(0) { $0 | UInt32(self[offset + $1]) << UInt32(8 * $1) }
  }

  /// Writes a 32-bit number, as far as the bytes reach.
  mutating func store(_ value: UInt32, at offset: Int) {
    for index in 0..<4 where offset + index < count {
      self[offset + index] = UInt8(truncatingIfNeeded: value >> UInt32(8 * index))
    }
  }
}
