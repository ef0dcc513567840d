// SPDX-License-Identifier: MIT

extension CachePolicy {
  /// The options of a profile that are read here, as they are told.
  static let knownOptions =
    "evict=never|always|seed:N, fill=never|always|seed:N, invalidate=lose|write_back|seed:N, line=32|64|128"

  /// Reads one option of a profile; false where it is none of these.
  mutating func read(_ option: String) -> Bool {
    guard let equals = option.firstIndex(of: "=") else { return false }
    let value = option[option.index(after: equals)...]
    switch option[..<equals] {
    case "evict":
      guard let choice = CacheChoice(value) else { return false }
      evict = choice
    case "fill":
      guard let choice = CacheChoice(value) else { return false }
      fill = choice
    case "invalidate":
      guard let choice = InvalidationChoice(value) else { return false }
      invalidate = choice
    case "line":
      guard let size = Int(value), [32, 64, 128].contains(size) else { return false }
      lineSize = size
    default: return false
    }
    return true
  }

  /// What differs from the defaults, as options of a profile.
  var options: [String] {
    let usual = CachePolicy()
    var options: [String] = []
    if evict != usual.evict { options.append("evict=\(evict)") }
    if fill != usual.fill { options.append("fill=\(fill)") }
    if invalidate != usual.invalidate { options.append("invalidate=\(invalidate)") }
    if lineSize != usual.lineSize { options.append("line=\(lineSize)") }
    return options
  }
}

extension CacheChoice: CustomStringConvertible {
  init?(_ text: Substring) {
    switch text {
    case "never": self = .never
    case "always": self = .always
    default:
      guard let seed = seed(in: text) else { return nil }
      self = .seeded(seed)
    }
  }

  /// As in a profile: `never`, `always` or `seed:7`.
  public var description: String {
    switch self {
    case .never: "never"
    case .always: "always"
    case .seeded(let seed): "seed:\(seed)"
    }
  }
}

extension InvalidationChoice: CustomStringConvertible {
  init?(_ text: Substring) {
    switch text {
    case "lose": self = .lose
    case "write_back": self = .writeBack
    default:
      guard let seed = seed(in: text) else { return nil }
      self = .seeded(seed)
    }
  }

  /// As in a profile: `lose`, `write_back` or `seed:7`.
  public var description: String {
    switch self {
    case .lose: "lose"
    case .writeBack: "write_back"
    case .seeded(let seed): "seed:\(seed)"
    }
  }
}

private func seed(in text: Substring) -> UInt64? {
  text.hasPrefix("seed:") ? UInt64(text.dropFirst(5)) : nil
}
