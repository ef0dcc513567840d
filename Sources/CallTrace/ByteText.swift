// SPDX-License-Identifier: MIT

/// Bytes as hexadecimal digits with runs, such as `01ff 78*4095`, without the zeroes at the end.
enum ByteText {
  // A shorter run takes no more characters as digits.
  private static let shortestRun = 5

  static func text(_ bytes: some Sequence<UInt8>) -> String {
    var bytes = Array(bytes)
    while bytes.last == 0 { bytes.removeLast() }
    var parts: [String] = []
    var digits = ""
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      let run = bytes[index...].prefix { $0 == byte }.count
      if run >= shortestRun {
        if !digits.isEmpty { parts.append(digits) }
        digits = ""
        parts.append("\(hex(byte))*\(run)")
      } else {
        for _ in 0..<run { digits += hex(byte) }
      }
      index += run
    }
    if !digits.isEmpty { parts.append(digits) }
    return parts.joined(separator: " ")
  }

  /// Reads bytes and appends zeroes up to `count` bytes.
  static func bytes(_ text: String, count: Int) throws(TraceError) -> [UInt8] {
    var bytes: [UInt8] = []
    for word in text.split(separator: " ") {
      let parts = word.split(separator: "*", omittingEmptySubsequences: false)
      let digits = Array(parts[0].utf8)
      guard parts.count <= 2, !digits.isEmpty, digits.count.isMultiple(of: 2) else {
        throw TraceError("'\(word)' is not hexadecimal bytes")
      }
      let times = parts.count == 2 ? Int(parts[1]) ?? 0 : 1
      guard parts.count == 1 || digits.count == 2 && 1...max(count, 1) ~= times else {
        throw TraceError("'\(word)' is not a run of bytes")
      }
      for index in stride(from: 0, to: digits.count, by: 2) {
        let pair = String(decoding: digits[index...index + 1], as: UTF8.self)
        guard let byte = UInt8(pair, radix: 16), digits[index] != UInt8(ascii: "+") else {
          throw TraceError("'\(word)' is not hexadecimal bytes")
        }
        bytes += repeatElement(byte, count: times)
      }
      guard bytes.count <= count else { throw TraceError("more than \(count) bytes") }
    }
    return bytes + repeatElement(0, count: count - bytes.count)
  }

  private static func hex(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}
