// SPDX-License-Identifier: MIT

import ArgumentParser
import Reports

/// The subcommand `gemsync diff`.
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Compares two JSON reports of checks: verdicts, and everything observed.",
    discussion: """
      Rows pair by id, driver and coherency. Exit code 1 means that they differ.

      Example:
        gemsync diff board.json mock.json
      """
  )

  @Argument(help: "A report written by 'gemsync check --format json'.")
  var first: String

  @Argument(help: "Another one.")
  var second: String

  func run() throws {
    let one = try Report(contentsOf: first)
    let other = try Report(contentsOf: second)
    guard !one.results.isEmpty, !other.results.isEmpty else {
      throw ReportError(description: "\(one.results.isEmpty ? first : second): holds no result")
    }
    let differences = one.differences(from: other)
    Terminal.say(differences.map { "\($0)\n" }.joined())
    Terminal.say(
      "\(one.results.count) rows in \(first), \(other.results.count) in \(second), "
        + "\(differences.count) differences\n"
    )
    if !differences.isEmpty { throw ExitCode(1) }
  }
}
