// SPDX-License-Identifier: MIT

internal import UAPILayouts

/// Reads the memory of a call from a trace, and validates all of it; the inverse of ``RegionWriter``.
struct RegionReader {
  // The greatest total size of a recorded call in bytes; a file may contain any number.
  private var budget = 16 << 20
  // Memory that is cut off takes a block with a guard page in a replay, however short it is.
  private static let costOfCut = 64 * 1024

  /// Reads one struct into a region.
  mutating func fill(
    _ region: inout CallRegion, _ structure: StructLayout, _ range: Range<Int>,
    from value: JSONValue
  ) throws(TraceError) {
    guard case .object(let members) = value else {
      throw TraceError("\(value.json) is not a struct")
    }
    var fields: [String: JSONValue] = [:]
    for member in members { fields[member.name] = member.value }
    var covered = range.lowerBound
    var pointers: [(LayoutField, JSONValue)] = []
    for field in structure.fields {
      let span = FieldSpan(offset: range.lowerBound + field.offset, width: field.width)
      guard span.end <= range.upperBound else { break }
      covered = span.end
      guard let value = fields.removeValue(forKey: field.name) else {
        if field.isPointer {
          region.links.append(CallRegion.Link(at: span.offset, .pointer(.null)))
        }
        continue
      }
      if let number: UInt64 = value.integer(), field.isPointer {
        // A kernel would use memory of the replaying process.
        guard CallMemory.isWild(number) else {
          throw TraceError("\(field.name): \(number) is not an address without memory")
        }
        region.bytes.store(number, span)
      } else if field.isPointer {
        pointers.append((field, value))
      } else if field.kind == .descriptor, value.integer(Int64.self) == nil {
        let descriptor = try Call.Descriptor(value)
        region.links.append(CallRegion.Link(at: span.offset, .descriptor(descriptor)))
      } else {
        region.bytes.store(try field.number(value), span)
      }
    }
    // After the numbers: a length may come after its pointer.
    for (field, value) in pointers {
      guard case .pointer(let target) = field.kind else { continue }
      let extent = PointerExtent(target, in: region.bytes, at: range.lowerBound)
      let memory = try memory(value, extent)
      region.links.append(
        CallRegion.Link(at: range.lowerBound + field.offset, .pointer(memory)))
    }
    if let rest = fields.removeValue(forKey: "rest") {
      guard let text = rest.string else { throw TraceError("\(rest.json) is not bytes") }
      let bytes = try ByteText.bytes(text, count: range.upperBound - covered)
      region.bytes.replaceSubrange(covered..<range.upperBound, with: bytes)
    }
    try link(&region, range, fields.removeValue(forKey: "links"))
    region.links.sort { $0.offset < $1.offset }
    if let unknown = fields.keys.min() { throw TraceError("unknown field '\(unknown)'") }
  }

  private mutating func link(
    _ region: inout CallRegion, _ range: Range<Int>, _ value: JSONValue?
  ) throws(TraceError) {
    guard let value else { return }
    guard let links = value.array else {
      throw TraceError("\(value.json) is not an array of links")
    }
    for link in links {
      guard let offset: Int = link["at"]?.integer(), let value = link["to"] else {
        throw TraceError("\(link.json) is not a link")
      }
      let target: CallRegion.Target =
        if let descriptor = try? Call.Descriptor(value) {
          .descriptor(descriptor)
        } else {
          .pointer(try memory(value, .unknown))
        }
      guard offset >= 0, offset <= range.count - target.width else {
        throw TraceError("\(link.json) is not a link")
      }
      region.links.append(CallRegion.Link(at: range.lowerBound + offset, target))
    }
  }

  /// Reads the memory behind a pointer.
  mutating func memory(
    _ value: JSONValue, _ extent: PointerExtent
  ) throws(TraceError) -> CallMemory {
    switch value {
    case .null: return .null
    case .string(let text): return .wild(try Self.wild(text))
    case .array(let elements):
      guard let count = extent.count else { throw TraceError("\(value.json) is not memory") }
      return .region(try region(elements, extent, count: count, isCutOff: false))
    case .object(let members):
      if let text = value["text"]?.string {
        var bytes = Array(text.utf8)
        if case .string = extent.target { bytes.append(0) }
        try spend(bytes.count, isCutOff: false)
        return .region(CallRegion(bytes))
      }
      guard let count = value["length"].map({ $0.integer(Int.self) }) ?? extent.count else {
        throw TraceError("\(value.json) has no length")
      }
      let isCutOff = value["cut_off"]?.bool ?? false
      if let elements = value["elements"]?.array {
        return .region(try region(elements, extent, count: count, isCutOff: isCutOff))
      }
      var region = try zeroes(count, isCutOff: isCutOff)
      let bytes = members.filter { $0.name != "length" && $0.name != "cut_off" }
      try fill(&region, extent.contents, 0..<count, from: .object(bytes))
      return .region(region)
    default: throw TraceError("\(value.json) is not memory")
    }
  }

  private mutating func region(
    _ elements: [JSONValue], _ extent: PointerExtent, count: Int, isCutOff: Bool
  ) throws(TraceError) -> CallRegion {
    let step = extent.step
    guard case .array(_, _, let element) = extent.target, step > 0 || count == 0 else {
      throw TraceError("'elements' where the call has no array")
    }
    var region = try zeroes(count, isCutOff: isCutOff)
    var start = 0
    for value in elements {
      guard start < count, case .object(var members) = value else {
        throw TraceError("more elements than \(count) bytes hold")
      }
      let times = value["times"]?.integer(Int.self) ?? 1
      let range = start..<min(start + step, count)
      guard times == 1 || times > 1 && times <= (count - start) / step else {
        throw TraceError("more elements than \(count) bytes hold")
      }
      members.removeAll { $0.name == "times" || $0.name == "step" }
      try fill(&region, element, range, from: .object(members))
      if times > 1 {
        try ElementRun.repeatElement(
          element, range, times: times, value["step"] ?? .null, in: &region)
      }
      start += times * step
    }
    guard start >= count else { throw TraceError("fewer elements than \(count) bytes hold") }
    return region
  }

  /// Creates a region of zeroes.
  mutating func zeroes(_ count: Int, isCutOff: Bool) throws(TraceError) -> CallRegion {
    try spend(count, isCutOff: isCutOff)
    return CallRegion([UInt8](repeating: 0, count: count), isCutOff: isCutOff)
  }

  private mutating func spend(_ count: Int, isCutOff: Bool) throws(TraceError) {
    guard 0...CallRegion.limit ~= count else {
      throw TraceError("\(count) bytes are not within the limit of \(CallRegion.limit)")
    }
    budget -= count + (isCutOff ? Self.costOfCut : 0)
    guard budget >= 0 else { throw TraceError("the call has more bytes than the limit") }
  }

  /// Reads an address that no process can have memory at.
  static func wild(_ text: String) throws(TraceError) -> UInt64 {
    guard text.hasPrefix("0x"), let address = UInt64(text.dropFirst(2), radix: 16),
      CallMemory.isWild(address), address != 0
    else { throw TraceError("'\(text)' is not an address without memory") }
    return address
  }
}
