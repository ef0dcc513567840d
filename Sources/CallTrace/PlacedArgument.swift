// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// An ioctl's argument where it lies in this process, from before the call until it is answered.
struct PlacedArgument {
  /// A number that stands in the argument, and how many bytes lie where it leads.
  struct Link {
    let offset: Int
    let width: Int
    let value: UInt64
    let room: Int
  }

  var address: UInt64 = 0
  /// How many bytes of the argument there are; 0 where there are none.
  var count = 0
  var links: [Link] = []
  /// Whether all of it is memory of ours, which need not be copied as carefully as a stranger's.
  var isOurs = false

  /// Reads what the call left behind and says it without numbers that only this run has.
  func answer(
    _ result: CInt, of request: IoctlRequest, _ layout: IoctlLayout?, at descriptor: CInt,
    _ identities: inout Identities
  ) -> Answer {
    var bytes = copy(address, count)
    let raw = layout?.outBuffers.isEmpty == false ? bytes : []
    var answer = Answer(Int64(result))
    for link in links where bytes.number(at: link.offset, link.width) == link.value {
      bytes.clear(link.offset..<link.offset + link.width)
    }
    if let layout, result >= 0 {
      if let span = layout.released, let handle = bytes.number(span) {
        identities.close(handle: handle, at: descriptor)
      }
      for gift in layout.gifts where request.isOut {
        guard let value = bytes.number(gift.span), value != 0 else {
          // The part of a number that a short argument has room for names nothing.
          bytes.clear(gift.span.offset..<gift.span.end)
          continue
        }
        answer.gifts.append(
          identities.take(
            gift.kind, value, at: descriptor, handle: gift.handle.flatMap(bytes.number)))
        bytes.clear(gift.span.offset..<gift.span.end)
      }
      if layout.answersDescriptor {
        answer.result = Int64(identities.descriptors.give(result))
      }
    }
    for span in layout?.deadlines ?? [] { bytes.clear(span.offset..<span.end) }
    let selecting = bytes
    for clock in layout?.clocks ?? [] {
      clock.clear(&bytes, .argument, selectedBy: selecting)
    }
    // Where a copy faulted, how far it came depends on the processor.
    let isFault = result == Errno.EFAULT.answer
    for buffer in layout?.outBuffers ?? [] where !isFault {
      bytes += contents(of: buffer, raw, isFailure: result < 0, layout?.clocks ?? [])
    }
    answer.bytes = bytes
    return answer
  }

  private func contents(
    of buffer: OutBuffer, _ argument: [UInt8], isFailure: Bool, _ clocks: [VariableOutput]
  ) -> [UInt8] {
    guard let link = links.first(where: { $0.offset == buffer.pointer.offset }) else { return [] }
    var room = link.room
    if buffer.isOutputOnly {
      // What the caller had there is no answer.
      guard !isFailure, let size = buffer.size(in: argument) else { return [] }
      room = min(room, size)
    }
    var bytes = copy(link.value, room)
    for clock in clocks { clock.clear(&bytes, .buffer, selectedBy: argument) }
    return bytes
  }

  private func copy(_ address: UInt64, _ count: Int) -> [UInt8] {
    guard isOurs else { return Self.read(address, count) }
    guard let base = unsafe UnsafeRawPointer(bitPattern: UInt(truncatingIfNeeded: address)) else {
      return []
    }
    return unsafe [UInt8](UnsafeRawBufferPointer(start: base, count: count))
  }

  /// Copies bytes of this process; none where they cannot be read any more.
  static func read(_ address: UInt64, _ count: Int) -> [UInt8] {
    guard count > 0 else { return [] }
    var failed = false
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      if let base = buffer.baseAddress,
        unsafe cdrm_copy_from_client(base, address, count) == 0
      {
        filled = count
      } else {
        failed = true
      }
    }
    return failed ? [] : bytes
  }
}

extension [UInt8] {
  /// Reads a number in the byte order of every machine these drivers run on; nil past the end.
  func number(at offset: Int, _ width: Int) -> UInt64? {
    guard offset >= 0, offset + width <= count else { return nil }
    var value: UInt64 = 0
    for index in stride(from: offset + width - 1, through: offset, by: -1) {
      value = value << 8 | UInt64(self[index])
    }
    return value
  }

  /// Reads the number of a field; nil past the end.
  func number(_ span: FieldSpan) -> UInt64? { number(at: span.offset, span.width) }

  /// Writes a number.
  mutating func store(_ value: UInt64, _ span: FieldSpan) {
    for index in 0..<span.width where span.offset + index < count {
      self[span.offset + index] = UInt8(truncatingIfNeeded: value >> (UInt64(index) * 8))
    }
  }

  /// Zeroes what of a range is within.
  mutating func clear(_ range: Range<Int>) {
    for index in range.clamped(to: 0..<count) { self[index] = 0 }
  }
}
