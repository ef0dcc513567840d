// SPDX-License-Identifier: MIT

internal import CDRM

extension IoctlLayout {
  /// Reads the stable outputs of a success out of the argument, in words; nothing where it cannot be read.
  ///
  /// Copied as a kernel copies: a substitute may answer success for a pointer that leads nowhere.
  public func stableValues(_ argument: UnsafeMutableRawPointer?) -> String {
    guard !stable.isEmpty else { return "" }
    let bytes = PlacedArgument.read(UInt64(UInt(bitPattern: argument)), structure.size)
    guard !bytes.isEmpty else { return "" }
    return stable.map { output in
      let numbers = output.fields.map { name in
        structure.field(name).map { $0.text(in: bytes) } ?? ""
      }
      return "\(output.label)=\(numbers.joined(separator: "."))"
    }.joined(separator: " ")
  }

  /// Reads the name that a driver gave of itself, where this is a VERSION that asked for it.
  public func driverName(_ argument: UnsafeMutableRawPointer?) -> String? {
    driverName(at: UInt64(UInt(bitPattern: argument)))
  }

  func driverName(at address: UInt64) -> String? {
    guard name == "VERSION" else { return nil }
    let argument = PlacedArgument.read(address, structure.size)
    guard let span = structure.field("name")?.span, let place = argument.number(span),
      let lengthSpan = structure.field("name_len")?.span,
      let length = argument.number(lengthSpan), place != 0, 1...64 ~= length
    else { return nil }
    let bytes = PlacedArgument.read(place, Int(length))
    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
  }
}

extension LayoutField {
  /// Reads the field in the words of its interface.
  func words(in bytes: [UInt8]) -> String {
    bytes.number(span).map { value($0).words } ?? "nothing"
  }

  /// Reads the field as a decimal number.
  func text(in bytes: [UInt8]) -> String {
    guard let value = bytes.number(span) else { return "" }
    guard isSigned else { return "\(value)" }
    let unused = UInt64(64 - width * 8)
    return "\(Int64(bitPattern: value << unused) >> Int64(unused))"
  }
}
