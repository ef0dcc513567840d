// SPDX-License-Identifier: MIT

/// An output that is the same in every run: a field, or several that are one value together.
public struct StableOutput: Hashable, Sendable, ExpressibleByStringLiteral {
  /// What it is shown as.
  public let label: String
  /// The fields it is made of, shown with dots between them.
  public let fields: [String]

  init(_ label: String, of fields: [String]) {
    self.label = label
    self.fields = fields
  }

  /// A field under its own name.
  public init(stringLiteral name: String) {
    self.init(name, of: [name])
  }
}

/// An output that names something: which one it is compares, not its number.
struct GiftField: Sendable {
  let kind: Gift.Kind
  let span: FieldSpan
  /// The GEM handle in the same struct whose BO the number belongs to.
  let handle: FieldSpan?

  init?(_ field: LayoutField, of handle: FieldSpan?) {
    guard field.direction != .input else { return nil }
    switch field.kind {
    case .descriptor: kind = .descriptor
    case .fakeOffset: kind = .fakeOffset
    case .gpuAddress: kind = .gpuAddress
    default: return nil
    }
    span = field.span
    self.handle = handle
  }
}

/// A buffer behind a pointer that the kernel may write to.
struct OutBuffer: Sendable {
  let pointer: FieldSpan
  let length: FieldSpan
  /// What the length counts, in bytes.
  let unit: Int
  /// Whether what was in it before the call does not matter: only what the length says then is new.
  let isOutputOnly: Bool
  private let contents: BufferContents?

  init?(_ field: LayoutField) {
    guard case .pointer(.bytes(let length, let unit, let direction, let contents)) = field.kind,
      direction != .input
    else { return nil }
    pointer = field.span
    self.length = length
    self.unit = unit
    isOutputOnly = direction == .output
    self.contents = contents
  }
}

extension OutBuffer {
  /// Answers how many bytes an argument says there are; nil where it ends before that.
  func size(in argument: [UInt8]) -> Int? {
    argument.number(length).map { number in
      let (total, overflow) = Int(clamping: number).multipliedReportingOverflow(by: unit)
      return overflow ? .max : total
    }
  }

  /// Answers what the buffer holds; a struct without fields where nobody knows it.
  func layout(in argument: [UInt8]) -> StructLayout {
    guard let contents, let number = argument.number(contents.selector) else {
      return StructLayout([])
    }
    return contents.layout(selectedBy: number)
  }
}

/// Outputs that say something of the machine and not of the interface, where a field selects them.
struct VariableOutput: Sendable {
  /// Where they stand.
  enum Place: Sendable {
    case argument
    case buffer
  }

  let selector: FieldSpan
  let values: ClosedRange<UInt64>
  let place: Place
  let ranges: [Range<Int>]

  /// Zeroes them in what an answer holds of their place.
  func clear(_ bytes: inout [UInt8], _ place: Place, selectedBy argument: [UInt8]) {
    guard self.place == place, let value = argument.number(selector), values ~= value else {
      return
    }
    for range in ranges { bytes.clear(range) }
  }
}
