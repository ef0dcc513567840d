// SPDX-License-Identifier: MIT

internal import CallTrace
internal import UAPILayouts

/// Turns steps into calls, with the numbers of the resources that earlier steps returned.
struct StepTranslator {
  private var descriptors: [Int: Int] = [:]
  private var mappings: [Int: Int] = [:]
  private var offsets: [Int: Int] = [:]
  private var handles: [Int: UInt32] = [:]

  // The number of a resource that no step returned; the greatest that a trace can hold.
  private static let nothing = Int(Int32.max)
  private static let noHandle: UInt32 = 0x7fff_fff0

  /// Returns the call of a step.
  func call(of step: FuzzStep) -> Call {
    switch step.call {
    case .open, .store, .load, .maintain: break
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

  /// Stores the resources that a step returned.
  mutating func note(_ step: FuzzStep, _ outcome: CallOutcome) {
    guard !outcome.isFailure else { return }
    for resource in outcome.resources {
      switch resource.kind {
      case .descriptor: descriptors[step.id] = resource.number
      case .fakeOffset: offsets[step.id] = resource.number
      case .gpuAddress: break
      }
    }
    switch step.call {
    case .open, .duplicate: descriptors[step.id] = Int(outcome.result)
    case .mmap: mappings[step.id] = Int(outcome.result)
    case .ioctl(let call) where call.layout?.returnsDescriptor == true:
      descriptors[step.id] = Int(outcome.result)
    default: break
    }
    switch step.effect {
    case .creates(_, _, let offset): handles[step.id] = outcome.bytes.word(at: offset)
    case .imports: handles[step.id] = outcome.bytes.word(at: 0)
    // The id is after the flags.
    case .createsVM: handles[step.id] = outcome.bytes.word(at: 4)
    // The handle is the last field.
    case .createsGroup: handles[step.id] = outcome.bytes.word(at: 52)
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
      region.bytes.store(handles[slot.source] ?? Self.noHandle, at: slot.offset)
    }
    for index in region.links.indices {
      switch region.links[index].target {
      case .descriptor(let descriptor):
        region.links[index].target = .descriptor(number(of: descriptor))
      case .pointer(.region(var inner)):
        for slot in slots where slot.link == index {
          inner.bytes.store(handles[slot.source] ?? Self.noHandle, at: slot.offset)
        }
        region.links[index].target = .pointer(.region(inner))
      case .pointer: break
      }
    }
    return .region(region)
  }
}
