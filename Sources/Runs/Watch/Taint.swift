// SPDX-License-Identifier: MIT

/// The bits of `/proc/sys/kernel/tainted`, which stay set until the machine reboots.
///
/// The names are those of the kernel's document `admin-guide/tainted-kernels`.
public struct Taint: OptionSet, Hashable, Sendable {
  public let rawValue: UInt64

  /// Creates a set from the kernel's number.
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Parses the content of the file; nil where it is no number of 64 bits.
  init?(_ text: String) {
    let digits = text.prefix { $0 != "\n" }
    guard digits.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
      let value = UInt64(digits)
    else { return nil }
    rawValue = value
  }

  /// Bit 9: a WARN was printed.
  static let warning = Taint(rawValue: 1 << 9)

  /// The bits that make a check fail: machine check, bad page, oops, WARN, soft lockup.
  ///
  /// The other bits report what somebody did to the kernel, such as to load a module.
  public static let failing = Taint(rawValue: 1 << 4 | 1 << 5 | 1 << 7 | 1 << 9 | 1 << 14)

  private static let names: [(letter: Character, meaning: String)] = [
    ("P", "a proprietary module was loaded"), ("F", "a module was force loaded"),
    ("S", "the kernel runs on an out of specification system"),
    ("R", "a module was force unloaded"), ("M", "the processor reported a machine check"),
    ("B", "a bad page was referenced"), ("U", "the taint was requested by a user"),
    ("D", "the kernel died: an oops or a BUG"), ("A", "an ACPI table was overridden"),
    ("W", "the kernel issued a warning"), ("C", "a staging driver was loaded"),
    ("I", "a workaround for a firmware bug was applied"),
    ("O", "an externally built module was loaded"), ("E", "an unsigned module was loaded"),
    ("L", "a soft lockup occurred"), ("K", "the kernel was live patched"),
    ("X", "auxiliary taint, defined by the distribution"),
    ("T", "the kernel was built with struct randomization"),
    ("N", "an in-kernel test was run"), ("J", "userspace used a mutating debug operation of fwctl"),
  ]

  /// One line for each bit, such as `W (the kernel issued a warning)`.
  public var descriptions: [String] {
    (0..<64).filter { rawValue >> UInt64($0) & 1 == 1 }.map { bit in
      guard bit < Self.names.count else { return "bit \(bit)" }
      return "\(Self.names[bit].letter) (\(Self.names[bit].meaning))"
    }
  }
}

/// Lockdep's own state, from `/proc/lockdep_stats`.
enum Lockdep {
  /// Parses whether lockdep is on: it turns itself off at its first report.
  static func isOn(_ text: String) -> Bool? {
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, trimmed(parts[0]) == "debug_locks" else { continue }
      return switch trimmed(parts[1]) {
      case "0": false
      case "1": true
      default: nil
      }
    }
    return nil
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop { $0 == " " || $0 == "\t" }
    while text.last == " " || text.last == "\t" { text.removeLast() }
    return text
  }
}
