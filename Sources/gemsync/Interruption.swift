// SPDX-License-Identifier: MIT

import ArgumentParser
import CDRM
import Runs

/// SIGINT and SIGTERM: they end a command with exit code 130 or 143, and results so far are kept.
///
/// Until a command has results, a signal ends the process at once. ``begin()`` defers the first signal; the
/// command then polls ``isPending`` between its pieces of work, writes what it has, and ends with ``end(after:of:_:)``.
/// A second signal always ends the process at once, and so does SIGQUIT, with exit code 131.
enum Interruption {
  /// Defers the first signal, so that results are kept.
  static func begin() { cdrm_defer_interrupts() }

  /// The signal that was deferred, by its number; 0 for none.
  static var signal: CInt { cdrm_interrupt() }

  /// Whether a signal was deferred.
  static var isPending: Bool { signal != 0 }

  /// Reports how far the command came, and returns its exit code.
  static func end(after count: Int, of total: Int, _ noun: String) -> ExitCode {
    end("after \(count) of \(total) \(noun)")
  }

  /// Reports what was interrupted, and returns the exit code.
  static func end(_ moment: String) -> ExitCode {
    Terminal.showProgress("")
    Terminal.complain("interrupted \(moment)")
    return ExitCode(128 + signal)
  }

  /// Does work that cannot be stopped; nil where a signal came first, and the work goes on until the process ends.
  static func value<Value: Sendable>(
    of work: @escaping @Sendable () throws -> Value
  ) throws -> Value? {
    guard !isPending else { return nil }
    return try Waiting.value(of: { Result { try work() } }, unless: { isPending })?.get()
  }
}
