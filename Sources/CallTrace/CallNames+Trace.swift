// SPDX-License-Identifier: MIT

internal import DRMKernel

extension Call.Descriptor {
  /// `fd 3`, a number, or the kind of a host's file.
  var value: TraceValue {
    switch self {
    case .given(let identity): .string("fd \(identity)")
    case .literal(let number): .integer(number)
    case .host(.pipe): .object([TraceValue.Member("host", .string("pipe"))])
    case .host(.other): .object([TraceValue.Member("host", .string("other"))])
    case .host(.memory(let size, let seals)):
      .object([
        TraceValue.Member("host", .string("memory")), TraceValue.Member("size", .integer(size)),
        TraceValue.Member("seals", .integer(seals)),
      ])
    }
  }

  init(_ value: TraceValue) throws(TraceError) {
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
      throw TraceError("\(value.json) is no descriptor")
    }
  }
}

extension Call.Offset {
  /// `offset 2`, `offset 2 + 4096`, or a number.
  var value: TraceValue {
    switch self {
    case .literal(let number): .integer(number)
    case .given(let identity, 0): .string("offset \(identity)")
    case .given(let identity, let delta): .string("offset \(identity) + \(delta)")
    }
  }

  init(_ value: TraceValue) throws(TraceError) {
    if let number: Int64 = value.integer() {
      self = .literal(number)
    } else if let (identity, delta) = TraceNames.place("offset", value) {
      self = .given(identity, delta: Int64(delta))
    } else {
      throw TraceError("\(value.json) is no offset")
    }
  }
}

extension Call.Address {
  /// `mapping 2`, `mapping 2 + 4096`, `elsewhere` or `elsewhere unaligned`.
  var value: TraceValue {
    switch self {
    case .mapping(let identity, 0): .string("mapping \(identity)")
    case .mapping(let identity, let delta): .string("mapping \(identity) + \(delta)")
    case .elsewhere(let isAligned): .string(isAligned ? "elsewhere" : "elsewhere unaligned")
    }
  }

  init(_ value: TraceValue) throws(TraceError) {
    if let (identity, delta) = TraceNames.place("mapping", value) {
      self = .mapping(identity, delta: delta)
    } else if value.string == "elsewhere" || value.string == "elsewhere unaligned" {
      self = .elsewhere(isAligned: value.string == "elsewhere")
    } else {
      throw TraceError("\(value.json) is no mapping")
    }
  }
}

/// The words a trace has for what a kernel gave.
enum TraceNames {
  /// Reads `fd 3`.
  static func identity(_ word: String, _ text: some StringProtocol) -> Int? {
    guard text.hasPrefix(word + " "), let identity = Int(text.dropFirst(word.count + 1)),
      1...Int(Int32.max) ~= identity
    else { return nil }
    return identity
  }

  /// Reads `offset 2` or `offset 2 + 4096`.
  static func place(_ word: String, _ value: TraceValue) -> (identity: Int, delta: Int)? {
    guard let text = value.string else { return nil }
    let parts = text.split(separator: " ")
    guard parts.count == 2 || parts.count == 4 && parts[2] == "+",
      let identity = identity(word, parts[0] + " " + parts[1])
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
