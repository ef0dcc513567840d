// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// Everything that README and the articles show is run, on mocks.
///
/// - `console`: commands behind a prompt run, and print what is shown.
/// - `sh`: commands run, and end with 0 or what `# exit N` says.
/// - `sh board`: the same with a mock in place of each device, for lines that need a board or a VM.
/// - `yaml NAME`: written to that file for the commands that follow.
/// - `swift FILE`: is in that file.
/// - Of other scripts than `Scripts/gemsync` the help is run, and must name the options shown.
@Suite struct DocumentTests {
  private static var subcommands: Regex<(Substring, Substring)> {
    /\s(list|doctor|info|check|diff|record|replay|fuzz|run|explore|policies|bringup)(?=\s|$)/
  }
  private static let fences = ["console", "sh", "sh board", "swift", "text"]

  @Test(arguments: try Document.all())
  func commandsDoWhatIsShown(_ document: Document) throws {
    let sandbox = try Sandbox()
    for block in document.blocks {
      if let name = block.info.firstMatch(of: #/^yaml ([a-z.-]+)$/#) {
        try sandbox.write(block.lines, to: String(name.output.1))
      }
    }
    var runs = 0
    for command in document.commands {
      if command.text.contains(#/(^|[\s\/])gemsync /#)
        && !command.text.contains(#/Scripts\/(?!gemsync )/#)
      {
        try run(command, in: sandbox)
        runs += 1
      } else if let script = command.text.firstMatch(of: #/Scripts\/([a-z0-9-]+)/#) {
        try askForHelp(String(script.output.1), command, in: sandbox)
        if command.text.contains(Self.subcommands) { runs += 1 }
      } else {
        #expect(
          command.needsHardware && command.text.contains(#/^(scp|ssh|sudo usermod) /#),
          "\(command.place): neither a gemsync line nor a script: \(command.text)")
      }
    }
    for (number, span) in document.spans where span.hasPrefix("gemsync ") {
      let isName = span.wholeMatch(of: #/gemsync [a-z]+/#) != nil
      let result = try sandbox.run(isName ? "\(span) --help" : span)
      #expect(result.code != 2, "\(document.path):\(number): '\(span)' prints: \(result.output)")
    }
    // Counted apart from the parser above, so that no line escapes it.
    let all = document.blocks.flatMap(\.lines).count { line in
      line.contains(#/^(\$ )?(sudo )?(\.\/|Scripts\/)?(gemsync|vm) .*[a-z]/#)
        && line.contains(Self.subcommands)
    }
    #expect(runs == all, "\(document.path): \(runs) lines ran, and the code blocks have \(all)")
  }

  @Test func readmeShowsEveryWorkflow() throws {
    let readme = try Document("README.md")
    let lines = readme.commands.map(\.text).joined(separator: "\n")
    for name in ["check", "diff", "bringup", "run", "explore", "record", "replay"] {
      #expect(
        lines.contains(try Regex("gemsync \(name)\\b")), "README.md has no example of \(name)")
    }
    #expect(readme.commands.count { $0.output != nil } >= 8)
    #expect(
      readme.lines.count <= 151,
      "README.md has \(readme.lines.count - 1) lines, and 150 are allowed")
  }

  /// No other kind of block can hide a command from these tests.
  @Test(arguments: try Document.all())
  func everyBlockIsOfAKnownKind(_ document: Document) {
    for block in document.blocks {
      let isKnown =
        Self.fences.contains(block.info) || block.info.hasPrefix("yaml ")
        || block.info.hasPrefix("swift ")
      #expect(
        isKnown, "\(document.path):\(block.start - 1): no such kind of block: '\(block.info)'")
      guard !["console", "sh", "sh board"].contains(block.info) else { continue }
      for line in block.lines {
        #expect(
          !line.contains(#/^\s*(\$ )?(\.\/|Scripts\/)?gemsync [a-z]/#),
          "\(document.path): a block of \(block.info) has a command: \(line)")
      }
    }
    for (number, line) in document.prose {
      #expect(
        !line.contains(#/^( {4}|\t)/#),
        "\(document.path):\(number): an indented block is not tested")
    }
  }

  /// Code that is shown from a file is in it.
  @Test(arguments: try Document.all())
  func codeIsThatOfItsFile(_ document: Document) throws {
    for block in document.blocks where block.info.hasPrefix("swift ") {
      let path = String(block.info.dropFirst(6))
      let source = try String(contentsOf: Document.top.appending(path: path), encoding: .utf8)
      #expect(
        source.contains(block.lines.joined(separator: "\n")),
        "\(document.path):\(block.start): this code is not in \(path)")
    }
  }

  /// Runs a command and compares its exit code and output with what is shown.
  private func run(_ command: Document.Command, in sandbox: borrowing Sandbox) throws {
    var (text, shown) = (command.text, command.output)
    if command.needsHardware, !text.contains("gemsync list") {
      text = Self.onMocks(text)
      #expect(
        text != command.text, "\(command.place): has no device that a board must have; make it 'sh'"
      )
    }
    if Sandbox.hasNodes, !text.contains("--device"),
      text.contains(#/gemsync (check|info|run|fuzz|bringup)/#)
    {
      let end = text.firstIndex(of: "#") ?? text.endIndex
      text.insert(contentsOf: " --device mock:panthor ", at: end)
      shown = shown?.filter { !$0.hasPrefix("gemsync: there is no Mali GPU here") }
    }
    let result = try sandbox.run(text)
    let printed = result.lines.prefix(30).joined(separator: "\n  ")
    // There may be no node here to list.
    let isAllowed = text.contains("gemsync list") && result.code == 1
    #expect(
      result.code == command.code || isAllowed,
      "\(command.place): '\(text)' exits with \(result.code), not \(command.code):\n  \(printed)")
    guard let shown, let difference = ShownOutput(shown).difference(from: result.lines) else {
      return
    }
    Issue.record("\(command.place): '\(text)':\n\(difference)")
  }

  /// Runs a script's help, which must name the options shown that the command in it does not take.
  private func askForHelp(
    _ script: String, _ command: Document.Command, in sandbox: borrowing Sandbox
  ) throws {
    let path = Document.top.appending(path: "Scripts/\(script)").path
    let result = try sandbox.run("bash '\(path)' --help")
    #expect(
      result.code == 0 && result.lines.count >= 2, "\(command.place): Scripts/\(script) --help")
    var known = result.output
    if let name = command.text.firstMatch(of: Self.subcommands) {
      known += try sandbox.run("gemsync \(name.output.1) --help").output
    }
    for option in command.text.matches(of: #/\s(--[a-z0-9-]+)/#) {
      #expect(known.contains(option.output.1), "\(command.place): no help names \(option.output.1)")
    }
  }

  /// The same command for mocks instead of the devices of a board.
  private static func onMocks(_ text: String) -> String {
    text.replacing("--device all", with: "--device mock:all")
      .replacing(#/--device \/dev\/dri\/renderD[0-9]+/#, with: "--device mock:panthor")
      .replacing(#/--device driver:([a-z]+)/#) { "--device mock:\($0.output.1)" }
      .replacing(#/--device of:compatible=[^ ]+/#, with: "--device mock:panthor")
      .replacing(#/^sudo /#, with: "")
  }
}
