// SPDX-License-Identifier: MIT

internal import CallTrace

/// One call of a sequence that was made up, so that it can be made without some of those before it.
///
/// Descriptors, mappings, fake offsets and handles are named by the step that gave them. Where that step is
/// left out they name nothing.
struct FuzzStep: Sendable {
  /// Its number in the sequence as it was made up.
  let id: Int
  /// The call; what it says is `given` is the number of a step.
  var call: Call
  /// Where in the ioctl's argument handles stand.
  var handles: [HandleSlot] = []
  /// What is known once it has succeeded.
  var effect = Effect.none

  /// A place that holds the handle, or the VM's or the group's number, that another step gave.
  struct HandleSlot: Sendable {
    /// The link of the argument whose memory it is in; nil for the argument itself.
    let link: Int?
    /// In bytes from there.
    let offset: Int
    let giver: Int
  }

  /// What a call is for.
  enum Effect: Sendable {
    case none
    case opens(FuzzModel.NodeKind, isWritable: Bool)
    case closes(Int)
    /// The offset is where the argument holds the new handle.
    case creates(file: Int, FuzzModel.Shape, handleAt: Int)
    case closesHandle(file: Int, handle: UInt32)
    case gives(offsetOf: Int, file: Int)
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

    /// Whether only the argument tells, after the call, what it did.
    var isToldByOutput: Bool {
      switch self {
      case .creates, .imports, .createsVM, .createsGroup, .gives: true
      default: false
      }
    }
  }
}
