// SPDX-License-Identifier: MIT

extension LayoutField {
  /// Whether the field says nothing where it is 0: outputs before a call, and padding.
  var isSilentAtZero: Bool {
    direction == .output || name.contains("pad") || name == "reserved"
  }

  /// Writes the field's number, in the words of its interface where it has any for it.
  func value(_ number: UInt64) -> TraceValue {
    switch words {
    case .flags(let names):
      let bits = (0..<64).filter { number >> UInt64($0) & 1 != 0 }
      let known = bits.compactMap { names[$0] }
      if !bits.isEmpty, known.count == bits.count { return .string(known.joined(separator: "|")) }
    case .values(let names):
      if let value = Int(exactly: number), let name = names[value] { return .string(name) }
    case .digits: if number > 9 { return .string("0x" + String(number, radix: 16)) }
    case .none: break
    }
    guard isSigned else { return .number(number) }
    let unused = UInt64(64 - width * 8)
    return .integer(Int64(bitPattern: number << unused) >> Int64(unused))
  }

  /// Reads what ``value(_:)`` wrote.
  func number(_ value: TraceValue) throws(TraceError) -> UInt64 {
    let mask = width == 8 ? UInt64.max : 1 << UInt64(width * 8) - 1
    if let text = value.string {
      switch words {
      case .flags(let names):
        var number: UInt64 = 0
        for part in text.split(separator: "|") {
          guard let bit = names.first(where: { $0.value == part })?.key else {
            throw TraceError("'\(part)' is no flag of \(name)")
          }
          number |= 1 << UInt64(bit)
        }
        return number
      case .values(let names):
        if let number = names.first(where: { $0.value == text })?.key { return UInt64(number) }
      case .digits:
        if text.hasPrefix("0x"), let number = UInt64(text.dropFirst(2), radix: 16), number <= mask {
          return number
        }
      case .none: break
      }
      throw TraceError("'\(text)' is no value of \(name)")
    }
    if isSigned, let number: Int64 = value.integer() {
      let limit = Int64(mask >> 1)
      guard -limit - 1...limit ~= number else {
        throw TraceError("\(name) does not hold \(number)")
      }
      return UInt64(bitPattern: number) & mask
    }
    guard let number: UInt64 = value.integer(), number <= mask else {
      throw TraceError("\(name) does not hold \(value.json)")
    }
    return number
  }
}
