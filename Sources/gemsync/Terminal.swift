// SPDX-License-Identifier: MIT

import DRMKernel
import Glibc

/// The output streams: results on stdout, everything else on stderr.
enum Terminal {
  /// Whether results have colours: stdout is a terminal, and `NO_COLOR` is not set.
  static var isColoured: Bool {
    let refusal = unsafe getenv("NO_COLOR").map { unsafe String(cString: $0) }
    return isatty(STDOUT_FILENO) == 1 && (refusal ?? "").isEmpty
  }

  /// Writes results: lines in which texts from files, devices and arguments are escaped.
  static func say(_ text: String) {
    write(text, to: STDOUT_FILENO)
  }

  // A name from a file can be as long as the file.
  private static let mostOfLine = 4000

  /// Writes one line about the run to stderr.
  static func complain(_ line: String) {
    let text = line.printable
    write(
      "gemsync: \(text.prefix(mostOfLine))\(text.count > mostOfLine ? "..." : "")\n",
      to: STDERR_FILENO)
  }

  /// Writes one line of a log to stderr, in place of the progress line.
  static func note(_ line: String) {
    showProgress("")
    write(line.printable + "\n", to: STDERR_FILENO)
  }

  /// Writes text to stderr as it is: parts of lines of `--trace`, results beside a trace on stdout.
  static func trace(_ text: String) {
    write(text, to: STDERR_FILENO)
  }

  /// Shows the progress line, on a terminal only; an empty line removes it.
  static func showProgress(_ line: String) {
    guard isatty(STDERR_FILENO) == 1 else { return }
    write("\r\u{1b}[K\(line.printable)", to: STDERR_FILENO)
  }

  /// Occupies the standard descriptors that the parent closed, so that no file of the command becomes one of them.
  ///
  /// Reads and writes of them go on to fail with EBADF.
  static func occupyStreams() {
    for (descriptor, mode) in [
      (STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY),
    ] where fcntl(descriptor, F_GETFD) < 0 {
      // The lowest free number is this one.
      _ = unsafe open("/dev/null", mode)
    }
  }

  static func exit(_ code: Int32) -> Never {
    Glibc.exit(code)
  }

  private static func write(_ text: String, to descriptor: CInt) {
    do throws(Errno) {
      try writeAll(Array(text.utf8), to: descriptor)
    } catch {
      // Results that cannot be written end the command; messages on stderr have no other place.
      guard descriptor == STDOUT_FILENO else { return }
      complain("cannot write results: \(error.sentence)")
      exit(1)
    }
  }
}
