// SPDX-License-Identifier: MIT

import ArgumentParser
import FoundationEssentials

/// Arguments that a command does not take.
struct UsageError: Error {
  let message: String
  /// The subcommand whose help describes them; nil for the command as a whole.
  let command: String?

  init(_ message: String, of command: String?) {
    self.message = message
    self.command = command
  }

  /// Finds what ArgumentParser accepts in silence: an option with one value that is given twice, and help for an
  /// unknown subcommand.
  static func check(_ arguments: [String]) throws(UsageError) {
    guard let name = arguments.first else { return }
    if name == "help" {
      guard let topic = arguments.dropFirst().first, !topic.hasPrefix("-") else { return }
      guard arguments.count == 2, topic == "help" || GEMSync.subcommand(topic) != nil else {
        let bogus = arguments.count > 2 ? arguments[2] : topic
        throw UsageError("help describes no '\(bogus)'", of: nil)
      }
    }
    guard let command = GEMSync.subcommand(name) else { return }
    let own = arguments.dropFirst().prefix { $0 != "--" }
    try checkRepetition(in: own, of: command, name)
    guard name == RecordCommand.configuration.commandName else { return }
    try check(Array(arguments.dropFirst(own.count + 2)))
  }

  private static func checkRepetition(
    in arguments: ArraySlice<String>, of command: any ParsableCommand.Type, _ name: String
  ) throws(UsageError) {
    let given = arguments.filter { $0.hasPrefix("-") }.map { $0.prefix { $0 != "=" } }
    // The description of a command costs milliseconds, and -o and --output begin with the same letter.
    let initials = given.compactMap { $0.first { $0 != "-" } }
    guard Set(initials).count < initials.count,
      let description = try? JSONDecoder().decode(
        CommandDescription.self, from: Data(command._dumpHelp().utf8))
    else { return }
    for option in description.command.arguments ?? []
    where option.kind == "option" && !option.isRepeating {
      let names = (option.names ?? []).map(\.text)
      guard let second = given.filter({ names.contains(String($0)) }).dropFirst().first else {
        continue
      }
      throw UsageError("\(second) is given twice", of: name)
    }
  }
}

/// The options of a command, as ArgumentParser describes them.
private struct CommandDescription: Decodable {
  struct Command: Decodable {
    let arguments: [Argument]?
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

extension GEMSync {
  /// Finds a subcommand by its name.
  static func subcommand(_ name: String) -> (any ParsableCommand.Type)? {
    configuration.subcommands.first { $0.configuration.commandName == name }
  }
}
