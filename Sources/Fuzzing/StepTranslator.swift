// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import CallTrace

/// Turns steps into calls: tells which number each thing has that an earlier step gave.
struct StepTranslator {
  private var descriptors: [Int: Int] = [:]
  private var mappings: [Int: Int] = [:]
  private var offsets: [Int: Int] = [:]
  private var handles: [Int: UInt32] = [:]

  // What a step that was left out would have given.
  private static let nothing = Int.max / 2
  private static let noHandle: UInt32 = 0x7fff_fff0

  /// Answers the call that a step is now.
  func call(of step: FuzzStep) -> Call {
    switch step.call {
    case .open, .store, .load: break
    case .close(let descriptor): return .close(number(of: descriptor))
    case .ioctl(var call):
      call.descriptor = number(of: call.descriptor)
      call.argument = memory(call.argument, step.handles)
      return .ioctl(call)
    case .mmap(let length, let protection, let flags, let descriptor, let offset):
      return .mmap(
        length: length, protection: protection, flags: flags, number(of: descriptor),
        self.offset(of: offset))
    case .munmap(.mapping(let step, let delta), let length):
      return .munmap(.mapping(mappings[step] ?? Self.nothing, delta: delta), length: length)
    case .munmap: break
    case .lseek(let descriptor, let offset, let whence):
      return .lseek(number(of: descriptor), offset: offset, whence: whence)
    case .poll(let descriptor, let events, let milliseconds):
      return .poll(number(of: descriptor), events: events, milliseconds: milliseconds)
    case .duplicate(let descriptor): return .duplicate(number(of: descriptor))
    }
    switch step.call {
    case .store(let mapping, let at, let bytes):
      return .store(mapping: mappings[mapping] ?? Self.nothing, at: at, bytes)
    case .load(let mapping, let at, let count):
      return .load(mapping: mappings[mapping] ?? Self.nothing, at: at, count: count)
    default: return step.call
    }
  }

  /// Takes note of what a step gave.
  mutating func note(_ step: FuzzStep, _ answer: Answer) {
    guard !answer.isFailure else { return }
    for gift in answer.gifts {
      switch gift.kind {
      case .descriptor: descriptors[step.id] = gift.number
      case .fakeOffset: offsets[step.id] = gift.number
      case .gpuAddress: break
      }
    }
    switch step.call {
    case .open, .duplicate: descriptors[step.id] = Int(answer.result)
    case .mmap: mappings[step.id] = Int(answer.result)
    case .ioctl(let call) where call.layout?.answersDescriptor == true:
      descriptors[step.id] = Int(answer.result)
    default: break
    }
    switch step.effect {
    case .creates(_, _, let offset): handles[step.id] = answer.bytes.word(at: offset)
    case .imports: handles[step.id] = answer.bytes.word(at: 0)
    // The id stands after the flags.
    case .createsVM: handles[step.id] = answer.bytes.word(at: 4)
    // The handle is the last field.
    case .createsGroup: handles[step.id] = answer.bytes.word(at: 52)
    default: break
    }
  }

  private func number(of descriptor: Call.Descriptor) -> Call.Descriptor {
    guard case .given(let step) = descriptor else { return descriptor }
    return .given(descriptors[step] ?? Self.nothing)
  }

  private func offset(of offset: Call.Offset) -> Call.Offset {
    guard case .given(let step, let delta) = offset else { return offset }
    return .given(offsets[step] ?? Self.nothing, delta: delta)
  }

  private func memory(_ memory: CallMemory, _ slots: [FuzzStep.HandleSlot]) -> CallMemory {
    guard case .region(var region) = memory else { return memory }
    for slot in slots where slot.link == nil {
      region.bytes.store(handles[slot.giver] ?? Self.noHandle, at: slot.offset)
    }
    for index in region.links.indices {
      switch region.links[index].target {
      case .descriptor(let descriptor):
        region.links[index].target = .descriptor(number(of: descriptor))
      case .pointer(.region(var inner)):
        for slot in slots where slot.link == index {
          inner.bytes.store(handles[slot.giver] ?? Self.noHandle, at: slot.offset)
        }
        region.links[index].target = .pointer(.region(inner))
      case .pointer: break
      }
    }
    return .region(region)
  }
}
