// SPDX-License-Identifier: MIT

import ArgumentParser
import DRM
import DRMConformance
import DRMDrivers
import DRMKernel
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

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Write results to a file; '-' is stdout, the default.", valueName: "file"))
  var output: String?

  /// Whether results go to stdout.
  var isStandardOutput: Bool { output == nil || output == "-" }

  /// Returns the file for results; nil for stdout.
  ///
  /// - Parameter inputs: the files that the command reads, which are never written.
  func destination(inputs: [String] = []) throws(ReportError) -> OutputFile? {
    guard let output, !isStandardOutput else { return nil }
    return try OutputFile(output, inputs: inputs)
  }

  /// Checks that no other output is stdout where the results are.
  func checkStandardOutput(_ option: String, is file: OutputFile?) throws(ReportError) {
    guard isStandardOutput, file?.isStandardOutput == true else { return }
    throw ReportError(
      description: "\(option) -: the results are on stdout too (--output writes them to a file)")
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
  private let noun: String
  private let durations: Int
  private let isQuiet: Bool
  private let selections: [Selection]
  private let start = ContinuousClock.now
  // The pieces of work of all devices so far.
  private var begun = 0
  private var planned = 0
  private var device: Device?
  // Whether pieces of work were left out.
  private var isCutShort = false

  /// The device that is being run on.
  private struct Device {
    let device: DRMDevice
    let count: Int
    let firstRow: Int
    let start = ContinuousClock.now
    var begun = 0
    var skipped: [ResultRow] = []
  }

  /// Writes a report to a file, or to stdout where there is none.
  ///
  /// - Parameters:
  ///   - noun: what the pieces of work are, such as `checks`.
  ///   - isQuiet: whether only failures and the last summary are text.
  ///   - durations: how many of the slowest results are listed.
  init(
    of noun: String, on selections: [Selection], _ output: OutputOptions, to file: OutputFile?,
    isVerbose: Bool, isQuiet: Bool = false, durations: Int = 0
  ) {
    (self.noun, self.isQuiet, self.durations) = (noun, isQuiet, durations)
    self.selections = selections
    stream = ResultStream(output, to: file)
    human = HumanReport(isColoured: stream.isColoured, isVerbose: isVerbose)
  }

  /// Ends the device before, and adds the line above the results of the next one.
  ///
  /// - Parameter count: the pieces of work on the device.
  mutating func start(_ device: DRMDevice, count: Int) {
    end()
    if !isQuiet { stream.add(human.heading(device.description)) }
    self.device = Device(device: device, count: count, firstRow: rows.count)
    planned += count
  }

  /// Counts a piece of work that begins, and shows it as progress.
  mutating func begin(_ work: String) {
    begun += 1
    device?.begun += 1
    guard let device else { return }
    let label = device.device.description.label
    Terminal.showProgress("\(label) \(device.begun)/\(device.count) \(work)")
  }

  /// Takes back a piece of work that began and was interrupted.
  mutating func abandon() {
    begun -= 1
    device?.begun -= 1
  }

  /// Adds lines of text.
  mutating func add(_ lines: String) { stream.add(lines) }

  /// Notes that the run ends before its last piece of work.
  mutating func cutShort() { isCutShort = true }

  /// Adds that the device was lost.
  mutating func lose(_ reason: String) {
    guard let device else { return }
    cutShort()
    addSkipped()
    let rest = device.count - device.begun
    stream.add("  \(rest) not run, because the device was lost: \(reason.printable)\n")
  }

  /// Adds a result.
  ///
  /// - Parameter statement: what the result is about; empty where nothing is stated.
  mutating func add(_ row: ResultRow, statement: String) {
    Terminal.showProgress("")
    if row.verdict == .skip {
      if !isQuiet { device?.skipped.append(row) }
    } else {
      stream.add(human.lines(row, statement: statement))
    }
    rows.append(row)
  }

  /// Adds the skipped results of a device so far.
  mutating func addSkipped() {
    Terminal.showProgress("")
    stream.add(human.skips(device?.skipped ?? []))
    device?.skipped = []
  }

  /// Adds the skipped results of a device, and its summary where there are several devices.
  mutating func end() {
    addSkipped()
    guard let device else { return }
    if selections.flatMap(\.devices).count > 1, !isQuiet {
      let summary = human.summary(
        Array(rows[device.firstRow...]),
        missing: Interruption.isPending || isCutShort ? device.count - device.begun : 0,
        ContinuousClock.now - device.start)
      stream.add("  \(summary)")
    }
    self.device = nil
  }

  /// Adds the summary, writes what was not written yet, and returns the exit code.
  ///
  /// - Parameter stop: why the run ended before its last piece of work; nil where it did not, or by a signal.
  mutating func finish(_ stop: String? = nil) throws(ReportError) -> ExitCode {
    end()
    let missing = Interruption.isPending || stop != nil ? planned - begun : 0
    stream.add(human.durations(rows, most: durations))
    stream.add(human.summary(rows, missing: missing, ContinuousClock.now - start))
    try stream.finish(json: Report(on: selections, results: rows, notRun: missing).json())
    guard !Interruption.isPending else {
      return Interruption.end(after: begun, of: planned, noun)
    }
    if let stop {
      Terminal.complain("stopped after \(begun) of \(planned) \(noun): \(stop)")
      return ExitCode(1)
    }
    return ExitCode(rows.exitCode)
  }
}

extension ScriptFiles {
  /// Ends the command where no script can be read.
  func requireScript() throws {
    guard scripts.isEmpty, !failures.isEmpty else { return }
    throw exitCode(.success)
  }

  /// Reports the scripts that cannot be used, and returns the exit code of the command: 2 where there are any.
  func exitCode(_ code: ExitCode) -> ExitCode {
    for failure in failures { Terminal.complain(failure) }
    return failures.isEmpty || Interruption.isPending ? code : ExitCode(2)
  }
}
