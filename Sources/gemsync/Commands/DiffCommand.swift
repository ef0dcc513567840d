// SPDX-License-Identifier: MIT

import ArgumentParser
import DRMKernel
import Reports

/// The subcommand `gemsync diff`.
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Compare the verdicts and observations of two JSON reports.",
    discussion: """
      Rows pair by id, driver and coherency.

      Exit codes: 0 no difference, 1 differences, 2 usage.

      Example:
        gemsync diff board.json mock.json
      """
  )

  @Argument(help: "The first report, from 'gemsync check --format json'; '-' is stdin.")
  var first: String

  @Argument(help: "The second report.")
  var second: String

  func run() throws {
    try InputFile.checkStandardInput([first, second])
    let one = try Report(contentsOf: first)
    let other = try Report(contentsOf: second)
    guard !one.results.isEmpty, !other.results.isEmpty else {
      throw ReportError(
        description: "\(InputFile.name(of: one.results.isEmpty ? first : second)): has no result")
    }
    let differences = one.differences(from: other)
    Terminal.say(differences.map { "\($0)".printable + "\n" }.joined())
    let summary =
      "\(one.results.count) rows in \(InputFile.name(of: first)), \(other.results.count) in "
      + "\(InputFile.name(of: second)), "
      + "\(differences.count) differences"
    Terminal.say(summary.printable + "\n")
    if !differences.isEmpty { throw ExitCode(1) }
  }
}
