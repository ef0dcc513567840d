// SPDX-License-Identifier: MIT

internal import DRMKernel

#if canImport(Glibc)
  internal import Glibc
#endif

/// Where the kernel's log comes from: `/dev/kmsg`, or a substitute of it in tests.
package protocol LogSource: Sendable {
  /// Copies the next records to `buffer`, without waiting.
  ///
  /// - Returns: the number of bytes, 0 at the end of a file, or `-errno`: `-EAGAIN` where there is no record yet,
  ///   `-EPIPE` where records were overwritten before they were read.
  func read(_ buffer: UnsafeMutableRawBufferPointer) -> Int
}

/// A file of the form of `/dev/kmsg`, from its present end on.
final class LogFile: LogSource {
  private let descriptor: CInt

  init(_ path: String) throws(Errno) {
    descriptor = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    // A FIFO cannot be sought and has no past.
    _ = lseek(descriptor, 0, SEEK_END)
  }

  deinit { close(descriptor) }

  func read(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
    return count < 0 ? -Int(errno) : count
  }
}

/// A part of the kernel's log: the records between two moments.
public struct LogSlice: Hashable, Sendable {
  /// The records in their order, at most ``mostRecords``.
  public internal(set) var records: [LogRecord] = []
  /// The records after ``mostRecords``, which were looked at and are not kept.
  public internal(set) var leftOut = 0
  /// Whether the kernel overwrote records before they were read.
  public internal(set) var hasLost = false
  /// The lines that are no records of `/dev/kmsg`.
  public internal(set) var malformed = 0

  /// The records that are kept.
  public static let mostRecords = 2000

  /// Adds the records of the time before.
  mutating func prepend(_ earlier: LogSlice) {
    let all = earlier.records + records
    records = Array(all.prefix(Self.mostRecords))
    leftOut += earlier.leftOut + all.count - records.count
    hasLost = hasLost || earlier.hasLost
    malformed += earlier.malformed
  }

  /// The records as lines of text, escaped, with a line about what is missing.
  public var text: String {
    var lines = records.map(\.description)
    if hasLost { lines.insert("(records were lost: the kernel overwrote them)", at: 0) }
    if leftOut > 0 { lines.append("(\(leftOut) more records)") }
    return lines.map { $0 + "\n" }.joined()
  }
}

/// The kernel's log from the moment of its creation on; no earlier record is ever read.
struct KernelLog: Sendable {
  private let source: any LogSource

  // A log that grows faster than it is read must not hold up the run.
  private static let mostReads = 200_000
  private static let mostBytes = 64 << 20

  init(_ source: any LogSource) {
    self.source = source
  }

  /// Returns the records since the last call, and what they report.
  func take() -> (slice: LogSlice, findings: [LogFinding]) {
    var slice = LogSlice()
    var parser = LogParser()
    var reader = LogFindingReader()
    func add(_ record: LogRecord) {
      reader.read(record)
      if slice.records.count < LogSlice.mostRecords {
        slice.records.append(record)
      } else {
        slice.leftOut += 1
      }
    }
    // Larger than a record: the kernel refuses a read that has no room for one.
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    var total = 0
    for _ in 0..<Self.mostReads where total < Self.mostBytes {
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe source.read($0) }
      switch count {
      case 1...:
        total += count
        for record in parser.add(buffer[..<min(count, buffer.count)]) { add(record) }
        continue
      case -Int(EINTR): continue
      case -Int(EPIPE):
        slice.hasLost = true
        continue
      default: break
      }
      break
    }
    if let last = parser.end() { add(last) }
    slice.malformed = parser.malformed
    return (slice, reader.end())
  }
}
