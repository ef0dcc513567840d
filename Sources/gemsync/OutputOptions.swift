// SPDX-License-Identifier: MIT

import ArgumentParser
import DRM
import DRMConformance
import DRMDrivers
import Devices
import Reports

/// The formats of results.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case human
  case json
}

/// The options for the format and the place of results.
struct OutputOptions: ParsableArguments {
  @Option(help: "Write results as human (text) or json.")
  var format = OutputFormat.human

  @Option(help: ArgumentHelp("Write results to a file instead of stdout.", valueName: "file"))
  var output: String?

  /// Returns the file for results; nil for stdout.
  func destination() throws(ReportError) -> OutputFile? {
    if let output { try OutputFile(output) } else { nil }
  }

  /// Writes a finished result.
  func write(_ text: String, to file: OutputFile?) throws(ReportError) {
    if let file { try file.write(text) } else { Terminal.say(text) }
  }
}

/// Results during a run: text for stdout is written at once, a file or JSON at the end.
struct ResultStream {
  private let output: OutputOptions
  private let file: OutputFile?
  private var text = ""

  /// Writes results to a file, or to stdout where there is none.
  init(_ output: OutputOptions, to file: OutputFile?) {
    self.output = output
    self.file = file
  }

  /// Whether the text has colours.
  var isColoured: Bool { Terminal.isColoured && file == nil }

  /// Adds lines of text; JSON has none of them.
  mutating func add(_ lines: String) {
    if output.format == .human, file == nil { Terminal.say(lines) } else { text += lines }
  }

  /// Writes what was not written yet: the text, or the JSON.
  func finish(json: @autoclosure () -> String) throws(ReportError) {
    switch output.format {
    case .human: if let file { try file.write(text) }
    case .json: try output.write(json(), to: file)
    }
  }
}

/// The report of a run on devices, written during the run.
struct ReportStream {
  private(set) var rows: [ResultRow] = []
  private var stream: ResultStream
  private let human: HumanReport

  /// Writes a report to a file, or to stdout where there is none.
  init(_ output: OutputOptions, to file: OutputFile?, isVerbose: Bool) {
    stream = ResultStream(output, to: file)
    human = HumanReport(isColoured: stream.isColoured, isVerbose: isVerbose)
  }

  /// Adds the line above the results of a device.
  mutating func start(_ device: DRMDevice) {
    stream.add(human.heading(device.description))
  }

  /// Adds lines of text.
  mutating func add(_ lines: String) { stream.add(lines) }

  /// Adds a result.
  ///
  /// - Parameters:
  ///   - text: the result as the text has it, where the text is shorter than the row.
  ///   - statement: what the result is about; empty where nothing is stated.
  mutating func add(
    _ result: CheckResult, on device: DRMDevice, text: CheckResult? = nil, statement: String = "",
    steps: StepCounts? = nil
  ) {
    Terminal.showProgress("")
    stream.add(human.lines(text ?? result, statement: statement))
    rows.append(ResultRow(result, on: device.description, steps: steps))
  }

  /// Adds the summary, writes what was not written yet, and returns the exit code.
  mutating func finish(on selections: [Selection]) throws(ReportError) -> ExitCode {
    Terminal.showProgress("")
    stream.add(human.summary(rows))
    try stream.finish(json: Report(on: selections, results: rows).json())
    return ExitCode(rows.exitCode)
  }
}
