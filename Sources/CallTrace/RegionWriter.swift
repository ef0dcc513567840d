// SPDX-License-Identifier: MIT

internal import UAPILayouts

/// Writes the memory of a call to a trace, by the names of its fields.
enum RegionWriter {
  // A longer text is written as runs of bytes.
  private static let longestText = 64

  /// Returns one struct of a region: its fields, and the bytes outside all fields.
  static func members(
    of structure: StructLayout, in region: CallRegion, _ range: Range<Int>
  ) -> [JSONValue.Member] {
    var members: [JSONValue.Member] = []
    var covered = range.lowerBound
    var links = region.links.filter { range.contains($0.offset) }
    for field in structure.fields {
      let start = range.lowerBound + field.offset
      guard start + field.width <= range.upperBound else { break }
      covered = start + field.width
      if let index = links.firstIndex(where: { $0.offset == start }) {
        let link = links.remove(at: index)
        // A missing pointer is read as a null pointer to 0 bytes.
        if link.target == .pointer(.null), case .pointer(let target) = field.kind,
          PointerExtent(target, in: region.bytes, at: range.lowerBound).count == 0
        {
          continue
        }
        members.append(
          JSONValue.Member(field.name, value(of: link, field, region, range.lowerBound)))
      } else if let number = region.bytes.number(at: start, field.width),
        number != 0 || !field.isOmittedAtZero
      {
        members.append(JSONValue.Member(field.name, field.value(number)))
      }
    }
    let rest = ByteText.text(region.bytes[covered..<range.upperBound])
    if !rest.isEmpty { members.append(JSONValue.Member("rest", .string(rest))) }
    if !links.isEmpty {
      let values = links.map { link in
        JSONValue.object([
          JSONValue.Member("at", .integer(link.offset - range.lowerBound)),
          JSONValue.Member("to", value(of: link, nil, region, range.lowerBound)),
        ])
      }
      members.append(JSONValue.Member("links", .array(values)))
    }
    return members
  }

  private static func value(
    of link: CallRegion.Link, _ field: LayoutField?, _ region: CallRegion, _ base: Int
  ) -> JSONValue {
    switch link.target {
    case .descriptor(let descriptor): return descriptor.value
    case .pointer(let memory):
      guard case .pointer(let target) = field?.kind else { return value(of: memory, .unknown) }
      return value(of: memory, PointerExtent(target, in: region.bytes, at: base))
    }
  }

  /// Returns the memory behind a pointer, with its size where that is not the size of `extent`.
  static func value(of memory: CallMemory, _ extent: PointerExtent) -> JSONValue {
    switch memory {
    case .null: return .null
    case .wild(let address): return .string("0x" + String(address, radix: 16))
    case .region(let region):
      let count = region.bytes.count
      var members: [JSONValue.Member] = []
      if case .array(_, _, let element) = extent.target, extent.step > 0,
        count > 0 || extent.count == 0
      {
        let elements = ElementRun.values(of: element, in: region, step: extent.step)
        if count == extent.count, !region.isCutOff { return .array(elements) }
        members.append(JSONValue.Member("elements", .array(elements)))
      } else if let text = text(region, extent) {
        return .object([JSONValue.Member("text", .string(text))])
      } else {
        members = self.members(of: extent.contents, in: region, 0..<count)
      }
      if count != extent.count { members.append(JSONValue.Member("length", .integer(count))) }
      if region.isCutOff { members.append(JSONValue.Member("cut_off", .bool(true))) }
      return .object(members)
    }
  }

  /// Returns a short text: of a string without its NUL, or of a whole buffer.
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

  /// Returns a short text of printable ASCII characters; nil for other bytes.
  static func text(_ bytes: ArraySlice<UInt8>) -> String? {
    guard bytes.count <= longestText, bytes.allSatisfy({ 0x20...0x7e ~= $0 }) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }
}
