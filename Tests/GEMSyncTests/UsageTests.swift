// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// Arguments that no command takes in silence.
@Suite struct UsageTests {
  /// The options of a command, as its description has them.
  private struct Description: Decodable {
    struct Command: Decodable {
      let commandName: String
      let arguments: [Argument]?
      let subcommands: [Command]?
    }

    struct Argument: Decodable {
      let kind: String
      let isRepeating: Bool
      let names: [Name]?
    }

    struct Name: Decodable {
      let kind: String
      let name: String
      var text: String { kind == "long" ? "--\(name)" : "-\(name)" }
    }

    let command: Command
  }

  /// Every option with one value, of every command, in each spelling.
  @Test func optionWithOneValueIsGivenOnce() throws {
    let text = try gemsync("--experimental-dump-help").output
    let commands =
      try JSONDecoder().decode(Description.self, from: Data(text.utf8)).command
      .subcommands ?? []
    var count = 0
    for command in commands where command.commandName != "help" {
      for option in command.arguments ?? [] where option.kind == "option" {
        let names = option.names?.map(\.text) ?? []
        for (first, second) in zip(names, names.reversed()) {
          let lines = [[first, "1", second, "2"], ["\(first)=1", second, "2"]]
          for line in lines {
            let result = try gemsync([command.commandName] + line)
            let isRefused = result.errors.contains("is given twice")
            #expect(isRefused == !option.isRepeating, "\(command.commandName) \(line)")
            #expect(!isRefused || result.code == 2 && result.output.isEmpty)
          }
          count += 1
        }
      }
    }
    #expect(count > 25)
  }

  @Test(arguments: [
    (["help", "bogus"], "help describes no 'bogus'; see 'gemsync --help'"),
    (["help", "run", "bogus"], "help describes no 'bogus'; see 'gemsync --help'"),
    (["check", "--bogus"], "see 'gemsync check --help'"),
    (["diff", "a"], "see 'gemsync diff --help'"),
    (["run", "--repeat", "0", "x"], "--repeat is at least 1; see 'gemsync run --help'"),
    (["record", "-o", "x"], "see 'gemsync record --help'"),
    (["record", "-o", "x", "--", "fuzz", "--bogus"], "see 'gemsync fuzz --help'"),
    (["record", "-o", "x", "--", "fuzz", "--seed", "1", "--seed", "2"], "--seed is given twice"),
    (["bogus"], "see 'gemsync --help'"), (["check", "--allow-jobs", "--no-allow-jobs"], "already"),
    (["run", "--schema", "x.yaml"], "--schema takes no script"),
    (["run", "x.yaml", "--schedule", "s", "--gpu-jobs", "none"], "--schedule needs modelled jobs"),
    (
      ["info", "--device", "mock:panthor,minor=5,minor=6"], "'minor' of mock panthor is given twice"
    ),
    (["info", "--device", "mock:panthor,fault=zeroed,break=zeroed"], "given twice"),
  ])
  func wrongUsageNamesTheHelpOfItsCommand(_ arguments: [String], _ part: String) throws {
    let result = try gemsync(arguments)
    #expect(result.code == 2 && result.output.isEmpty)
    #expect(result.errors.contains(part), "\(result.errors)")
    #expect(result.errors.split(separator: "\n").count == 1)
  }

  @Test func helpIsNoError() throws {
    for arguments in [
      ["help"], ["help", "run"], ["help", "help"], ["--help"], ["run", "--help"],
    ] {
      let result = try gemsync(arguments)
      #expect(result.code == 0 && result.errors.isEmpty && result.output.contains("USAGE: gemsync"))
    }
  }
}
