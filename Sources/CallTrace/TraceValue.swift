// SPDX-License-Identifier: MIT

/// A JSON value, as a trace's lines are made of; members keep their order.
enum TraceValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case number(UInt64)
  case negative(Int64)
  case decimal(Double)
  case string(String)
  case array([TraceValue])
  case object([Member])

  /// A member of an object.
  struct Member: Hashable, Sendable {
    let name: String
    let value: TraceValue

    init(_ name: String, _ value: TraceValue) {
      self.name = name
      self.value = value
    }
  }

  static func integer(_ value: some BinaryInteger) -> TraceValue {
    value < 0 ? .negative(Int64(value)) : .number(UInt64(value))
  }

  /// Answers the member of that name; nil where there is none, or this is no object.
  subscript(name: String) -> TraceValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// The integer it is, where `Result` can hold it.
  func integer<Result: FixedWidthInteger>(_ type: Result.Type = Result.self) -> Result? {
    switch self {
    case .number(let value): Result(exactly: value)
    case .negative(let value): Result(exactly: value)
    default: nil
    }
  }

  var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  var array: [TraceValue]? {
    if case .array(let values) = self { values } else { nil }
  }

  var number: Double? {
    switch self {
    case .number(let value): Double(value)
    case .negative(let value): Double(value)
    case .decimal(let value): value
    default: nil
    }
  }

  /// As JSON, on one line, without spaces.
  var json: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .number(let value): "\(value)"
    case .negative(let value): "\(value)"
    case .decimal(let value): "\(value)"
    case .string(let text): Self.quoted(text)
    case .array(let values): "[" + values.map(\.json).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { Self.quoted($0.name) + ":" + $0.value.json }.joined(separator: ",") + "}"
    }
  }

  /// As a person reads it in a call: `{handle=1 type=FLUSH}`.
  var words: String {
    switch self {
    case .null: "NULL"
    case .string(let text): text
    case .array(let values): "[" + values.map(\.words).joined(separator: ", ") + "]"
    case .object(let members):
      if members.count == 1, members[0].name == "text" {
        members[0].value.json
      } else {
        "{" + Self.words(members) + "}"
      }
    default: json
    }
  }

  static func words(_ members: [Member]) -> String {
    members.map { "\($0.name)=\($0.value.words)" }.joined(separator: " ")
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\" + String(scalar)
      case "\n": result += "\\n"
      case "\u{0}"..<" ", "\u{7f}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
