// SPDX-License-Identifier: MIT

/// The kernel's names for the numbers of a field.
public enum ValueNames: Hashable, Sendable {
  case none
  /// No names; the number is shown in hexadecimal digits.
  case hexadecimal
  /// Names by bit.
  case flags([Int: String])
  /// Names by value.
  case values([Int: String])
}

/// A text that names no value of a field.
public struct UnknownValueName: Error, Hashable, Sendable {
  /// The part that is unknown.
  public let text: String
  /// Whether the field has flags, so that the text is one of several.
  public let isFlag: Bool

  /// Creates an error.
  public init(text: String, isFlag: Bool) {
    self.text = text
    self.isFlag = isFlag
  }
}

extension LayoutField {
  /// Whether 0 is left out of a printed call: outputs before the call, and padding.
  public var isOmittedAtZero: Bool {
    direction == .output || name.contains("pad") || name == "reserved"
  }

  /// Returns the name of a number: its flags, its value's name, or hexadecimal digits.
  ///
  /// Nil where the number is written in decimal digits.
  public func name(of number: UInt64) -> String? {
    switch names {
    case .flags(let names):
      let bits = (0..<64).filter { number >> UInt64($0) & 1 != 0 }
      let known = bits.compactMap { names[$0] }
      return !bits.isEmpty && known.count == bits.count ? known.joined(separator: "|") : nil
    case .values(let names): return Int(exactly: number).flatMap { names[$0] }
    case .hexadecimal: return number > 9 ? "0x" + String(number, radix: 16) : nil
    case .none: return nil
    }
  }

  /// Returns the number with a name; the inverse of ``name(of:)``.
  public func number(named text: String) throws(UnknownValueName) -> UInt64 {
    switch names {
    case .flags(let names):
      var number: UInt64 = 0
      for part in text.split(separator: "|") {
        guard let bit = names.first(where: { $0.value == part })?.key else {
          throw UnknownValueName(text: String(part), isFlag: true)
        }
        number |= 1 << UInt64(bit)
      }
      return number
    case .values(let names):
      if let number = names.first(where: { $0.value == text })?.key { return UInt64(number) }
    case .hexadecimal:
      if text.hasPrefix("0x"), let number = UInt64(text.dropFirst(2), radix: 16), number <= mask {
        return number
      }
    case .none: break
    }
    throw UnknownValueName(text: text, isFlag: false)
  }

  /// The greatest number that the field can hold.
  public var mask: UInt64 { width == 8 ? .max : 1 << UInt64(width * 8) - 1 }

  /// Returns the signed number with the field's bits.
  public func signed(_ number: UInt64) -> Int64 {
    let unused = UInt64(64 - width * 8)
    return Int64(bitPattern: number << unused) >> Int64(unused)
  }

  /// Returns the field's value in a struct by name, or in decimal digits; `nothing` past the end.
  public func text(in bytes: [UInt8]) -> String {
    bytes.number(span).map { name(of: $0) ?? decimal($0) } ?? "nothing"
  }

  /// Returns a number in decimal digits.
  func decimal(_ number: UInt64) -> String {
    isSigned ? "\(signed(number))" : "\(number)"
  }
}
