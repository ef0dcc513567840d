// SPDX-License-Identifier: MIT

/// Elements of an array that follow one another with the same steps between their fields.
///
/// Thousands of operations that sync one line after another are one line of a trace.
enum ElementRun {
  // Fewer are told one by one.
  private static let shortest = 4

  /// Writes the elements of a region's array.
  static func values(
    of element: StructLayout, in region: CallRegion, step: Int
  ) -> [TraceValue] {
    let count = region.bytes.count
    var values: [TraceValue] = []
    var start = 0
    while start < count {
      let members = RegionWriter.members(
        of: element, in: region, start..<min(start + step, count))
      let (times, steps) = run(of: element, in: region, at: start, step)
      if times >= shortest {
        values.append(
          .object(
            members + [
              TraceValue.Member("times", .integer(times)),
              TraceValue.Member("step", .object(steps)),
            ]))
        start += times * step
      } else {
        values.append(.object(members))
        start += step
      }
    }
    return values
  }

  /// Counts the elements of a run, and says by what their fields grow.
  private static func run(
    of element: StructLayout, in region: CallRegion, at start: Int, _ step: Int
  ) -> (times: Int, steps: [TraceValue.Member]) {
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
      members.map { TraceValue.Member($0.0.name, .number($0.1)) }
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

  /// Copies an element that was read as often as its run says.
  static func repeatElement(
    _ element: StructLayout, _ range: Range<Int>, times: Int, _ steps: TraceValue,
    in region: inout CallRegion
  ) throws(TraceError) {
    guard case .object(let members) = steps else { throw TraceError("a run without steps") }
    var growth: [(FieldSpan, UInt64)] = []
    for member in members {
      guard let field = element.field(member.name), let number: UInt64 = member.value.integer(),
        field.offset + field.width <= range.count
      else { throw TraceError("\(steps.json) are no steps") }
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
