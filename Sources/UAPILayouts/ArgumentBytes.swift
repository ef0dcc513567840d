// SPDX-License-Identifier: MIT

internal import CDRM

extension IoctlLayout {
  /// Reads the stable outputs of a successful call, as `name=value`; empty where they cannot be read.
  ///
  /// The argument is copied as a kernel copies: a substitute may return success for a bad pointer.
  public func stableValues(_ argument: UnsafeMutableRawPointer?) -> String {
    guard !stable.isEmpty else { return "" }
    let bytes = [UInt8](clientAddress: UInt64(UInt(bitPattern: argument)), count: structure.size)
    guard !bytes.isEmpty else { return "" }
    return stable.map { output in
      let numbers = output.fields.map { name in
        structure.field(name).flatMap { field in bytes.number(field.span).map(field.decimal) } ?? ""
      }
      return "\(output.label)=\(numbers.joined(separator: "."))"
    }.joined(separator: " ")
  }

  /// Reads the driver's name from the argument of a VERSION that fetched it.
  public func driverName(_ argument: UnsafeMutableRawPointer?) -> String? {
    driverName(at: UInt64(UInt(bitPattern: argument)))
  }

  /// Reads the driver's name from the VERSION argument at an address.
  public func driverName(at address: UInt64) -> String? {
    guard name == "VERSION" else { return nil }
    let argument = [UInt8](clientAddress: address, count: structure.size)
    guard let span = structure.field("name")?.span, let place = argument.number(span),
      let lengthSpan = structure.field("name_len")?.span,
      let length = argument.number(lengthSpan), place != 0, 1...64 ~= length
    else { return nil }
    let bytes = [UInt8](clientAddress: place, count: Int(length))
    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
  }
}

extension [UInt8] {
  /// Copies bytes of this process; empty where they cannot be read.
  public init(clientAddress address: UInt64, count: Int) {
    self = []
    guard count > 0 else { return }
    var failed = false
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      if let base = buffer.baseAddress,
        unsafe cdrm_copy_from_client(base, address, count) == 0
      {
        filled = count
      } else {
        failed = true
      }
    }
    if !failed { self = bytes }
  }

  /// Reads a little-endian number; nil past the end.
  public func number(at offset: Int, _ width: Int) -> UInt64? {
    guard offset >= 0, offset + width <= count else { return nil }
    var value: UInt64 = 0
    for index in stride(from: offset + width - 1, through: offset, by: -1) {
      value = value << 8 | UInt64(self[index])
    }
    return value
  }

  /// Reads the number of a field; nil past the end.
  public func number(_ span: FieldSpan) -> UInt64? { number(at: span.offset, span.width) }

  /// Writes the number of a field, as far as the bytes reach.
  public mutating func store(_ value: UInt64, _ span: FieldSpan) {
    for index in 0..<span.width where span.offset + index < count {
      self[span.offset + index] = UInt8(truncatingIfNeeded: value >> (UInt64(index) * 8))
    }
  }

  /// Zeroes a range, as far as the bytes reach.
  public mutating func clear(_ range: Range<Int>) {
    for index in range.clamped(to: 0..<count) { self[index] = 0 }
  }
}
