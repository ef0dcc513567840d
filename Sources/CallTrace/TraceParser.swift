// SPDX-License-Identifier: MIT

/// Reads one line of JSON.
struct TraceParser {
  // What a trace needs, with room; deeper nesting is no trace's.
  private static let deepest = 32
  private let bytes: ArraySlice<UInt8>
  private var position: Int

  private init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  /// Reads a value and makes sure that nothing follows it.
  static func value(in bytes: ArraySlice<UInt8>) throws(TraceError) -> TraceValue {
    var parser = TraceParser(bytes)
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.position == bytes.endIndex else {
      throw parser.fault("something follows the value")
    }
    return value
  }

  private mutating func value(depth: Int) throws(TraceError) -> TraceValue {
    guard depth < Self.deepest else { throw fault("nested too deep") }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try object(depth)
    case UInt8(ascii: "["): return try array(depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func object(_ depth: Int) throws(TraceError) -> TraceValue {
    var members: [TraceValue.Member] = []
    position += 1
    skipSpace()
    if take("}") { return .object([]) }
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw fault("a member's name is missing") }
      let name = try string()
      skipSpace()
      guard take(":") else { throw fault("':' is missing") }
      guard !members.contains(where: { $0.name == name }) else {
        throw fault("'\(name)' is there twice")
      }
      members.append(TraceValue.Member(name, try value(depth: depth + 1)))
      skipSpace()
    } while take(",")
    guard take("}") else { throw fault("'}' is missing") }
    return .object(members)
  }

  private mutating func array(_ depth: Int) throws(TraceError) -> TraceValue {
    var values: [TraceValue] = []
    position += 1
    skipSpace()
    if take("]") { return .array([]) }
    repeat {
      values.append(try value(depth: depth + 1))
      skipSpace()
    } while take(",")
    guard take("]") else { throw fault("']' is missing") }
    return .array(values)
  }

  private mutating func string() throws(TraceError) -> String {
    position += 1
    var text: [UInt8] = []
    while let byte = next, byte != UInt8(ascii: "\"") {
      position += 1
      guard byte >= 0x20 else { throw fault("a control character in a string") }
      if byte == UInt8(ascii: "\\") { text += try escape() } else { text.append(byte) }
    }
    guard take("\"") else { throw fault("a string does not end") }
    guard let result = String(validating: text, as: UTF8.self) else {
      throw fault("a string is not UTF-8")
    }
    return result
  }

  private mutating func escape() throws(TraceError) -> [UInt8] {
    guard let byte = next else { throw fault("a string does not end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "n"): return [0x0a]
    case UInt8(ascii: "r"): return [0x0d]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0c]
    case UInt8(ascii: "u"):
      let digits = String(decoding: bytes[position...].prefix(4), as: UTF8.self)
      guard digits.utf8.count == 4, let value = UInt32(digits, radix: 16),
        let scalar = Unicode.Scalar(value)
      else { throw fault("an escape is no character") }
      position += 4
      return Array(String(scalar).utf8)
    default: throw fault("an escape is no character")
    }
  }

  private mutating func number() throws(TraceError) -> TraceValue {
    let start = position
    while let byte = next, "+-.0123456789Ee".utf8.contains(byte) { position += 1 }
    guard position > start else { throw fault(next == nil ? "it ends too soon" : "no JSON value") }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if let value = UInt64(text) { return .number(value) }
    if let value = Int64(text) { return .negative(value) }
    guard let value = Double(text), value.isFinite else { throw fault("'\(text)' is no number") }
    return .decimal(value)
  }

  private mutating func word(
    _ word: StaticString, _ value: TraceValue
  ) throws(TraceError) -> TraceValue {
    for byte in "\(word)".utf8 {
      guard next == byte else { throw fault("no JSON value") }
      position += 1
    }
    return value
  }

  private var next: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0d { position += 1 }
  }

  private func fault(_ what: String) -> TraceError {
    TraceError("not JSON at column \(position - bytes.startIndex + 1): \(what)")
  }
}
