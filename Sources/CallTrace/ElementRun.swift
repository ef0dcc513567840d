// SPDX-License-Identifier: MIT

internal import UAPILayouts

/// Consecutive elements of an array whose fields grow by the same steps.
///
/// Thousands of operations that sync one cache line after another take one source line of a trace.
enum ElementRun {
  // Fewer elements are written one by one.
  private static let shortest = 4

  /// Returns the elements of a region's array.
  static func values(
    of element: StructLayout, in region: CallRegion, step: Int
  ) -> [JSONValue] {
    let count = region.bytes.count
    var values: [JSONValue] = []
    var start = 0
    while start < count {
      let members = RegionWriter.members(
        of: element, in: region, start..<min(start + step, count))
      let (times, steps) = run(of: element, in: region, at: start, step)
      if times >= shortest {
        values.append(
          .object(
            members + [
              JSONValue.Member("times", .integer(times)),
              JSONValue.Member("step", .object(steps)),
            ]))
        start += times * step
      } else {
        values.append(.object(members))
        start += step
      }
    }
    return values
  }

  /// Returns the length of a run and the steps of its fields.
  private static func run(
    of element: StructLayout, in region: CallRegion, at start: Int, _ step: Int
  ) -> (times: Int, steps: [JSONValue.Member]) {
    guard region.links.isEmpty, step >= element.size, start + 2 * step <= region.bytes.count else {
      return (1, [])
    }
    let bytes = region.bytes
    let steps = element.fields.map { difference($0, bytes, start, start + step) }
    let rest = bytes[start + element.size..<start + step]
    var last = start
    while last + 2 * step <= bytes.count {
      let next = last + step
      guard
        zip(element.fields, steps).allSatisfy({ difference($0, bytes, last, next) == $1 }),
        rest.elementsEqual(bytes[next + element.size..<next + step])
      else { break }
      last = next
    }
    let members = zip(element.fields, steps).filter { $0.1 != 0 }
    return (
      (last - start) / step + 1,
      members.map { JSONValue.Member($0.0.name, .number($0.1)) }
    )
  }

  private static func difference(
    _ field: LayoutField, _ bytes: [UInt8], _ one: Int, _ other: Int
  ) -> UInt64 {
    let first = bytes.number(at: one + field.offset, field.width) ?? 0
    let second = bytes.number(at: other + field.offset, field.width) ?? 0
    let unused = UInt64(64 - field.width * 8)
    return ((second &- first) << unused) >> unused
  }

  /// Fills a region with the elements of a run, after its first element.
  static func repeatElement(
    _ element: StructLayout, _ range: Range<Int>, times: Int, _ steps: JSONValue,
    in region: inout CallRegion
  ) throws(TraceError) {
    guard case .object(let members) = steps else { throw TraceError("'step' is missing") }
    var growth: [(FieldSpan, UInt64)] = []
    for member in members {
      guard let field = element.field(member.name), let number: UInt64 = member.value.integer(),
        field.offset + field.width <= range.count
      else { throw TraceError("\(steps.json) are not steps") }
      growth.append((field.span, number))
    }
    let first = Array(region.bytes[range])
    for index in 1..<max(times, 1) {
      var next = first
      for (span, step) in growth {
        next.store((first.number(span) ?? 0) &+ step &* UInt64(index), span)
      }
      let start = range.lowerBound + index * range.count
      region.bytes.replaceSubrange(start..<start + range.count, with: next)
    }
  }
}
