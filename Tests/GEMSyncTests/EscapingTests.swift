// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// Hostile texts in names, files and arguments of every command: no control reaches the terminal.
@Suite struct EscapingTests {
  /// Clears the screen, sets the title, forges a line, and reorders and hides characters.
  private static let hostile =
    "x\u{1b}[2J\u{1b}]0;title\u{7}\n  FAIL forged\r\u{9b}31m\u{9d}0;t\u{9c}\u{202e}\u{2066}\u{200b}\u{7f}\u{feff}\u{2028}\t"

  /// The same as YAML and JSON escape it.
  private static let escaped = hostile.unicodeScalars.map { scalar in
    scalar.isASCII && scalar.value >= 32 && scalar.value < 127
      ? String(scalar) : String(format: "\\u%04x", scalar.value)
  }.joined()

  private static let script = """
    version: 1
    about: "\(escaped)"
    nodes: {gpu: [panfrost, panthor]}
    steps:
    - create: {bo: a, size: 4K, flags: [wb_mmap]}
    - write: {bo: a, size: 4, as: w}
    - submit: {job: j, do: [{read: {bo: a, size: 4, sees: w}}]}
    - wait: {job: j}
    """

  /// Scripts that are refused because of the text, wherever it stands.
  private static let broken = [
    "version: \"X\"", "\"X\": 1", "version: 1\nnodes: {\"X\": [panthor]}\nsteps: []",
    "version: 1\nnodes: {gpu: [\"X\"]}\nsteps: []", "version: 1\nsteps: [{\"X\": {}}]",
    "version: 1\nsteps: [{create: {bo: \"X\", size: 4K}}]",
    "version: 1\nsteps: [{create: {bo: a, size: \"X\"}}]",
    "version: 1\nsteps: [{create: {bo: a, size: 4K, flags: [\"X\"]}}]",
    "version: 1\nsteps: [{create: {bo: a, \"X\": 4K}}]",
    "version: 1\nsteps: [{close: {bo: \"X\"}}]",
    "version: 1\nsteps: [{wait: {job: \"X\"}}]", "version: 1\nsteps: \"X\"", "a: \"X\"\na: \"X\"",
    "version: 1\nsteps: [{create: {bo: a, size: 4K}, errno: \"X\"}]", "\"X\": [\"X\"",
  ].map { $0.replacing("X", with: escaped) }

  @Test(arguments: broken.indices)
  func refusedTextsAreEscaped(_ index: Int) throws {
    try inDirectory { directory in
      try Self.broken[index].write(
        toFile: directory + "/a.yaml", atomically: true, encoding: .utf8)
      for command in ["explore", "run", "bringup"] {
        let result = try CommandResult(shell: "gemsync \(command) a.yaml", in: directory)
        #expect(result.code == 2 && result.output.isEmpty)
        #expect(
          result.errors.unicodeScalars.dropLast().allSatisfy { $0 != "\n" && Self.isHarmless($0) })
      }
    }
  }

  /// One line of shell for each command; `$X` is the hostile text, and `$X.yaml` a script of that name.
  @Test(arguments: [
    "run \"$X.yaml\" --device mock:panthor", "run \"$X.yaml\" --device mock:panthor --verbose",
    "run \"$X.yaml\" --device mock:panthor --format json", "run . --device mock:vgem",
    "run \"$X.yaml\" --device mock:panthor --trace", "run \"$X\"", "run broken.yaml",
    "run \"$X.yaml\" --device mock:panthor --schedule \"$X\"",
    "run \"$X.yaml\" --device mock:panthor --schedule schedule.json",
    "run \"$X.yaml\" --dialect \"$X\"", "explore \"$X.yaml\"", "explore . --format json",
    "explore \"$X.yaml\" --node \"$X=mock:panthor\"", "explore \"$X.yaml\" --device \"mock:$X\"",
    "explore broken.yaml", "bringup . --device mock:panthor",
    "bringup \"$X.yaml\" --device mock:panfrost --format json", "check \"$X\"",
    "check --device \"$X\"", "check --device \"mock:$X\"", "check --device \"mock:panthor,$X\"",
    "check --device \"driver:$X\"", "check --device \"of:compatible=$X\"", "check --device \"/$X\"",
    "check core.version --device mock:panthor --output \"$X/$X\"", "info --device \"mock:$X\"",
    "fuzz --device mock:panthor --against \"$X\"",
    "fuzz --device mock:panthor --against \"mock:$X\"",
    "diff hostile.json hostile.json", "diff hostile.json other.json", "diff \"$X\" \"$X\"",
    "diff broken.yaml broken.yaml", "diff key.json key.json", "replay \"$X\"", "replay broken.yaml",
    "replay hostile.jsonl", "replay hostile.jsonl --device mock:panthor --keep-going",
    "record -o /dev/stdout -- run \"$X.yaml\" --device mock:panthor", "record -o t -- \"$X\"",
    "record -o t -- check \"--$X\"", "policies --output \"$X/$X\"", "\"$X\"", "--\"$X\"",
    "help \"$X\"", "list \"$X\"",
  ])
  func noControlReachesTheTerminal(_ line: String) throws {
    try inDirectory { directory in
      try prepare(directory)
      let result = try CommandResult(
        shell: "X=$(cat hostile; printf x); X=\"${X%x}\"; gemsync \(line)", in: directory)
      for text in [result.output, result.errors] {
        let scalars = text.unicodeScalars.filter { !Self.isHarmless($0) }
        #expect(scalars.isEmpty, "\(scalars.map { String($0.value, radix: 16) })")
        #expect(!text.split(separator: "\n").contains("  FAIL forged"))
      }
      #expect([0, 1, 2, 3, 77].contains(result.code))
      if line.hasSuffix("json") {
        let object = try? JSONSerialization.jsonObject(with: Data(result.output.utf8))
        #expect(object != nil || result.output.isEmpty || line.hasPrefix("diff"))
      }
    }
  }

  /// JSON has the texts themselves, by its escapes.
  @Test func jsonKeepsTheTexts() throws {
    try inDirectory { directory in
      try prepare(directory)
      let result = try CommandResult(shell: "gemsync explore . --format json", in: directory)
      let report =
        try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
      let rows = report?["explorations"] as? [[String: Any]]
      #expect(rows?.last?["script"] as? String == "./\(Self.hostile).yaml")
    }
  }

  private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
    if scalar == "\n" { return true }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: return false
    default: return true
    }
  }

  private func prepare(_ directory: String) throws {
    let files = [
      "hostile": Self.hostile, "\(Self.hostile).yaml": Self.script,
      "broken.yaml": "version: 1\nsteps:\n- \"\(Self.escaped)\": {}\n",
      "schedule.json":
        "{\"schema_version\": 1, \"events\": [{\"step\": 0, \"waiting\": false, \"action\": \"\(Self.escaped)\"}]}",
      "hostile.json": Self.report(observed: "a"), "other.json": Self.report(observed: "b"),
      "key.json": "{\"schema_version\": 1, \"devices\": [{\"\(Self.escaped)\": 1}]}",
      "hostile.jsonl": try Self.trace(),
    ]
    for (name, text) in files {
      // The name may not be longer than a file name may be.
      try Data(text.utf8).write(to: URL(filePath: "\(directory)/\(name)"))
    }
  }

  private static func report(observed: String) -> String {
    """
    {"schema_version": 1, "devices": [], "ignored": [], "results": [{"id": "\(escaped)", "verdict": "pass",
    "expected": [], "observed": ["\(observed)\(escaped)"], "seconds": 0, "device": "\(escaped)",
    "driver": "\(escaped)", "coherent": null, "reason": "\(escaped)"}]}
    """
  }

  /// A recorded trace with the text in every string that a reader may take.
  private static func trace() throws -> String {
    let recorded = try CommandResult(
      shell:
        "gemsync record -o /dev/stdout -- check core.version --device mock:panthor | grep '^{'",
      in: "/"
    ).output
    return recorded.replacing("\"VERSION\"", with: "\"VERSION\(escaped)\"")
      .replacing("\"panthor\"", with: "\"panthor\(escaped)\"")
  }
}
