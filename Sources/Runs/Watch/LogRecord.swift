// SPDX-License-Identifier: MIT

internal import DRMKernel

/// A record of the kernel's log, as `/dev/kmsg` has it.
public struct LogRecord: Hashable, Sendable {
  /// 0 (emergency) to 7 (debug); 3 is an error and 4 a warning.
  public let level: Int
  /// 0 for the kernel; others for processes that write to the log.
  public let facility: Int
  /// The number of the record since the kernel started.
  public let sequence: UInt64
  /// The time since the kernel started, in microseconds.
  public let microseconds: UInt64
  /// The text as the kernel has it: untrusted, and shortened to ``mostBytes``.
  public let text: String
  /// The device that the record is about, such as `+platform:fb000000.gpu`; nil where it names none.
  public private(set) var device: String?

  /// The bytes of a text that are kept; the kernel's own limit is about 1 KiB.
  static let mostBytes = 4096

  /// Whether the kernel wrote the record, and no process.
  public var isFromKernel: Bool { facility == 0 }

  /// Parses `prefix,sequence,microseconds,flags[,...];text`; nil where that is not its form.
  init?(_ line: ArraySlice<UInt8>) {
    guard let end = line.firstIndex(of: UInt8(ascii: ";")) else { return nil }
    let fields = line[..<end].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    guard fields.count >= 4, let prefix = Self.number(fields[0]), prefix <= UInt64(UInt16.max),
      let sequence = Self.number(fields[1]), let microseconds = Self.number(fields[2])
    else { return nil }
    level = Int(prefix & 7)
    facility = Int(prefix >> 3)
    self.sequence = sequence
    self.microseconds = microseconds
    text = String(decoding: line[(end + 1)...].prefix(Self.mostBytes), as: UTF8.self)
  }

  /// Takes a line of the record's dictionary: ` DEVICE=+platform:fb000000.gpu`.
  mutating func add(_ line: ArraySlice<UInt8>) {
    guard line.starts(with: " DEVICE=".utf8) else { return }
    device = String(decoding: line.dropFirst(8).prefix(256), as: UTF8.self)
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
    guard !digits.isEmpty else { return nil }
    var value: UInt64 = 0
    for digit in digits {
      guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= digit else { return nil }
      let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, isPast) = product.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
      guard !isTooLarge, !isPast else { return nil }
      value = sum
    }
    return value
  }
}

extension LogRecord: CustomStringConvertible {
  /// One line, escaped: `<4>[   12.345678] text`.
  public var description: String {
    let seconds = "\(microseconds / 1_000_000)"
    let fraction = "\(microseconds % 1_000_000)"
    let padding = String(repeating: " ", count: max(0, 5 - seconds.utf8.count))
    let zeroes = String(repeating: "0", count: 6 - fraction.utf8.count)
    return "<\(level)>[\(padding)\(seconds).\(zeroes)\(fraction)] \(text.printable)"
  }
}

/// Splits what `/dev/kmsg` returns into records.
///
/// A line that starts with a space belongs to the record before it. Each read of `/dev/kmsg` returns whole records;
/// a read of a file with such records may cut one in two.
struct LogParser {
  /// The lines that are no records.
  private(set) var malformed = 0
  // The start of a line whose end was not read yet.
  private var rest: [UInt8] = []
  private var record: LogRecord?

  private static let mostOfLine = 2 * LogRecord.mostBytes

  /// Adds bytes, and returns the records that are complete.
  mutating func add(_ bytes: ArraySlice<UInt8>) -> [LogRecord] {
    var records: [LogRecord] = []
    var start = bytes.startIndex
    while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
      keep(bytes[start..<end])
      if let complete = take() { records.append(complete) }
      start = end + 1
    }
    keep(bytes[start...])
    return records
  }

  /// Returns the last record, after which nothing follows for now.
  mutating func end() -> LogRecord? {
    defer { record = nil }
    return record
  }

  private mutating func keep(_ bytes: ArraySlice<UInt8>) {
    rest += bytes.prefix(Self.mostOfLine - rest.count)
  }

  /// Takes the line in ``rest``; returns the record before it if the line starts a new one.
  private mutating func take() -> LogRecord? {
    defer { rest.removeAll(keepingCapacity: true) }
    if rest.first == UInt8(ascii: " ") {
      record?.add(rest[...])
      return nil
    }
    let complete = end()
    record = LogRecord(rest[...])
    if record == nil, !rest.isEmpty { malformed += 1 }
    return complete
  }
}
