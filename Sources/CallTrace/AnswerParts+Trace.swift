// SPDX-License-Identifier: MIT

internal import DRMKernel

extension AnswerParts {
  /// Writes what a call changed: fields, what no field covers, and buffers.
  func members(after call: IoctlCall) -> [TraceValue.Member] {
    let before = call.argumentBytes
    guard let layout = call.layout else {
      guard argument != before else { return [] }
      return [TraceValue.Member("rest", .string(ByteText.text(argument)))]
    }
    var members: [TraceValue.Member] = []
    var covered = 0
    for field in layout.structure.fields where field.offset + field.width <= argument.count {
      covered = field.offset + field.width
      if let gift = gifts[field.span] {
        members.append(TraceValue.Member(field.name, .string(gift.description)))
      } else if let number = argument.number(field.span), number != before.number(field.span) {
        members.append(TraceValue.Member(field.name, field.value(number)))
      }
    }
    if argument[covered...] != before[covered...] {
      members.append(TraceValue.Member("rest", .string(ByteText.text(argument[covered...]))))
    }
    for (index, buffer) in layout.outBuffers.enumerated() {
      let bytes = buffers[index]
      guard bytes != call.unchanged(buffer, bytes.count),
        let name = layout.structure.fields.first(where: { $0.span == buffer.pointer })?.name
      else { continue }
      let contents = buffer.layout(in: argument)
      let value =
        if contents.fields.isEmpty, let text = RegionWriter.text(bytes[...]) {
          [TraceValue.Member("text", .string(text))]
        } else {
          RegionWriter.members(of: contents, in: CallRegion(bytes), 0..<bytes.count)
        }
      members.append(TraceValue.Member(name, .object(value)))
    }
    return members
  }

  /// Reads what ``members(after:)`` wrote.
  static func answer(
    _ result: Int64, to call: IoctlCall, _ output: TraceValue
  ) throws(TraceError) -> Answer {
    guard case .object(let members) = output else {
      throw TraceError("\(output.json) is no output")
    }
    var fields: [String: TraceValue] = [:]
    for member in members { fields[member.name] = member.value }
    var bytes = call.argumentBytes
    var gifts: [Gift] = []
    var covered = 0
    for field in call.layout?.structure.fields ?? [] where field.span.end <= bytes.count {
      covered = field.span.end
      guard !field.isPointer || fields[field.name]?.integer(UInt64.self) != nil,
        let value = fields.removeValue(forKey: field.name)
      else { continue }
      if let gift = Gift(value, field) {
        gifts.append(gift)
        bytes.clear(field.offset..<covered)
      } else {
        bytes.store(try field.number(value), field.span)
      }
    }
    if let rest = fields.removeValue(forKey: "rest")?.string {
      let tail = try ByteText.bytes(rest, count: bytes.count - covered)
      bytes.replaceSubrange(covered..<bytes.count, with: tail)
    }
    let argument = bytes
    for buffer in call.layout?.outBuffers ?? [] {
      let count = call.count(of: buffer, argument, isFailure: result < 0)
      let name = call.layout?.structure.fields.first { $0.span == buffer.pointer }?.name ?? ""
      guard let value = fields.removeValue(forKey: name) else {
        bytes += call.unchanged(buffer, count)
        continue
      }
      var reader = RegionReader()
      var extent = PointerExtent.unknown
      extent.count = count
      extent.contents = buffer.layout(in: argument)
      guard case .region(let region) = try reader.memory(value, extent),
        region.bytes.count == count
      else { throw TraceError("\(name) has not \(count) bytes") }
      bytes += region.bytes
    }
    if let unknown = fields.keys.min() { throw TraceError("there is no output '\(unknown)'") }
    return Answer(result, gifts: gifts, bytes: bytes)
  }
}

extension Gift {
  /// Reads `fd 3` where a field gives a descriptor, and so on.
  fileprivate init?(_ value: TraceValue, _ field: LayoutField) {
    guard let text = value.string else { return nil }
    let (kind, word): (Kind, String)
    switch field.kind {
    case .descriptor: (kind, word) = (.descriptor, "fd")
    case .fakeOffset: (kind, word) = (.fakeOffset, "offset")
    case .gpuAddress: (kind, word) = (.gpuAddress, "gpu address")
    default: return nil
    }
    guard let number = TraceNames.identity(word, text) else { return nil }
    self.init(kind, number)
  }
}

extension IoctlCall {
  /// The argument before the call, as far as the kernel may look at it.
  var argumentBytes: [UInt8] {
    guard case .region(let region) = argument else { return [] }
    return region.bytes + repeatElement(0, count: argumentSize - region.bytes.count)
  }

  /// How many bytes of a buffer an answer holds.
  func count(of buffer: OutBuffer, _ argument: [UInt8], isFailure: Bool) -> Int {
    let room = room(behind: buffer)
    guard buffer.isOutputOnly else { return room }
    let length = buffer.size(in: argument) ?? 0
    return isFailure ? 0 : min(room, length)
  }

  /// What an answer holds of a buffer that the call did not change.
  func unchanged(_ buffer: OutBuffer, _ count: Int) -> [UInt8] {
    guard !buffer.isOutputOnly, case .region(let argument) = argument,
      let link = argument.links.first(where: { $0.offset == buffer.pointer.offset }),
      case .pointer(.region(let region)) = link.target
    else { return [UInt8](repeating: 0, count: count) }
    return Array(region.bytes.prefix(count))
  }
}
