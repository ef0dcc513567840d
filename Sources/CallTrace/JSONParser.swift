// SPDX-License-Identifier: MIT

/// Reads JSON strictly: no doubled members, no depth beyond a limit, and only UTF-8.
struct JSONParser {
  // No call of a trace is nested deeper.
  private static let mostDepth = 64
  private let bytes: ArraySlice<UInt8>
  private var index: Int

  private init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    index = bytes.startIndex
  }

  /// Reads one value that takes all bytes.
  ///
  /// - Throws: an error with the column, in bytes from 1.
  static func value(of bytes: ArraySlice<UInt8>) throws(TraceError) -> JSONValue {
    var parser = JSONParser(bytes)
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.index == bytes.endIndex else {
      throw parser.error("there is more after the value")
    }
    return value
  }

  private var next: UInt8? { index < bytes.endIndex ? bytes[index] : nil }

  private func error(_ reason: String) -> TraceError {
    TraceError("not JSON: \(reason)", column: index - bytes.startIndex + 1)
  }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0d { index += 1 }
  }

  /// Reads a character if it is the next one after spaces.
  private mutating func takes(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard next == UInt8(ascii: character) else { return false }
    index += 1
    return true
  }

  private mutating func value(depth: Int) throws(TraceError) -> JSONValue {
    skipSpace()
    guard depth <= Self.mostDepth else { throw error("nested deeper than any call is") }
    switch next ?? 0 {
    case UInt8(ascii: "{"): return .object(try members(depth: depth))
    case UInt8(ascii: "["): return .array(try elements(depth: depth))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default:
      for (text, value) in [
        ("null", JSONValue.null), ("true", .bool(true)), ("false", .bool(false)),
      ]
      where bytes[index...].starts(with: text.utf8) {
        index += text.utf8.count
        return value
      }
      throw error(next == nil ? "a value is missing" : "this is no value")
    }
  }

  private mutating func members(depth: Int) throws(TraceError) -> [JSONValue.Member] {
    index += 1
    var members: [JSONValue.Member] = []
    var names: Set<String> = []
    guard !takes("}") else { return [] }
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw error("a member's name is missing") }
      let start = index
      let name = try string()
      guard names.insert(name).inserted else {
        index = start
        throw error("the member '\(name)' is there twice")
      }
      guard takes(":") else { throw error("':' is missing") }
      members.append(JSONValue.Member(name, try value(depth: depth + 1)))
    } while takes(",")
    guard takes("}") else { throw error("'}' is missing") }
    return members
  }

  private mutating func elements(depth: Int) throws(TraceError) -> [JSONValue] {
    index += 1
    var elements: [JSONValue] = []
    guard !takes("]") else { return [] }
    repeat { elements.append(try value(depth: depth + 1)) } while takes(",")
    guard takes("]") else { throw error("']' is missing") }
    return elements
  }

  private mutating func number() throws(TraceError) -> JSONValue {
    let start = index
    if next == UInt8(ascii: "-") { index += 1 }
    let first = index
    var isNumber = takesDigits()
    // A number does not start with a zero, except 0 itself.
    if bytes[first..<index].first == UInt8(ascii: "0"), index > first + 1 { isNumber = false }
    let end = index
    if next == UInt8(ascii: ".") {
      index += 1
      isNumber = takesDigits() && isNumber
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      index += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { index += 1 }
      isNumber = takesDigits() && isNumber
    }
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    if isNumber, index == end {
      if let value = UInt64(text) { return .number(value) }
      if let value = Int64(text) { return value == 0 ? .number(0) : .negative(value) }
    }
    guard isNumber, let value = Double(text), value.isFinite else {
      index = start
      throw error("this is no number")
    }
    return .decimal(value)
  }

  private mutating func takesDigits() -> Bool {
    let start = index
    while let byte = next, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte { index += 1 }
    return index > start
  }

  private mutating func string() throws(TraceError) -> String {
    let start = index
    index += 1
    var content: [UInt8] = []
    while let byte = next, byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 else { throw error("a control character in a string") }
      index += 1
      if byte == UInt8(ascii: "\\") {
        content += Array(String(try escape()).utf8)
      } else {
        content.append(byte)
      }
    }
    guard next != nil else { throw error("the string does not end") }
    index += 1
    guard let text = String(validating: content, as: UTF8.self) else {
      index = start
      throw error("the string is not UTF-8")
    }
    return text
  }

  /// Reads an escape after its backslash.
  private mutating func escape() throws(TraceError) -> Unicode.Scalar {
    guard let byte = next else { throw error("the string does not end") }
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let first = try unit()
      if let scalar = Unicode.Scalar(first) { return scalar }
      // The first half of a character above U+FFFF; the second half follows.
      if first < 0xdc00, takesSurrogate() {
        let second = try unit()
        if 0xdc00...0xdfff ~= second,
          let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
        {
          return scalar
        }
      }
      throw error("half a character")
    default: throw error("an unknown escape")
    }
  }

  private mutating func takesSurrogate() -> Bool {
    guard bytes[index...].starts(with: "\\u".utf8) else { return false }
    index += 2
    return true
  }

  private mutating func unit() throws(TraceError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw error("'\\u' needs four digits")
      }
      value = value << 4 | UInt32(digit)
      index += 1
    }
    return value
  }
}
