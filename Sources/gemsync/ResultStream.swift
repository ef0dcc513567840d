// SPDX-License-Identifier: MIT

import Reports

/// Results as they come: a person at stdout sees each line at once, and keeps what came if the rest does not; a
/// file, or who reads JSON, gets all of it at the end.
struct ResultStream {
  private let output: OutputOptions
  private let file: OutputFile?
  private var text = ""

  /// Tells results to a file, or to stdout where there is none.
  init(_ output: OutputOptions, to file: OutputFile?) {
    self.output = output
    self.file = file
  }

  /// Whether a person may see colours.
  var isColoured: Bool { Terminal.isColoured && file == nil }

  /// Tells a person something.
  mutating func tell(_ lines: String) {
    if output.format == .human, file == nil { Terminal.say(lines) } else { text += lines }
  }

  /// Writes what was not seen yet: all that was told, or the same in JSON.
  func finish(json: @autoclosure () -> String) throws(ReportError) {
    switch output.format {
    case .human: if let file { try file.write(text) }
    case .json: try output.write(json(), to: file)
    }
  }
}
