// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import UAPILayouts

extension Call.Descriptor {
  /// `fd 3`, a number, or the kind of a host file.
  var value: JSONValue {
    switch self {
    case .given(let identity): .string("fd \(identity)")
    case .literal(let number): .integer(number)
    case .host(.pipe): .object([JSONValue.Member("host", .string("pipe"))])
    case .host(.other): .object([JSONValue.Member("host", .string("other"))])
    case .host(.memory(let size, let seals)):
      .object([
        JSONValue.Member("host", .string("memory")), JSONValue.Member("size", .integer(size)),
        JSONValue.Member("seals", .integer(seals)),
      ])
    }
  }

  init(_ value: JSONValue) throws(TraceError) {
    if let number: CInt = value.integer() {
      self = .literal(number)
    } else if let text = value.string, let identity = TraceNames.identity("fd", text) {
      self = .given(identity)
    } else if value["host"]?.string == "pipe" {
      self = .host(.pipe)
    } else if value["host"]?.string == "other" {
      self = .host(.other)
    } else if value["host"]?.string == "memory", let size: Int = value["size"]?.integer(),
      0...Int(Int32.max) ~= size, let seals: CInt = value["seals"]?.integer()
    {
      self = .host(.memory(size: size, seals: seals))
    } else {
      throw TraceError("\(value.json) is not a descriptor")
    }
  }
}

extension Call.Offset {
  /// `offset 2`, `offset 2 + 4096`, or a number.
  var value: JSONValue {
    switch self {
    case .literal(let number): .integer(number)
    case .given(let identity, 0): .string("offset \(identity)")
    case .given(let identity, let delta): .string("offset \(identity) + \(delta)")
    }
  }

  init(_ value: JSONValue) throws(TraceError) {
    if let number: Int64 = value.integer() {
      self = .literal(number)
    } else if let (identity, delta) = TraceNames.place("offset", value) {
      self = .given(identity, delta: Int64(delta))
    } else {
      throw TraceError("\(value.json) is not an offset")
    }
  }
}

extension Call.Address {
  /// `mapping 2`, `mapping 2 + 4096`, `elsewhere` or `elsewhere unaligned`.
  var value: JSONValue {
    switch self {
    case .mapping(let identity, 0): .string("mapping \(identity)")
    case .mapping(let identity, let delta): .string("mapping \(identity) + \(delta)")
    case .elsewhere(let isAligned): .string(isAligned ? "elsewhere" : "elsewhere unaligned")
    }
  }

  init(_ value: JSONValue) throws(TraceError) {
    if let (identity, delta) = TraceNames.place("mapping", value) {
      self = .mapping(identity, delta: delta)
    } else if value.string == "elsewhere" || value.string == "elsewhere unaligned" {
      self = .elsewhere(isAligned: value.string == "elsewhere")
    } else {
      throw TraceError("\(value.json) is not a mapping")
    }
  }
}

/// The names of returned resources and errnos in a trace.
enum TraceNames {
  /// Reads `fd 3`.
  static func identity(_ kind: String, _ text: some StringProtocol) -> Int? {
    guard text.hasPrefix(kind + " "), let identity = Int(text.dropFirst(kind.count + 1)),
      1...Int(Int32.max) ~= identity
    else { return nil }
    return identity
  }

  /// Reads `offset 2` or `offset 2 + 4096`.
  static func place(_ kind: String, _ value: JSONValue) -> (identity: Int, delta: Int)? {
    guard let text = value.string else { return nil }
    let parts = text.split(separator: " ")
    guard parts.count == 2 || parts.count == 4 && parts[2] == "+",
      let identity = identity(kind, parts[0] + " " + parts[1])
    else { return nil }
    guard parts.count == 4 else { return (identity, 0) }
    return Int(parts[3]).map { (identity, $0) }
  }

  /// Reads an errno's name, or `errno 512`.
  static func errno(_ text: String) -> Errno? {
    errnos[text] ?? identity("errno", text).map { Errno(rawValue: CInt($0)) }
  }

  private static let errnos = Dictionary(
    (1...133).map { (Errno(rawValue: $0).description, Errno(rawValue: $0)) },
    uniquingKeysWith: { first, _ in first })
}

extension LayoutField {
  /// Returns the field's number by name where it has one, or in digits.
  func value(_ number: UInt64) -> JSONValue {
    if let name = name(of: number) { return .string(name) }
    return isSigned ? .integer(signed(number)) : .number(number)
  }

  /// Reads the field's number; the inverse of ``value(_:)``.
  func number(_ value: JSONValue) throws(TraceError) -> UInt64 {
    if let text = value.string {
      do throws(UnknownValueName) {
        return try number(named: text)
      } catch {
        throw TraceError("'\(error.text)' is not a \(error.isFlag ? "flag" : "value") of \(name)")
      }
    }
    if isSigned, let number: Int64 = value.integer() {
      let limit = Int64(mask >> 1)
      guard -limit - 1...limit ~= number else {
        throw TraceError("\(name) cannot hold \(number)")
      }
      return UInt64(bitPattern: number) & mask
    }
    guard let number: UInt64 = value.integer(), number <= mask else {
      throw TraceError("\(name) cannot hold \(value.json)")
    }
    return number
  }
}
