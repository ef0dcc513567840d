// SPDX-License-Identifier: MIT

internal import Fuzzing

/// Changes texts at random: bytes, numbers, words, lines, nesting, cuts.
struct Mutator {
  private let seeds: [[UInt8]]
  private let words: [[UInt8]]

  private static let numbers = [
    "0", "-1", "1", "63", "64", "65", "4095", "4096", "4097", "65536", "2147483647", "2147483648",
    "4294967295", "4294967296", "9223372036854775807", "9223372036854775808",
    "-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616",
    "18446744073709547520", "1e400", "-1e400", "1.5", "1E3", "NaN", ".5", "0x7f", "017", "1T",
    "16777216T", "1024G", "-0", "99999999999999999999999999999999999999999999999999999999999999",
  ].map { Array($0.utf8) }

  private static let fragments =
    [
      "\u{feff}", "\u{0}", "\u{1b}[31m", "\u{202e}", "\u{2028}", "\t", "\r\n", "#", "'", "\"", "\\",
      "\\u0000",
      "\\ud800", "{", "}", "[", "]", ":", ": ", ",", "- ", "*a", "&a ", "<<: *a", "!!binary ",
      "---\n",
      "...\n", "%YAML 9.9\n", "|\n", ">-\n", "? ", "null", "true", "~", "{}", "[]", "\"\":0,",
    ].map { Array($0.utf8) } + [
      [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80],
    ]

  private static let brackets = ["[", "{\"a\":", "{a: ", "- ", "? ", "(", "{data: [", "[{"]
    .map { Array($0.utf8) }

  /// Takes the texts to change.
  init(_ seeds: [[UInt8]]) {
    self.seeds = seeds
    var words: Set<[UInt8]> = []
    for seed in seeds {
      for range in Self.tokens(seed, Self.isWord) { words.insert(Array(seed[range])) }
    }
    self.words = words.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// Returns the changed text with a number; the same seed and number give the same text.
  func text(seed: UInt64, number: Int) -> [UInt8] {
    var random = SeededRandom(seed: seed &* 0x9e37_79b9_7f4a_7c15 &+ UInt64(number))
    var text = pick(seeds, &random) ?? []
    for _ in 0..<Int.random(in: 1...6, using: &random) {
      change(&text, &random)
    }
    return Array(text.prefix(256 << 10))
  }

  private func change(_ text: inout [UInt8], _ random: inout SeededRandom) {
    let kind = Int.random(in: 0..<16, using: &random)
    switch kind {
    case 0..<4: replaceToken(&text, Self.isDigit, Self.numbers, &random)
    case 4..<7: replaceToken(&text, Self.isWord, words, &random)
    case 7: replaceToken(&text, Self.isWord, Self.fragments, &random)
    case 8: changeLines(&text, &random)
    case 9:
      guard let index = text.indices.randomElement(using: &random) else { return }
      text[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 10: text.removeSubrange(range(text, most: 64, &random))
    case 11:
      let copy = text[range(text, most: 256, &random)]
      text.insert(contentsOf: copy, at: place(text, &random))
    case 12: text = Array(text.prefix(place(text, &random)))
    case 13: text.insert(contentsOf: pick(Self.fragments, &random) ?? [], at: place(text, &random))
    case 14: nest(&text, &random)
    default:
      let other = pick(seeds, &random) ?? []
      text.insert(contentsOf: other[range(other, most: 512, &random)], at: place(text, &random))
    }
  }

  private func replaceToken(
    _ text: inout [UInt8], _ isPart: (UInt8) -> Bool, _ values: [[UInt8]],
    _ random: inout SeededRandom
  ) {
    guard let token = pick(Self.tokens(text, isPart), &random), let value = pick(values, &random)
    else { return }
    text.replaceSubrange(token, with: value)
  }

  /// Removes, repeats or moves a line.
  private func changeLines(_ text: inout [UInt8], _ random: inout SeededRandom) {
    var lines = text.split(separator: 0x0a, omittingEmptySubsequences: false)
    guard let line = lines.indices.randomElement(using: &random) else { return }
    let other = lines.indices.randomElement(using: &random) ?? line
    switch Int.random(in: 0..<3, using: &random) {
    case 0: lines.remove(at: line)
    case 1: lines.insert(lines[line], at: other)
    default: lines.swapAt(line, other)
    }
    text = Array(lines.joined(separator: [0x0a]))
  }

  /// Opens one bracket many times.
  private func nest(_ text: inout [UInt8], _ random: inout SeededRandom) {
    let bracket = pick(Self.brackets, &random) ?? []
    let depth = pick([3, 70, 700, 20_000], &random) ?? 3
    let nested = Array(repeatElement(bracket, count: depth).joined())
    text.insert(contentsOf: nested, at: place(text, &random))
  }

  private func range(
    _ text: [UInt8], most: Int, _ random: inout SeededRandom
  ) -> Range<Int> {
    let start = place(text, &random)
    return start..<min(text.count, start + Int.random(in: 0...most, using: &random))
  }

  private func place(_ text: [UInt8], _ random: inout SeededRandom) -> Int {
    Int.random(in: 0...text.count, using: &random)
  }

  private func pick<Value>(_ values: [Value], _ random: inout SeededRandom) -> Value? {
    values.randomElement(using: &random)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private static func isWord(_ byte: UInt8) -> Bool {
    (0x61...0x7a).contains(byte) || (0x41...0x5a).contains(byte) || byte == 0x5f
  }

  /// The longest runs of bytes of a kind.
  private static func tokens(_ text: [UInt8], _ isPart: (UInt8) -> Bool) -> [Range<Int>] {
    var tokens: [Range<Int>] = []
    var start: Int?
    for (index, byte) in text.enumerated() {
      if isPart(byte) {
        start = start ?? index
      } else if let first = start {
        tokens.append(first..<index)
        start = nil
      }
    }
    if let first = start { tokens.append(first..<text.count) }
    return tokens
  }
}
