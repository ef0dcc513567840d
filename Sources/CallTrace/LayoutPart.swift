// SPDX-License-Identifier: MIT

/// A field as tables write it: without its offset, which follows from those before it.
struct LayoutPart {
  typealias Direction = LayoutField.Direction
  private let build: (_ offset: Int, _ parts: [LayoutPart]) -> [LayoutField]
  private let name: String
  private let width: Int

  static func u32(
    _ name: String, _ direction: Direction = .input, _ kind: LayoutField.Kind = .value,
    words: FieldWords = .none
  ) -> LayoutPart {
    number(name, 4, direction, kind, words)
  }

  static func s32(
    _ name: String, _ direction: Direction = .input, _ kind: LayoutField.Kind = .value
  ) -> LayoutPart {
    number(name, 4, direction, kind, .none, isSigned: true)
  }

  static func u64(
    _ name: String, _ direction: Direction = .input, _ kind: LayoutField.Kind = .value,
    words: FieldWords = .none
  ) -> LayoutPart {
    number(name, 8, direction, kind, words)
  }

  static func u8(_ name: String, _ direction: Direction = .input) -> LayoutPart {
    number(name, 1, direction, .value, .none)
  }

  static func s64(_ name: String) -> LayoutPart {
    number(name, 8, .input, .value, .none, isSigned: true)
  }

  /// A moment on CLOCK_MONOTONIC, in nanoseconds.
  static func deadline(_ name: String) -> LayoutPart {
    number(name, 8, .input, .deadline, .none, isSigned: true)
  }

  /// A pointer to as many bytes as the field `length` says.
  ///
  /// - Parameters:
  ///   - unit: what the length counts, in bytes.
  ///   - selector: the field that says what they are, where anything is known of that.
  ///   - contents: the structs it selects.
  static func bytes(
    _ name: String, _ direction: Direction, length: String, unit: Int = 1,
    selector: String? = nil,
    contents: [UInt64: StructLayout] = [:]
  ) -> LayoutPart {
    pointer(name) { parts in
      let contents = selector.map {
        BufferContents(selector: span(of: $0, in: parts), layouts: contents)
      }
      return .bytes(length: span(of: length, in: parts), unit: unit, direction, contents)
    }
  }

  /// A pointer to a string.
  static func string(_ name: String, limit: Int) -> LayoutPart {
    pointer(name) { _ in .string(limit: limit) }
  }

  /// A pointer to as many elements as the field `count` says, side by side.
  static func array(_ name: String, count: String, of element: StructLayout) -> LayoutPart {
    pointer(name) {
      .array(stride: .fixed(element.size), count: span(of: count, in: $0), element: element)
    }
  }

  /// An array that says its stride: `struct drm_panthor_obj_array`.
  static func objectArray(_ name: String, of element: StructLayout) -> LayoutPart {
    LayoutPart(
      build: { offset, _ in
        let stride = FieldSpan(offset: offset, width: 4)
        let count = FieldSpan(offset: offset + 4, width: 4)
        let target = PointerTarget.array(
          stride: .field(stride), count: count, element: element)
        return [
          field("\(name).stride", stride), field("\(name).count", count),
          field(
            "\(name).array", FieldSpan(offset: offset + 8, width: 8), kind: .pointer(target)),
        ]
      }, name: name, width: 16)
  }

  /// Appends its fields and answers where the next part begins.
  func append(to fields: inout [LayoutField], at offset: Int, among parts: [LayoutPart]) -> Int {
    fields += build(offset, parts)
    return offset + width
  }

  private static func number(
    _ name: String, _ width: Int, _ direction: Direction, _ kind: LayoutField.Kind,
    _ words: FieldWords, isSigned: Bool = false
  ) -> LayoutPart {
    LayoutPart(
      build: { offset, _ in
        [
          LayoutField(
            name: name, offset: offset, width: width, isSigned: isSigned, direction: direction,
            kind: kind, words: words)
        ]
      }, name: name, width: width)
  }

  private static func pointer(
    _ name: String, _ target: @escaping ([LayoutPart]) -> PointerTarget
  ) -> LayoutPart {
    LayoutPart(
      build: { offset, parts in
        [field(name, FieldSpan(offset: offset, width: 8), kind: .pointer(target(parts)))]
      }, name: name, width: 8)
  }

  private static func field(
    _ name: String, _ span: FieldSpan, kind: LayoutField.Kind = .value
  ) -> LayoutField {
    LayoutField(
      name: name, offset: span.offset, width: span.width, isSigned: false, direction: .input,
      kind: kind, words: .none)
  }

  private static func span(of name: String, in parts: [LayoutPart]) -> FieldSpan {
    var offset = 0
    for part in parts {
      if part.name == name { return FieldSpan(offset: offset, width: part.width) }
      offset += part.width
    }
    preconditionFailure("no field '\(name)' stands beside the pointer")
  }
}
