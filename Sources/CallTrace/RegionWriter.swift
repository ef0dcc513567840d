// SPDX-License-Identifier: MIT

/// Writes what a call's pointers lead to by the names of its fields.
enum RegionWriter {
  // A longer text is better told as runs of bytes.
  private static let longestText = 64

  /// Writes one struct of a region: its fields, and what of it no field covers.
  static func members(
    of structure: StructLayout, in region: CallRegion, _ range: Range<Int>
  ) -> [TraceValue.Member] {
    var members: [TraceValue.Member] = []
    var covered = range.lowerBound
    var links = region.links.filter { range.contains($0.offset) }
    for field in structure.fields {
      let start = range.lowerBound + field.offset
      guard start + field.width <= range.upperBound else { break }
      covered = start + field.width
      if let index = links.firstIndex(where: { $0.offset == start }) {
        let link = links.remove(at: index)
        // Nothing at nowhere is what a pointer means that is not mentioned.
        if link.target == .pointer(.null), case .pointer(let target) = field.kind,
          PointerExtent(target, in: region.bytes, at: range.lowerBound).count == 0
        {
          continue
        }
        members.append(
          TraceValue.Member(field.name, value(of: link, field, region, range.lowerBound)))
      } else if let number = region.bytes.number(at: start, field.width),
        number != 0 || !field.isSilentAtZero
      {
        members.append(TraceValue.Member(field.name, field.value(number)))
      }
    }
    let rest = ByteText.text(region.bytes[covered..<range.upperBound])
    if !rest.isEmpty { members.append(TraceValue.Member("rest", .string(rest))) }
    if !links.isEmpty {
      let values = links.map { link in
        TraceValue.object([
          TraceValue.Member("at", .integer(link.offset - range.lowerBound)),
          TraceValue.Member("to", value(of: link, nil, region, range.lowerBound)),
        ])
      }
      members.append(TraceValue.Member("links", .array(values)))
    }
    return members
  }

  private static func value(
    of link: CallRegion.Link, _ field: LayoutField?, _ region: CallRegion, _ base: Int
  ) -> TraceValue {
    switch link.target {
    case .descriptor(let descriptor): return descriptor.value
    case .pointer(let memory):
      guard case .pointer(let target) = field?.kind else { return value(of: memory, .unknown) }
      return value(of: memory, PointerExtent(target, in: region.bytes, at: base))
    }
  }

  /// Writes what a pointer leads to, where there should be what `extent` says.
  static func value(of memory: CallMemory, _ extent: PointerExtent) -> TraceValue {
    switch memory {
    case .null: return .null
    case .wild(let address): return .string("0x" + String(address, radix: 16))
    case .region(let region):
      let count = region.bytes.count
      var members: [TraceValue.Member] = []
      if case .array(_, _, let element) = extent.target, extent.step > 0,
        count > 0 || extent.count == 0
      {
        let elements = ElementRun.values(of: element, in: region, step: extent.step)
        if count == extent.count, !region.isCutOff { return .array(elements) }
        members.append(TraceValue.Member("elements", .array(elements)))
      } else if let text = text(region, extent) {
        return .object([TraceValue.Member("text", .string(text))])
      } else {
        members = self.members(of: extent.contents, in: region, 0..<count)
      }
      if count != extent.count { members.append(TraceValue.Member("length", .integer(count))) }
      if region.isCutOff { members.append(TraceValue.Member("cut_off", .bool(true))) }
      return .object(members)
    }
  }

  /// A short text: with its NUL where a string is meant, with its length where bytes are.
  private static func text(
    _ region: CallRegion, _ extent: PointerExtent
  ) -> String? {
    guard !region.isCutOff, region.links.isEmpty else { return nil }
    switch extent.target {
    case .string: return region.bytes.last == 0 ? text(region.bytes.dropLast()) : nil
    case .bytes where region.bytes.count == extent.count && !region.bytes.isEmpty:
      return text(region.bytes[...])
    default: return nil
    }
  }

  /// A text of characters that nobody need quote.
  static func text(_ bytes: ArraySlice<UInt8>) -> String? {
    guard bytes.count <= longestText, bytes.allSatisfy({ 0x20...0x7e ~= $0 }) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension LayoutField {
  var isPointer: Bool {
    if case .pointer = kind { true } else { false }
  }
}
