// SPDX-License-Identifier: MIT

internal import DRMKernel

/// A JSON value of a trace; integers are exact, and members are written in their order.
enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case number(UInt64)
  case negative(Int64)
  case decimal(Double)
  case string(String)
  case array([JSONValue])
  case object([Member])

  /// A member of an object.
  struct Member: Hashable, Sendable {
    let name: String
    let value: JSONValue

    init(_ name: String, _ value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  static func integer(_ value: some BinaryInteger) -> JSONValue {
    value < 0 ? .negative(Int64(value)) : .number(UInt64(value))
  }

  /// Returns the member with a name; nil where there is none, or the value is no object.
  subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// Returns an integer that `Result` can hold; nil for other values.
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

  var array: [JSONValue]? {
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
}

extension JSONValue {
  /// The value as JSON, on one line without spaces.
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

  /// The value as in a printed call: `{handle=1 type=FLUSH}`.
  var text: String {
    switch self {
    case .null: "NULL"
    case .string(let text): text.printable
    case .array(let values): "[" + values.map(\.text).joined(separator: ", ") + "]"
    case .object(let members):
      if members.count == 1, members[0].name == "text" {
        members[0].value.json
      } else {
        "{" + Self.text(members) + "}"
      }
    default: json
    }
  }

  static func text(_ members: [Member]) -> String {
    members.map { "\($0.name.printable)=\($0.value.text)" }.joined(separator: " ")
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\" + String(scalar)
      case "\n": result += "\\n"
      case _ where !scalar.isPrintable: result += scalar.jsonEscape
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
