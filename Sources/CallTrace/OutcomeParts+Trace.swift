// SPDX-License-Identifier: MIT

internal import UAPILayouts

extension OutcomeParts {
  /// Returns the changes that a call made: fields, bytes outside all fields, and buffers.
  func members(after call: IoctlCall) -> [JSONValue.Member] {
    let before = call.argumentBytes
    guard let layout = call.layout else {
      guard argument != before else { return [] }
      return [JSONValue.Member("rest", .string(ByteText.text(argument)))]
    }
    var members: [JSONValue.Member] = []
    var covered = 0
    for field in layout.structure.fields where field.offset + field.width <= argument.count {
      covered = field.offset + field.width
      if let resource = resources[field.span] {
        members.append(JSONValue.Member(field.name, .string(resource.description)))
      } else if field.kind != .deadline, let number = argument.number(field.span),
        number != before.number(field.span)
      {
        members.append(JSONValue.Member(field.name, field.value(number)))
      }
    }
    if argument[covered...] != before[covered...] {
      members.append(JSONValue.Member("rest", .string(ByteText.text(argument[covered...]))))
    }
    for (index, buffer) in layout.outBuffers.enumerated() {
      let bytes = buffers[index]
      guard bytes != call.unchanged(buffer, bytes.count),
        let name = layout.structure.fields.first(where: { $0.span == buffer.pointer })?.name
      else { continue }
      let contents = buffer.layout(in: argument)
      let value =
        if contents.fields.isEmpty, let text = RegionWriter.text(bytes[...]) {
          [JSONValue.Member("text", .string(text))]
        } else {
          RegionWriter.members(of: contents, in: CallRegion(bytes), 0..<bytes.count)
        }
      members.append(JSONValue.Member(name, .object(value)))
    }
    return members
  }

  /// Reads an outcome; the inverse of ``members(after:)``.
  static func outcome(
    _ result: Int64, to call: IoctlCall, _ output: JSONValue
  ) throws(TraceError) -> CallOutcome {
    guard case .object(let members) = output else {
      throw TraceError("\(output.json) is not an output")
    }
    var fields: [String: JSONValue] = [:]
    for member in members { fields[member.name] = member.value }
    var bytes = call.argumentBytes
    var resources: [ReturnedResource] = []
    var covered = 0
    for field in call.layout?.structure.fields ?? [] where field.span.end <= bytes.count {
      covered = field.span.end
      guard !field.isPointer || fields[field.name]?.integer(UInt64.self) != nil,
        let value = fields.removeValue(forKey: field.name)
      else { continue }
      if let resource = ReturnedResource(value, field) {
        resources.append(resource)
        bytes.clear(field.offset..<covered)
      } else {
        bytes.store(try field.number(value), field.span)
      }
    }
    if let rest = fields.removeValue(forKey: "rest")?.string {
      let tail = try ByteText.bytes(rest, count: bytes.count - covered)
      bytes.replaceSubrange(covered..<bytes.count, with: tail)
    }
    for span in call.layout?.deadlines ?? [] { bytes.clear(span.offset..<span.end) }
    let argument = bytes
    for buffer in call.layout?.outBuffers ?? [] {
      let count = call.count(of: buffer, argument, after: result)
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
      else { throw TraceError("\(name) does not have \(count) bytes") }
      bytes += region.bytes
    }
    if let unknown = fields.keys.min() { throw TraceError("unknown output '\(unknown)'") }
    return CallOutcome(result, resources: resources, bytes: bytes)
  }
}

extension ReturnedResource {
  /// Reads the resource that a field names, such as `fd 3`.
  fileprivate init?(_ value: JSONValue, _ field: LayoutField) {
    guard let text = value.string, let kind = field.returnedKind,
      let number = TraceNames.identity(kind.traceName, text)
    else { return nil }
    self.init(kind, number)
  }
}
