// SPDX-License-Identifier: MIT

/// The fields of a struct, one after another without a gap, as uAPI structs are.
public struct StructLayout: Hashable, Sendable {
  /// In bytes.
  public let size: Int
  public let fields: [LayoutField]

  init(_ parts: [LayoutPart]) {
    var fields: [LayoutField] = []
    var offset = 0
    for part in parts {
      offset = part.append(to: &fields, at: offset, among: parts)
    }
    self.fields = fields
    size = offset
  }

  /// A struct of which no field is known.
  public static let unknown = StructLayout([])

  /// Returns the field with a name.
  public func field(_ name: String) -> LayoutField? {
    fields.first { $0.name == name }
  }
}

/// A field as the tables state it: without its offset, which follows from the fields before it.
struct LayoutPart {
  typealias Direction = LayoutField.Direction
  private let build: (_ offset: Int, _ parts: [LayoutPart]) -> [LayoutField]
  private let name: String
  private let width: Int

  static func u32(
    _ name: String, _ direction: Direction = .input, _ kind: LayoutField.Kind = .value,
    names: ValueNames = .none
  ) -> LayoutPart {
    number(name, 4, direction, kind, names)
  }

  static func s32(
    _ name: String, _ direction: Direction = .input, _ kind: LayoutField.Kind = .value
  ) -> LayoutPart {
    number(name, 4, direction, kind, .none, isSigned: true)
  }

  static func u64(
    _ name: String, _ direction: Direction = .input, _ kind: LayoutField.Kind = .value,
    names: ValueNames = .none
  ) -> LayoutPart {
    number(name, 8, direction, kind, names)
  }

  static func u8(_ name: String, _ direction: Direction = .input) -> LayoutPart {
    number(name, 1, direction, .value, .none)
  }

  static func s64(_ name: String) -> LayoutPart {
    number(name, 8, .input, .value, .none, isSigned: true)
  }

  /// A time on CLOCK_MONOTONIC, in nanoseconds.
  static func deadline(_ name: String) -> LayoutPart {
    number(name, 8, .input, .deadline, .none, isSigned: true)
  }

  /// A pointer to a buffer whose length is in the field `length`.
  ///
  /// - Parameters:
  ///   - unit: the unit of the length, in bytes.
  ///   - selector: the field that selects the layout of the contents; nil where no layout is known.
  ///   - contents: the layouts by the selector's value.
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

  /// A pointer to an array without gaps whose length is in the field `count`.
  static func array(_ name: String, count: String, of element: StructLayout) -> LayoutPart {
    pointer(name) {
      .array(stride: .fixed(element.size), count: span(of: count, in: $0), element: element)
    }
  }

  /// An array with a stride field: `struct drm_panthor_obj_array`.
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

  /// Appends the part's fields and returns the offset of the next part.
  func append(to fields: inout [LayoutField], at offset: Int, among parts: [LayoutPart]) -> Int {
    fields += build(offset, parts)
    return offset + width
  }

  private static func number(
    _ name: String, _ width: Int, _ direction: Direction, _ kind: LayoutField.Kind,
    _ names: ValueNames, isSigned: Bool = false
  ) -> LayoutPart {
    LayoutPart(
      build: { offset, _ in
        [
          LayoutField(
            name: name, offset: offset, width: width, isSigned: isSigned, direction: direction,
            kind: kind, names: names)
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
      kind: kind, names: .none)
  }

  private static func span(of name: String, in parts: [LayoutPart]) -> FieldSpan {
    var offset = 0
    for part in parts {
      if part.name == name { return FieldSpan(offset: offset, width: part.width) }
      offset += part.width
    }
    preconditionFailure("the struct has no field '\(name)'")
  }
}
