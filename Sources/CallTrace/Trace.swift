// SPDX-License-Identifier: MIT

/// A recording as a file of JSON lines: a header, one line per call, and at the end their count.
public struct Trace: Hashable, Sendable {
  public var header: TraceHeader
  public var calls: [RecordedCall]

  /// Creates a trace.
  public init(_ header: TraceHeader, _ calls: [RecordedCall]) {
    self.header = header
    self.calls = calls
  }

  /// Returns the number of a call's line in the file, from 1.
  public static func line(ofCall index: Int) -> Int { index + 2 }

  /// Returns the contents of the file.
  public func text() -> String {
    var text = header.line.json + "\n"
    for call in calls { text += call.line.json + "\n" }
    return text + JSONValue.object([JSONValue.Member("end", .integer(calls.count))]).json + "\n"
  }

  /// Reads a file's bytes.
  ///
  /// - Parameter name: the file's name in errors.
  /// - Throws: one line with file name and line number, where the file is damaged or not a trace.
  public init(parsing bytes: [UInt8], named name: String) throws(TraceError) {
    let lines = bytes.split(
      separator: 0x0a, omittingEmptySubsequences: false)
    guard !bytes.isEmpty else { throw TraceError("the file is empty").at("\(name):1") }
    var header: TraceHeader?
    var calls: [RecordedCall] = []
    var returned = IdentityCounts()
    var isEnded = false
    for (index, line) in lines.enumerated() {
      // The last line ends in a newline.
      if index == lines.count - 1, line.isEmpty { break }
      do throws(TraceError) {
        guard !isEnded else { throw TraceError("there are lines after the end") }
        guard header != nil else {
          header = try Self.header(line)
          continue
        }
        let value = try JSONValue(parsing: line)
        if let count: Int = value["end"]?.integer() {
          guard count == calls.count else {
            throw TraceError("the end counts \(count) calls, the trace has \(calls.count)")
          }
          isEnded = true
        } else {
          let recorded = try RecordedCall(value)
          try returned.check(recorded)
          calls.append(recorded)
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
    let value: JSONValue
    do throws(TraceError) {
      value = try JSONValue(parsing: line)
    } catch {
      throw TraceError("not a trace: \(error)")
    }
    return try TraceHeader(value)
  }
}

/// The reason why a file cannot be read as a trace: one line, with file and line number once known.
public struct TraceError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  init(_ description: String) {
    self.description = description
  }

  func at(_ place: String) -> TraceError { TraceError("\(place): \(description)") }
}
