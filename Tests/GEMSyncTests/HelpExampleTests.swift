// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// The example lines of every `--help` run on mocks, in a directory with the files that they name.
@Suite struct HelpExampleTests {
  private static let importing = """
    version: 1
    about: START and END sync an imported BO.
    nodes: {gpu: [panfrost], other: [panthor]}
    steps:
    - create: {bo: a, size: 4K, node: other}
    - export: {bo: a}
    - import: {bo: b, from: a, node: gpu}
    - begin: {bo: b, access: write}
    - write: {bo: b, offset: 0, size: 4, as: w1}
    - end: {bo: b, access: write}
    - submit: {job: j, do: [{read: {bo: b, offset: 0, size: 4, sees: w1}}]}
    - wait: {job: j}
    """

  @Test func everyExampleRuns() throws {
    try inDirectory { directory in
      try writeFiles(in: directory)
      try runExamples(in: directory)
    }
  }

  private func runExamples(in directory: String) throws {
    let commands = try subcommands()
    #expect(commands.count >= 11)
    for command in commands {
      let examples = try Self.examples(of: CommandResult(running: "gemsync", [command, "--help"]))
      #expect(examples.contains { $0.hasPrefix("gemsync \(command)") }, "\(command) has no example")
      for example in examples {
        let result = try CommandResult(shell: Self.onMocks(example), in: directory)
        #expect(Self.codes(example).contains(result.code), "\(example): \(result.errors)")
      }
    }
  }

  /// The exit codes that an example may have: 1 for differences, injected faults, and a machine without nodes.
  private static func codes(_ example: String) -> Set<Int32> {
    let mayFail = ["gemsync list", "gemsync doctor", "gemsync diff", "fault=", "break="]
    return mayFail.contains(where: example.contains) ? [0, 1, 77] : [0]
  }

  /// Names mocks instead of the devices of a board, and makes long runs short.
  private static func onMocks(_ example: String) -> String {
    let words = example.split(separator: " ").map(String.init)
    let isOnDefault = !words.contains { ["--device", "list", "diff", "policies"].contains($0) }
    let mocks = words.enumerated().map { index, word in
      switch index > 0 ? words[index - 1] : "" {
      case "--device": word == "all" ? "mock:all" : word.replacing("driver:", with: "mock:")
      case "--ops": "2000"
      default: word
      }
    }
    let takesDevice = ["check", "info", "bringup", "run", "fuzz"].contains(words[1])
    let isRun = !words.contains("--schema") && !words.contains("--list")
    return mocks.joined(separator: " ")
      + (isOnDefault && takesDevice && isRun ? " --device mock:panthor" : "")
  }

  /// The lines that start with `gemsync`, with the lines that they are continued on.
  private static func examples(of help: CommandResult) -> [String] {
    var examples: [String] = []
    var isExample = false
    for line in help.output.split(separator: "\n", omittingEmptySubsequences: false) {
      let text = line.drop { $0 == " " }
      if line.hasPrefix(" "), text.hasPrefix("gemsync ") {
        examples.append(String(text))
        isExample = true
      } else if isExample, !text.isEmpty {
        examples[examples.count - 1] += " " + text
      } else {
        isExample = false
      }
    }
    return examples
  }

  private func subcommands() throws -> [String] {
    let help = try CommandResult(running: "gemsync", ["--help"]).output
    let list = help.split(separator: "SUBCOMMANDS:").last ?? ""
    return list.split(separator: "\n").filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
      .compactMap { $0.split(separator: " ").first.map(String.init) }.filter {
        !["help", "See"].contains($0)
      }
  }

  private func writeFiles(in directory: String) throws {
    for name in ["scripts", "Tests/Litmus"] {
      let folder = "\(directory)/\(name)"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try ExampleScript.flush.write(
        toFile: "\(folder)/flush.yaml", atomically: true, encoding: .utf8)
    }
    try ExampleScript.flush.write(
      toFile: "\(directory)/flush.yaml", atomically: true, encoding: .utf8)
    try Self.importing.write(toFile: "\(directory)/import.yaml", atomically: true, encoding: .utf8)
    for line in [
      "gemsync check core --device mock:panthor --format json --output board.json",
      "gemsync check core --device mock:panthor,minor=6 --format json --output mock.json",
      "gemsync record -o board.jsonl -- check core --device mock:panthor",
      "gemsync record -o mock.jsonl -- check core --device mock:panthor",
    ] {
      let result = try CommandResult(shell: line, in: directory)
      try #require(result.code == 0, "\(line): \(result.errors)")
    }
  }
}
