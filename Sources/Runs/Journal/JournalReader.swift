// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import FoundationEssentials
internal import Reports

/// Reads the lines of a journal; what a power loss or a kill left at its end counts as not written.
///
/// A journal's lines are synced one by one, so that only the last one can be damaged: cut off, or in part zeroes or the
/// previous contents of the disk. Each other line that no run writes is an error.
struct JournalReader {
  private(set) var history: RunHistory
  /// The bytes of whole lines, all of them events.
  private(set) var size = 0
  private let decoder = JSONDecoder()

  /// - Throws: an error of one line with the file's name and the number of the line.
  init(_ plan: Plan, _ bytes: [UInt8], named name: String) throws(ReportError) {
    history = RunHistory(plan)
    var number = 0
    while let end = bytes[size...].firstIndex(of: 0x0a) {
      number += 1
      let line = bytes[size..<end]
      do throws(LineError) {
        try read(line)
      } catch {
        if error.isOfBytes, isDamage(bytes[size...]) { return }
        throw ReportError(description: "\(name):\(number): \(error.reason)".printable)
      }
      size = end + 1
    }
  }

  private struct LineError: Error {
    let reason: String
    /// Whether the bytes are no JSON, or too many.
    var isOfBytes = false
  }

  private mutating func read(_ line: ArraySlice<UInt8>) throws(LineError) {
    guard line.count < JournalLine.mostBytes else {
      throw LineError(reason: "longer than \(JournalLine.mostBytes >> 20) MiB", isOfBytes: true)
    }
    do {
      guard let event = try event(line) else { return }
      try history.apply(event)
    } catch let error as Contradiction {
      throw LineError(reason: error.description)
    } catch let error as DecodingError {
      throw LineError(reason: error.text, isOfBytes: error.text == "not JSON")
    } catch {
      throw LineError(reason: "not an event: \(error)", isOfBytes: true)
    }
  }

  private func event(_ line: ArraySlice<UInt8>) throws -> JournalEvent? {
    try decoder.decode(JournalLine.self, from: Data(line)).event
  }

  /// Whether the end of a file has bytes that no line has, and no event.
  private func isDamage(_ rest: ArraySlice<UInt8>) -> Bool {
    let hasForeignBytes =
      rest.contains { $0 < 0x20 && $0 != 0x0a } || String(validating: rest, as: UTF8.self) == nil
    return hasForeignBytes
      && rest.split(separator: 0x0a).allSatisfy { line in
        line.count >= JournalLine.mostBytes || (try? event(line)) == nil
      }
  }
}
