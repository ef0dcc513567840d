// SPDX-License-Identifier: MIT

/// The cache line size of a machine, and its caches' choice where the architecture allows several outcomes.
public struct CachePolicy: Hashable, Sendable {
  /// Whether dirty lines are evicted spontaneously: written back and invalidated.
  public var evict: CacheChoice
  /// Whether an invalidated line is filled at once, so that the next device write makes it stale.
  public var fill: CacheChoice
  public var invalidate: InvalidationChoice
  /// The bytes of a line: 32, 64 or 128.
  public var lineSize: Int

  /// Creates a policy.
  ///
  /// The defaults are the strictest: without a flush no store reaches a device, and without an invalidation no
  /// device write is visible to the CPU.
  public init(
    evict: CacheChoice = .never, fill: CacheChoice = .always,
    invalidate: InvalidationChoice = .lose,
    lineSize: Int = 64
  ) {
    self.evict = evict
    self.fill = fill
    self.invalidate = invalidate
    self.lineSize = lineSize
  }
}

/// How often an event occurs that the architecture allows at any time.
public enum CacheChoice: Hashable, Sendable {
  case never
  case always
  /// A random choice for each event and line; the same calls get the same choices in every run.
  case seeded(UInt64)
}

/// The outcome of an invalidation for dirty lines.
public enum InvalidationChoice: Hashable, Sendable {
  /// Their bytes are lost.
  case lose
  /// Their bytes are written to memory first.
  case writeBack
  /// Either, by a random choice for each event and line.
  case seeded(UInt64)
}

extension CacheChoice: CustomStringConvertible {
  init?(_ text: String) {
    switch text {
    case "never": self = .never
    case "always": self = .always
    default:
      guard let seed = seed(in: text) else { return nil }
      self = .seeded(seed)
    }
  }

  /// The value as in a profile: `never`, `always` or `seed:7`.
  public var description: String {
    switch self {
    case .never: "never"
    case .always: "always"
    case .seeded(let seed): "seed:\(seed)"
    }
  }
}

extension InvalidationChoice: CustomStringConvertible {
  init?(_ text: String) {
    switch text {
    case "lose": self = .lose
    case "write_back": self = .writeBack
    default:
      guard let seed = seed(in: text) else { return nil }
      self = .seeded(seed)
    }
  }

  /// The value as in a profile: `lose`, `write_back` or `seed:7`.
  public var description: String {
    switch self {
    case .lose: "lose"
    case .writeBack: "write_back"
    case .seeded(let seed): "seed:\(seed)"
    }
  }
}

private func seed(in text: String) -> UInt64? {
  text.hasPrefix("seed:") ? UInt64(text.dropFirst(5)) : nil
}
