// SPDX-License-Identifier: MIT

import ArgumentParser
import Reports

/// The formats a command can answer in.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case human
  case json
}

/// The options that say how and where results are written.
struct OutputOptions: ParsableArguments {
  @Option(help: "human or json.")
  var format = OutputFormat.human

  @Option(help: ArgumentHelp("Write results to a file instead of stdout.", valueName: "file"))
  var output: String?

  /// Answers where results go: a file that can be written, or stdout where none was named.
  func destination() throws(ReportError) -> OutputFile? {
    if let output { try OutputFile(output) } else { nil }
  }

  /// Writes a finished result.
  func write(_ text: String, to file: OutputFile?) throws(ReportError) {
    if let file { try file.write(text) } else { Terminal.say(text) }
  }
}
