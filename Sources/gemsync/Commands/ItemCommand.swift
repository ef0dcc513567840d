// SPDX-License-Identifier: MIT

import ArgumentParser
import Runs

/// The hidden subcommand `gemsync item`: the child process of an item.
struct ItemCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "item", abstract: "Carry out one item for a runner.",
    shouldDisplay: false)

  func run() throws { ItemProcess.run() }
}
