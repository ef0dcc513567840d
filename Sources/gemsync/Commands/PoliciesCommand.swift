// SPDX-License-Identifier: MIT

import ArgumentParser
import Policies
import Reports

/// The subcommand `gemsync policies`.
struct PoliciesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policies",
    abstract:
      "Compare the policies merged, series-v4 and private-wb by the questions of the thread.",
    discussion: """
      Each answer comes from the explorer and is confirmed on the mock: a proved
      script passes with the strictest caches, and a finding shows the same wrong
      bytes. Bytes are those that the syncs of the script maintain.

      Exit codes: 0 the mock confirms every answer, 1 it does not.

      Examples:
        gemsync policies
        gemsync policies --format json --output policies.json
      """
  )

  @OptionGroup var output: OutputOptions

  func run() throws {
    let file = try output.destination()
    Interruption.begin()
    var begun = 0
    let table = try PolicyTable {
      Terminal.showProgress("\(begun)/\(PolicyTable.count)")
      begun += 1
      return Interruption.isPending
    }
    Terminal.showProgress("")
    let text = output.format == .json ? PolicyReport(table).json() : table.markdown()
    try output.write(text, to: file)
    guard !Interruption.isPending else {
      throw Interruption.end(after: table.answers.count, of: PolicyTable.count, "answers")
    }
    for answer in table.answers where !answer.isConfirmed {
      Terminal.complain(
        "\(answer.question), \(answer.driver), \(answer.policy): the mock does not show '\(answer.answer)'"
      )
    }
    guard table.isConfirmed else { throw ExitCode(1) }
  }
}
