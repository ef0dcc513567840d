// SPDX-License-Identifier: MIT

internal import CallTrace
internal import DRMKernel
internal import Reports

#if canImport(Glibc)
  internal import Glibc
#endif

/// The folder with what is kept of one attempt at an item: `items/000012-1` for the first at item 12.
public struct ItemFolder: Hashable, Sendable {
  /// The item's number.
  public let item: Int
  /// From 1.
  public let attempt: Int
  public let path: String

  /// The calls of the attempt, each there before it is made.
  public var trace: String { path + "/trace.jsonl" }
  /// The kernel's messages during the attempt.
  public var log: String { path + "/log.txt" }
  /// What is known of the device.
  public var device: String { path + "/device.json" }
  /// What the attempt's process printed.
  public var standardError: String { path + "/stderr.txt" }
  /// The file for a dump of the device, such as `coredump-devcd1`.
  public func coredump(_ name: String) -> String { "\(path)/coredump-\(name)" }

  init(_ item: Int, _ attempt: Int, in folder: String) {
    (self.item, self.attempt) = (item, attempt)
    let digits = String(item)
    let zeroes = String(repeating: "0", count: max(0, 6 - digits.count))
    path = "\(folder)/\(zeroes)\(digits)-\(attempt)"
  }

  /// Reads the name of a folder; nil for a name that no attempt at an item of the plan has.
  init?(named name: String, in folder: String, of plan: Plan) {
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let item = Int(parts[0]), let attempt = Int(parts[1]),
      plan.items.indices ~= item, attempt > 0
    else { return nil }
    self.init(item, attempt, in: folder)
    guard path == "\(folder)/\(name)" else { return nil }
  }

  /// Writes a file of the folder.
  func write(_ text: String, to path: String) throws(ResultFolderError) {
    try write(Array(text.utf8), to: path)
  }

  /// Writes a file of the folder.
  func write(_ bytes: [UInt8], to path: String) throws(ResultFolderError) {
    do throws(ReportError) {
      let file = try OpenFile(path, O_WRONLY | O_CREAT | O_TRUNC)
      try file.write(bytes)
    } catch {
      throw ResultFolderError(path, error)
    }
  }

  // The trace of a check has some kilobytes.
  private static let mostTraceBytes = 64 << 20

  /// The last call of the attempt, in a few words: "the last call was PANTHOR_BO_SYNC, which did not return".
  public var lastCall: String {
    let place = trace.split(separator: "/").suffix(3).joined(separator: "/")
    guard unsafe access(trace, F_OK) == 0 else { return "it had made no call" }
    let bytes: [UInt8]
    do throws(ReportError) {
      bytes = try OpenFile.contents(of: trace, atMost: Self.mostTraceBytes)
    } catch {
      return "its calls are not known: \(error)"
    }
    do throws(TraceError) {
      // A power loss may leave zeroes at the end.
      let trace = try Trace(parsing: Array(bytes.prefix { $0 != 0 }), named: place)
      if let last = trace.callsInFlight.last {
        return "the last call was \(last.call.name), which did not return (\(place):\(last.line))"
      }
      guard let last = trace.calls.indices.last else { return "it had made no call" }
      let line = trace.line(ofCall: last)
      return "the last call was \(trace.calls[last].call.name), which returned (\(place):\(line))"
    } catch {
      return "its calls are not known: \(error)"
    }
  }
}
