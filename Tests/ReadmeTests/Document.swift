// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// A Markdown file of the project: README or an article.
struct Document: CustomTestStringConvertible, Sendable {
  /// A fenced code block.
  struct Block: Sendable {
    /// What follows the opening fence, such as `console` or `yaml flush.yaml`.
    let info: String
    /// The number of the first line inside, counted from 1.
    let start: Int
    let lines: [String]
  }

  /// One command of a code block, and the output shown below it.
  struct Command: Sendable {
    /// Where it stands, as `README.md:12`.
    let place: String
    let text: String
    /// The exit code that a comment such as `# exit 1` states, else 0.
    let code: Int32
    /// Nil where the block shows no output.
    let output: [String]?
    /// Whether it needs a board or a VM, so that mocks stand for its devices.
    let needsHardware: Bool
  }

  /// The path from the top of the package.
  let path: String
  let lines: [String]
  let blocks: [Block]

  /// Reads a file.
  init(_ path: String) throws {
    let text = try String(contentsOf: Self.top.appending(path: path), encoding: .utf8)
    var blocks: [Block] = []
    var open: (info: String, start: Int, lines: [String])?
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for (index, line) in lines.enumerated() {
      let isFence = line.trimmingPrefix(while: \.isWhitespace).hasPrefix("```")
      if let block = open, isFence {
        blocks.append(Block(info: block.info, start: block.start, lines: block.lines))
        open = nil
      } else if isFence {
        open = (String(line.drop { $0.isWhitespace || $0 == "`" }), index + 2, [])
      } else {
        open?.lines.append(line)
      }
    }
    self.path = path
    self.lines = lines
    self.blocks = blocks
  }

  var testDescription: String { path }

  /// The name without folders and `.md`.
  var name: String { URL(filePath: path).deletingPathExtension().lastPathComponent }

  /// The lines outside code blocks, with their numbers.
  var prose: [(number: Int, text: String)] {
    var inside = false
    return lines.enumerated().compactMap { index, line in
      if line.trimmingPrefix(while: \.isWhitespace).hasPrefix("```") {
        inside.toggle()
        return nil
      }
      return inside ? nil : (index + 1, line)
    }
  }

  /// The code spans outside code blocks, with the numbers of their lines.
  var spans: [(number: Int, text: String)] {
    prose.flatMap { number, line in
      line.matches(of: #/`([^`]+)`/#).map { (number, String($0.output.1)) }
    }
  }

  /// Every command of the blocks that hold commands: `console`, `sh` and `sh board`.
  var commands: [Command] {
    blocks.flatMap { block -> [Command] in
      switch block.info {
      case "console": sessions(of: block)
      case "sh", "sh board":
        block.lines.enumerated().compactMap { index, line in
          line.isEmpty || line.hasPrefix("#")
            ? nil
            : command(line, nil, at: block.start + index, needsHardware: block.info == "sh board")
        }
      default: []
      }
    }
  }

  /// The commands of a `console` block: lines after a prompt, and the output up to the next one.
  private func sessions(of block: Block) -> [Command] {
    var commands: [Command] = []
    var rest = Array(block.lines.enumerated())[...]
    while let (index, line) = rest.popFirst() {
      guard line.hasPrefix("$ ") else {
        // Output without a command: reported as a command that cannot be run.
        commands.append(command(line, [], at: block.start + index, needsHardware: false))
        continue
      }
      let output = rest.prefix { !$0.element.hasPrefix("$ ") }
      rest = rest.dropFirst(output.count)
      commands.append(
        command(
          String(line.dropFirst(2)), output.map(\.element), at: block.start + index,
          needsHardware: false))
    }
    return commands
  }

  private func command(
    _ text: String, _ output: [String]?, at number: Int, needsHardware: Bool
  ) -> Command {
    let code = text.firstMatch(of: #/# exit ([0-9]+)/#).flatMap { Int32($0.output.1) } ?? 0
    return Command(
      place: "\(path):\(number)", text: text, code: code, output: output,
      needsHardware: needsHardware)
  }

  /// The rows of the table whose header has this first cell, each as its cells.
  func table(_ header: String) -> [[String]] {
    let rows = lines.drop { !$0.hasPrefix("| \(header) |") }.dropFirst(2)
    return rows.prefix { $0.hasPrefix("|") }.map { row in
      row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }

  /// The top of the package.
  static let top = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The folder of the articles.
  static let articles = "Sources/DRM/DRM.docc"

  /// README and every article.
  static func all() throws -> [Document] {
    let names = try FileManager.default.contentsOfDirectory(
      atPath: top.appending(path: articles).path)
    return try [Document("README.md")]
      + names.filter { $0.hasSuffix(".md") }.sorted().map { try Document("\(articles)/\($0)") }
  }
}
