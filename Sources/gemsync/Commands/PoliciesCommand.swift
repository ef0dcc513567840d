// SPDX-License-Identifier: MIT

import ArgumentParser
import Policies
import Reports

/// The subcommand `gemsync policies`.
struct PoliciesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policies",
    abstract:
      "Shows how the merged rules, the series' and the thread's answer what the thread asked.",
    discussion: """
      Each answer is explored over every eviction, fill and timing, and run on the mock: a proof passes there
      with the strictest caches, and a finding shows the same wrong bytes. Bytes are those that the script's
      syncs maintain.

      Examples:
        gemsync policies
        gemsync policies --format json --output policies.json
      """
  )

  @OptionGroup var output: OutputOptions

  func run() throws {
    let file = try output.destination()
    let table = try PolicyTable()
    let text = output.format == .json ? PolicyReport(table).json() : table.markdown()
    try output.write(text, to: file)
    for answer in table.answers where !answer.isConfirmed {
      Terminal.complain(
        "\(answer.question), \(answer.driver), \(answer.policy): the mock does not show '\(answer.answer)'"
      )
    }
    guard table.isConfirmed else { throw ExitCode(1) }
  }
}
