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

  /// Writes a finished result.
  func write(_ text: String) throws(ReportError) {
    if let output {
      try OutputFile.write(text, to: output)
    } else {
      Terminal.say(text)
    }
  }
}
