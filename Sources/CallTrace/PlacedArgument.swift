// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import UAPILayouts

/// An ioctl's argument in the memory of this process, during the call.
struct PlacedArgument {
  /// A pointer or descriptor in the argument, and the size of the memory behind a pointer.
  struct Link {
    let offset: Int
    let width: Int
    let value: UInt64
    let room: Int
  }

  var address: UInt64 = 0
  /// The argument's size in bytes; 0 without memory.
  var count = 0
  var links: [Link] = []
  /// Whether all of it is the player's own memory, which is always readable.
  var isOwnMemory = false

  /// Reads the argument after the call and returns the outcome without the numbers of this run.
  func outcome(
    _ result: CInt, of request: IoctlRequest, _ layout: IoctlLayout?, at descriptor: CInt,
    _ identities: inout Identities
  ) -> CallOutcome {
    var bytes = copy(address, count)
    let raw = layout?.outBuffers.isEmpty == false ? bytes : []
    var outcome = CallOutcome(Int64(result))
    for link in links where bytes.number(at: link.offset, link.width) == link.value {
      bytes.clear(link.offset..<link.offset + link.width)
    }
    if let layout, result >= 0 {
      if let span = layout.released, let handle = bytes.number(span) {
        identities.close(handle: handle, at: descriptor)
      }
      for field in layout.returnedFields where request.isOut {
        guard let value = bytes.number(field.span), value != 0 else {
          // A short argument may hold a part of the number, which names nothing.
          bytes.clear(field.span.offset..<field.span.end)
          continue
        }
        outcome.resources.append(
          identities.add(
            field.kind, value, at: descriptor, handle: field.handle.flatMap(bytes.number)))
        bytes.clear(field.span.offset..<field.span.end)
      }
      if layout.returnsDescriptor {
        outcome.result = Int64(identities.descriptors.add(result))
      }
    }
    for span in layout?.deadlines ?? [] { bytes.clear(span.offset..<span.end) }
    let selecting = bytes
    for time in layout?.times ?? [] {
      time.clear(&bytes, .argument, selectedBy: selecting)
    }
    // After a fault, the number of bytes copied depends on the processor.
    let isFault = result == Errno.EFAULT.answer
    for buffer in layout?.outBuffers ?? [] where !isFault {
      bytes += contents(
        of: buffer, raw, isReturned: result >= 0 && request.isIn && request.isOut,
        layout?.times ?? [])
    }
    outcome.bytes = bytes
    return outcome
  }

  private func contents(
    of buffer: OutBuffer, _ argument: [UInt8], isReturned: Bool, _ times: [VariableOutput]
  ) -> [UInt8] {
    guard let link = links.first(where: { $0.offset == buffer.pointer.offset }) else { return [] }
    var room = link.room
    if buffer.isOutputOnly {
      // The previous contents are not part of the outcome.
      guard isReturned, let size = buffer.size(in: argument) else { return [] }
      room = min(room, size)
    }
    var bytes = copy(link.value, room)
    for time in times { time.clear(&bytes, .buffer, selectedBy: argument) }
    return bytes
  }

  private func copy(_ address: UInt64, _ count: Int) -> [UInt8] {
    guard isOwnMemory else { return [UInt8](clientAddress: address, count: count) }
    guard let base = unsafe UnsafeRawPointer(bitPattern: UInt(truncatingIfNeeded: address)) else {
      return []
    }
    return unsafe [UInt8](UnsafeRawBufferPointer(start: base, count: count))
  }
}
