// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import FoundationEssentials

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

// Read by Foundation, written here: its encoder does not keep the order of members.
extension JSONValue: Decodable {
  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }

    init?(intValue: Int) { nil }
  }

  /// Reads one line; of members with the same name it keeps one.
  init(parsing line: ArraySlice<UInt8>) throws(TraceError) {
    do {
      self = try JSONDecoder().decode(JSONValue.self, from: Data(line))
    } catch {
      throw TraceError("not JSON")
    }
  }

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    // The most frequent kinds first: each failed attempt costs an error.
    if let text = try? value.decode(String.self) {
      self = .string(text)
    } else if let number = try? value.decode(UInt64.self) {
      self = .number(number)
    } else if let members = try? decoder.container(keyedBy: Name.self) {
      self = .object(
        try members.allKeys.map {
          Member($0.stringValue, try members.decode(Self.self, forKey: $0))
        }
        .sorted { $0.name < $1.name })
    } else if let bool = try? value.decode(Bool.self) {
      self = .bool(bool)
    } else if value.decodeNil() {
      self = .null
    } else if let number = try? value.decode(Int64.self) {
      self = .negative(number)
    } else if let number = try? value.decode(Double.self) {
      self = .decimal(number)
    } else {
      self = .array(try value.decode([JSONValue].self))
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
    case .string(let text): text
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
    members.map { "\($0.name)=\($0.value.text)" }.joined(separator: " ")
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
