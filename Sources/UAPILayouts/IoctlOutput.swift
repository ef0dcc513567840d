// SPDX-License-Identifier: MIT

/// An output with the same value in every run: one field, or several that form one value.
public struct StableOutput: Hashable, Sendable, ExpressibleByStringLiteral {
  /// The name under which the value is shown.
  public let label: String
  /// The fields of the value, shown with dots between them.
  public let fields: [String]

  init(_ label: String, of fields: [String]) {
    self.label = label
    self.fields = fields
  }

  /// Creates an output of one field, shown under the field's own name.
  public init(stringLiteral name: String) {
    self.init(name, of: [name])
  }
}

/// An output field that names a resource; its number differs between runs.
public struct ReturnedField: Sendable {
  /// A kind of resource.
  public enum Kind: Hashable, Sendable {
    case descriptor
    case fakeOffset
    case gpuAddress
  }

  public let kind: Kind
  public let span: FieldSpan
  /// The field of the same struct with the GEM handle of the BO that the number belongs to.
  public let handle: FieldSpan?

  init?(_ field: LayoutField, of handle: FieldSpan?) {
    guard field.direction != .input, let kind = field.returnedKind else { return nil }
    (self.kind, self.handle) = (kind, handle)
    span = field.span
  }
}

extension LayoutField {
  /// The kind of resource that the field's number names; nil for other numbers.
  public var returnedKind: ReturnedField.Kind? {
    switch kind {
    case .descriptor: .descriptor
    case .fakeOffset: .fakeOffset
    case .gpuAddress: .gpuAddress
    default: nil
    }
  }
}

/// A buffer behind a pointer that the kernel may write to.
public struct OutBuffer: Sendable {
  public let pointer: FieldSpan
  /// Whether the kernel only writes it, so that its contents before the call do not matter.
  public let isOutputOnly: Bool
  private let length: FieldSpan
  private let unit: Int
  private let contents: BufferContents?

  init?(_ field: LayoutField) {
    guard case .pointer(.bytes(let length, let unit, let direction, let contents)) = field.kind,
      direction != .input
    else { return nil }
    pointer = field.span
    isOutputOnly = direction == .output
    (self.length, self.unit, self.contents) = (length, unit, contents)
  }

  /// Returns the buffer's size in bytes according to an argument; nil where the argument is too short.
  public func size(in argument: [UInt8]) -> Int? {
    argument.number(length).map { Int(clamping: $0).saturatingMultiplied(by: unit) }
  }

  /// Returns the layout of the buffer's contents; one without fields where it is unknown.
  public func layout(in argument: [UInt8]) -> StructLayout {
    guard let contents, let number = argument.number(contents.selector) else {
      return .unknown
    }
    return contents.layout(selectedBy: number)
  }
}

extension Int {
  /// Returns the product, or the greatest number where it overflows; both factors are at least 0.
  package func saturatingMultiplied(by other: Int) -> Int {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? .max : product
  }
}

/// Bytes of an output that describe the machine or the time, selected by the value of a field.
public struct VariableOutput: Sendable {
  /// Where the bytes are.
  public enum Place: Sendable {
    case argument
    case buffer
  }

  let selector: FieldSpan
  let values: ClosedRange<UInt64>
  let place: Place
  let ranges: [Range<Int>]

  /// Zeroes the bytes in a copy of their place, where the argument selects them.
  public func clear(_ bytes: inout [UInt8], _ place: Place, selectedBy argument: [UInt8]) {
    guard self.place == place, let value = argument.number(selector), values ~= value else {
      return
    }
    for range in ranges { bytes.clear(range) }
  }
}
