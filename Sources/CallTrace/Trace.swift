// SPDX-License-Identifier: MIT

internal import DRMKernel

/// A recording as a file of JSON lines: a header, two lines for each call, and at the end their count.
///
/// The first line of a call is written before it is made, the second has its outcome. So a recording that was cut
/// off anywhere is a trace, up to the calls that were in flight.
public struct Trace: Hashable, Sendable {
  /// A call of which the recording has no outcome.
  public struct CallInFlight: Hashable, Sendable {
    public let call: Call
    /// The number of its line in the file, from 1.
    public let line: Int
  }

  public var header: TraceHeader
  /// The calls, in the order in which they ended.
  public let calls: [RecordedCall]
  /// The calls that had begun where the recording was cut off, in the order in which they began.
  public let callsInFlight: [CallInFlight]
  /// Whether the end is missing.
  public let isCutOff: Bool
  private let lines: [Int]

  /// Creates a trace of calls that were made one after another.
  public init(_ header: TraceHeader, _ calls: [RecordedCall]) {
    (self.header, self.calls) = (header, calls)
    (callsInFlight, isCutOff) = ([], false)
    lines = calls.indices.map { 2 + 2 * $0 }
  }

  /// Returns the number of a call's line in the file, from 1.
  public func line(ofCall index: Int) -> Int { lines[index] }

  /// Returns the contents of the file.
  public func text() -> String {
    var text = header.text
    for (index, call) in calls.enumerated() {
      text += CallEvent.began(index + 1, call.call, start: call.start).text()
      text += CallEvent.ended(index + 1, call).text()
    }
    return text + Self.end(after: calls.count)
  }

  /// Returns the last line of a whole recording.
  public static func end(after count: Int) -> String {
    JSONValue.object([JSONValue.Member("end", .integer(count))]).json + "\n"
  }

  /// Reads a file's bytes.
  ///
  /// - Parameter name: the file's name in errors.
  /// - Throws: one line with file name and line number, where the file is damaged or not a trace.
  public init(parsing bytes: [UInt8], named name: String) throws(TraceError) {
    var lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
    // A whole line ends in a newline.
    let rest = lines.removeLast()
    guard let first = lines.first ?? (rest.isEmpty ? nil : rest) else {
      throw TraceError("the file is empty").at(name, line: 1)
    }
    var reader = TraceReader(try Self.header(first, in: name), fileSize: bytes.count)
    for (index, line) in lines.enumerated().dropFirst() {
      do throws(TraceError) {
        try reader.read(try JSONParser.value(of: line), at: index + 1)
      } catch {
        throw error.at(name, line: index + 1)
      }
    }
    // A line without its newline was cut off while it was written, unless all of it is there.
    if !lines.isEmpty, let value = try? JSONParser.value(of: rest) {
      do throws(TraceError) {
        try reader.read(value, at: lines.count + 1)
      } catch {
        throw error.at(name, line: lines.count + 1)
      }
    }
    (header, calls, self.lines) = (reader.header, reader.calls, reader.lines)
    (callsInFlight, isCutOff) = (reader.callsInFlight, !reader.isEnded)
  }

  private static func header(
    _ line: ArraySlice<UInt8>, in name: String
  ) throws(TraceError) -> TraceHeader {
    do throws(TraceError) {
      return try TraceHeader(try JSONParser.value(of: line))
    } catch {
      throw error.within("not a trace, or cut off in its header").at(name, line: 1)
    }
  }
}

/// The reason why a file cannot be read as a trace: one line, with the place in the file once it is known.
public struct TraceError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String
  private let column: Int?
  private let line: Int?

  /// - Parameters:
  ///   - column: in bytes from 1; nil where the whole line is meant.
  ///   - line: where the reason is in another line than the one that is read.
  init(_ description: String, column: Int? = nil, line: Int? = nil) {
    (self.description, self.column, self.line) = (description, column, line)
  }

  func at(_ file: String, line: Int) -> TraceError {
    let column = column.map { ":\($0)" } ?? ""
    return TraceError("\(file):\(self.line ?? line)\(column): \(description)".printable)
  }

  func within(_ context: String) -> TraceError {
    TraceError("\(context): \(description)", column: column, line: line)
  }
}
