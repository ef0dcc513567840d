// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// `-` in place of a file, and other inputs that are no regular files.
@Suite struct StandardStreamTests {
  private func shell(_ line: String, _ check: (CommandResult, String) throws -> Void) throws {
    try inDirectory { directory in
      let flush = ExampleScript.flush
      try flush.write(toFile: directory + "/a.yaml", atomically: true, encoding: .utf8)
      let result = try CommandResult(shell: line, in: directory)
      // No command writes a file of this name.
      #expect(!FileManager.default.fileExists(atPath: directory + "/-"))
      try check(result, directory)
    }
  }

  @Test(arguments: [
    "check core.version --device mock:panthor --output -",
    "check core.version --device mock:panthor --format json --output -",
    "run a.yaml --device mock:panthor --output -", "explore a.yaml --output -",
    "explore a.yaml --format json --output -", "info --device mock:panthor --output -",
    "check --list --output -", "run --schema --output -", "list --mocks --output -",
  ])
  func resultsGoToStdout(_ command: String) throws {
    try shell("gemsync \(command)") { result, directory in
      let plain = try CommandResult(
        shell: "gemsync \(command.replacing(" --output -", with: ""))", in: directory)
      #expect(result.code == plain.code && !result.output.isEmpty)
      let (lines, plainLines) = (lines(result.output), lines(plain.output))
      #expect(lines == plainLines)
    }
  }

  /// The lines without times.
  private func lines(_ text: String) -> [String] {
    text.replacing(/[0-9.]+ (s|ms)\b/, with: "").replacing(/"(seconds|time)" ?: ?[^,\n]*/, with: "")
      .split(separator: "\n").map(String.init)
  }

  @Test(arguments: [
    ("run - --device mock:panthor < a.yaml", "1 passed"),
    ("run - --device mock:panthor --verbose < a.yaml", "stdin"),
    ("cat a.yaml | gemsync run - --device mock:panthor", "1 passed"),
    ("explore - < a.yaml", "stdin on mock:panthor: proved"),
    ("explore - --output out.txt < a.yaml; cat out.txt", "stdin on mock:panthor: proved"),
    ("bringup - --device mock:panthor --trials 1 --verbose < a.yaml", "stdin"),
    ("check core.version --device mock:panthor --format json | gemsync diff - - 2>&1", "one input"),
    (
      "check core.version --device mock:panthor --format json > r; gemsync diff - r < r",
      "rows in stdin"
    ),
    ("record -o t -- run a.yaml --device mock:panthor && gemsync replay - < t", "no difference"),
    (
      "record -o - -- run a.yaml --device mock:panthor --output r | gemsync replay -",
      "no difference"
    ),
    ("explore a.yaml --device mock:panthor --repair - --output r; cat r", "proved"),
    ("doctor --collect c > d; gemsync doctor --root - < c > e; cmp d e && echo same", "same"),
    ("doctor --collect - --output r; cat r", "kernel"),
    (
      "fuzz --device mock:panthor --against mock:panthor,fault=sync_bound -o - 2>e | gemsync replay - | head -1; cat e",
      "differ"
    ),
  ])
  func inputsAndOutputsArePiped(_ line: String, _ text: String) throws {
    let line = line.hasPrefix("cat") ? line : "gemsync " + line
    try shell(line) { result, _ in
      #expect(result.output.contains(text), "\(result.output)\(result.errors)")
    }
  }

  @Test(arguments: [
    ("run fifo --device mock:panthor", "cat a.yaml", "1 passed"),
    ("explore fifo", "cat a.yaml", "fifo on mock:panthor: proved"),
    (
      "replay fifo", "gemsync record -o - -- run a.yaml --device mock:panthor --output r",
      "no difference"
    ),
    ("diff fifo r", "cat r", "0 differences"),
  ])
  func inputsAreFIFOs(_ command: String, _ writer: String, _ text: String) throws {
    let make = "mkfifo fifo; gemsync check core.version --device mock:panthor --format json > r; "
    try shell(make + "(\(writer)) > fifo & gemsync \(command); wait") { result, _ in
      #expect(result.output.contains(text), "\(result.output)\(result.errors)")
    }
  }

  @Test(arguments: [
    ("run - a.yaml - --device mock:panthor < a.yaml", "-: stdin can be one input only"),
    ("run - --device mock:panthor --schedule - < a.yaml", "-: stdin can be one input only"),
    ("diff - - < a.yaml", "-: stdin can be one input only"),
    ("run - --device mock:panthor <&-", "stdin: Bad file descriptor"),
    ("replay - <&-", "stdin: Bad file descriptor"),
    ("replay - < /", "stdin: Is a directory"),
    ("replay nowhere", "nowhere: No such file or directory"),
    ("diff . a.yaml", ".: Is a directory"),
    ("run a.yaml --device mock:panthor --schedule nowhere", "nowhere: No such file or directory"),
    ("run - --device mock:panthor --output a.yaml < a.yaml", "a.yaml: is an input too (-)"),
    ("record -o a.yaml -- run - --device mock:panthor < a.yaml", "a.yaml: is an input too (-)"),
    (
      "record -o - -- run a.yaml --device mock:panthor",
      "--output -: the results of run are on stdout too, so the trace needs a file"
    ),
    (
      "record -o - -- run a.yaml --device mock:panthor --output -",
      "--output -: the results of run are on stdout too, so the trace needs a file"
    ),
    (
      "record -o - -- fuzz --device mock:panthor --ops 10",
      "--output -: the results of fuzz are on stdout too, so the trace needs a file"
    ),
    (
      "record -o - -- check core.version --device mock:panthor --output r >&-",
      "stdout: Bad file descriptor"
    ),
    (
      "explore a.yaml --repair -",
      "--repair -: the results are on stdout too (--output writes them to a file)"
    ),
    (
      "doctor --collect -",
      "--collect -: the results are on stdout too (--output writes them to a file)"
    ),
  ])
  func wrongUseIsOneLine(_ command: String, _ message: String) throws {
    try shell("gemsync \(command)") { result, directory in
      #expect(result.code == 2 && result.output.isEmpty, "\(result.output)")
      #expect(result.errors == "gemsync: \(message)\n")
      let script = try String(contentsOfFile: directory + "/a.yaml", encoding: .utf8)
      #expect(script == ExampleScript.flush)
    }
  }

  @Test(arguments: [
    "printf 'version: 1\\nabout: x\\nsteps:\\n- frob: {}\\n' | gemsync run - --device mock:panthor",
    "printf 'version: 1\\nabout: x\\nsteps:\\n- frob: {}\\n' | gemsync explore -",
  ])
  func aPlaceInStdinIsNamed(_ line: String) throws {
    try shell(line) { result, _ in
      #expect(
        result.code == 2 && result.errors.hasPrefix("gemsync: stdin:4:3: "), "\(result.errors)")
    }
  }

  /// A file that the command opens does not become its stdout or stderr.
  @Test(arguments: ["2>&-", "<&- 2>&-", ">&-", ">&- 2>&-", "<&- >&- 2>&-"])
  func aClosedStreamIsNoFileOfTheCommand(_ redirection: String) throws {
    let command = "bringup --device mock:panthor --trials 1"
    try shell("gemsync record -o t -- \(command) \(redirection)") { result, directory in
      #expect(result.code == (redirection.contains(">&- ") || redirection == ">&-" ? 1 : 0))
      let trace = try String(contentsOfFile: directory + "/t", encoding: .utf8)
      #expect(trace.split(separator: "\n").allSatisfy { $0.hasPrefix("{") && $0.hasSuffix("}") })
    }
  }

  /// What a shell keeps in a file on stdout is not truncated.
  @Test func aTraceOnStdoutIsAppended() throws {
    let record = "gemsync record -o - -- run a.yaml --device mock:panthor --output r"
    try shell("echo before > t; \(record) >> t; head -1 t; sed 1d t | gemsync replay -") {
      result, _ in
      #expect(result.output.hasPrefix("before\n") && result.output.contains("no difference"))
    }
  }

  @Test(arguments: [
    "check core.version --device mock:panthor --output -", "run --schema",
    "check core.version --device mock:panthor", "explore a.yaml --format json",
    "record -o - -- run a.yaml --device mock:panthor --output r",
    "doctor --collect - --output r",
  ])
  func fullStdoutIsExitCode1(_ command: String) throws {
    try shell("gemsync \(command) > /dev/full") { result, _ in
      #expect(result.code == 1)
      #expect(result.errors.contains("No space left on device"), "\(result.errors)")
      #expect(result.errors.split(separator: "\n").count == 1)
    }
  }
}
