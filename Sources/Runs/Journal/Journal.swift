// SPDX-License-Identifier: MIT

internal import DRMConformance
public import DRMKernel
internal import Reports

#if canImport(Glibc)
  internal import Glibc
#endif

/// A file of a run that cannot be written, or an event that cannot be in a journal.
public struct ResultFolderError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file or the folder.
  public let subject: String
  /// Nil for an event that contradicts the events before it, and where the text has it.
  public let errno: DRMKernel.Errno?
  public let description: String

  init(_ subject: String, errno: CInt) {
    let errno = DRMKernel.Errno(rawValue: errno)
    (self.subject, self.errno) = (subject, errno)
    description = "\(subject): \(errno.sentence)".printable
  }

  /// An error whose text names the file.
  init(_ subject: String, _ error: ReportError) {
    (self.subject, errno, description) = (subject, nil, error.description)
  }

  init(_ subject: String, _ contradiction: Contradiction) {
    (self.subject, errno) = (subject, nil)
    description = "\(subject): \(contradiction.description)".printable
  }
}

/// The file of a run's events: each is on the disk when the call with it returns.
///
/// An event is one `write(2)` and one `fdatasync(2)`. After an error nothing more is written, as what follows would
/// contradict what is missing; the part of a line that was written is taken back.
final class Journal: Sendable {
  private let file: OpenFile
  /// The name of the file in errors.
  private let path: String
  private let calls: Calls
  private let state: Guarded<State>

  /// The system calls; each returns >= 0 or -errno.
  struct Calls: Sendable {
    var write: @Sendable (CInt, ArraySlice<UInt8>) -> Int = { descriptor, bytes in
      let count = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
      }
      return count < 0 ? -Int(errno) : count
    }
    var sync: @Sendable (CInt) -> CInt = { fdatasync($0) < 0 ? -errno : 0 }
    var truncate: @Sendable (CInt, Int) -> CInt = { ftruncate($0, $1) < 0 ? -errno : 0 }
  }

  private struct State {
    /// The bytes of whole lines.
    var size: Int
    var history: RunHistory
    var failure: ResultFolderError?
  }

  /// Takes over a journal that is open with `O_APPEND`.
  ///
  /// - Parameters:
  ///   - path: the name of the file in errors; without one, that by which it was opened.
  ///   - size: the bytes of the lines of `history`; the file has no others.
  init(
    _ file: consuming OpenFile, named path: String? = nil, size: Int, _ history: RunHistory,
    calls: Calls = Calls()
  ) {
    self.path = path ?? file.path
    self.file = file
    self.calls = calls
    state = Guarded(State(size: size, history: history))
  }

  var history: RunHistory { state.withLock { $0.history } }

  /// Adds an event to the file and to the history.
  ///
  /// - Throws: the error of the file; all later calls throw it too. An event that contradicts the history is not
  ///   written, and the journal stays as it was.
  func append(_ event: JournalEvent) throws(ResultFolderError) {
    try state.withLock { state throws(ResultFolderError) in
      if let failure = state.failure { throw failure }
      let (recorded, line): (JournalEvent, [UInt8])
      do throws(Contradiction) {
        try state.history.check(event)
        (recorded, line) = try Self.line(of: event, state.history)
      } catch {
        throw ResultFolderError(path, error)
      }
      do throws(ResultFolderError) {
        try write(line)
      } catch {
        state.failure = error
        // What cannot be taken back has no newline, or is a whole line that may not be on the disk.
        _ = calls.truncate(file.number, state.size)
        throw error
      }
      state.size += line.count
      state.history.record(recorded)
    }
  }

  private func write(_ line: [UInt8]) throws(ResultFolderError) {
    var rest = line[...]
    while !rest.isEmpty {
      let count = calls.write(file.number, rest)
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if count != -Int(EINTR) {
        throw ResultFolderError(path, errno: count == 0 ? EIO : CInt(-count))
      }
    }
    let answer = calls.sync(file.number)
    guard answer >= 0 else { throw ResultFolderError(path, errno: -answer) }
  }

  /// Returns an event's line; a result that is too long for one without most of its texts.
  private static func line(
    of event: JournalEvent, _ history: RunHistory
  ) throws(Contradiction) -> (JournalEvent, [UInt8]) {
    let line = Array(JSON.line(JournalLine(event)).utf8)
    guard line.count > 1 else { throw Contradiction("an event with a number that JSON lacks") }
    guard line.count > JournalLine.mostBytes else { return (event, line) }
    guard case .ended(let item, let attempt, let row) = event,
      case let shorter = history.row(CheckResult(shortening: row), ofItem: item, row.steps),
      shorter != row
    else { throw Contradiction("an event of \(line.count) bytes") }
    return try self.line(of: .ended(item: item, attempt: attempt, row: shorter), history)
  }
}

extension CheckResult {
  // JSON escapes a byte by six characters at most: three texts fit a line.
  private static let mostBytes = 48 << 10

  /// Creates the result of a row without most of its long texts.
  fileprivate init(shortening row: ResultRow) {
    self.init(
      id: row.id, verdict: row.verdict, expected: Self.shortened(row.expected),
      observed: Self.shortened(row.observed), seconds: row.seconds,
      reason: row.reason.map { reason in
        reason.utf8.count <= Self.mostBytes
          ? reason : String(decoding: reason.utf8.prefix(Self.mostBytes / 2), as: UTF8.self) + "..."
      })
  }

  private static func shortened(_ texts: [String]) -> [String] {
    var left = mostBytes
    let kept = texts.prefix { text in
      left -= text.utf8.count + 16
      return left >= 0
    }
    let count = texts.count - kept.count
    return count == 0 ? texts : kept + ["\(count) more are too many for the journal"]
  }
}
