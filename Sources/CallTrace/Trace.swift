// SPDX-License-Identifier: MIT

/// A recording as a file of lines of JSON: a header, one line per call, and their count at the end.
public struct Trace: Hashable, Sendable {
  public var header: TraceHeader
  public var calls: [RecordedCall]

  /// Puts a trace together.
  public init(_ header: TraceHeader, _ calls: [RecordedCall]) {
    self.header = header
    self.calls = calls
  }

  /// The line of a file that a call stands on, from 1.
  public static func line(ofCall index: Int) -> Int { index + 2 }

  /// The file's text.
  public func text() -> String {
    var text = header.line.json + "\n"
    for call in calls { text += call.line.json + "\n" }
    return text + TraceValue.object([TraceValue.Member("end", .integer(calls.count))]).json + "\n"
  }

  /// Reads a file's bytes.
  ///
  /// - Parameter name: what the file is called in errors.
  /// - Throws: one line with file and line number, where it is damaged, cut off or no trace.
  public init(parsing bytes: [UInt8], named name: String) throws(TraceError) {
    let lines = bytes.split(
      separator: 0x0a, omittingEmptySubsequences: false)
    guard !bytes.isEmpty else { throw TraceError("the file is empty").at("\(name):1") }
    var header: TraceHeader?
    var calls: [RecordedCall] = []
    var isEnded = false
    for (index, line) in lines.enumerated() {
      // What follows the last newline is no line.
      if index == lines.count - 1, line.isEmpty { break }
      do throws(TraceError) {
        guard !isEnded else { throw TraceError("something follows the end") }
        guard header != nil else {
          header = try Self.header(line)
          continue
        }
        let value = try TraceParser.value(in: line)
        if let count: Int = value["end"]?.integer() {
          guard count == calls.count else {
            throw TraceError("the end counts \(count) calls, and there are \(calls.count)")
          }
          isEnded = true
        } else {
          calls.append(try RecordedCall(value))
        }
      } catch {
        throw error.at("\(name):\(index + 1)")
      }
    }
    guard let header, isEnded else {
      throw TraceError("the trace is cut off: its last line, with the count of calls, is missing")
        .at("\(name):\(lines.count)")
    }
    self.init(header, calls)
  }

  private static func header(_ line: ArraySlice<UInt8>) throws(TraceError) -> TraceHeader {
    let value: TraceValue
    do throws(TraceError) {
      value = try TraceParser.value(in: line)
    } catch {
      throw TraceError("this is no trace: \(error)")
    }
    return try TraceHeader(value)
  }
}
