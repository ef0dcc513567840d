// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// Where results are written, which is found out before anything runs.
@Suite struct OutputTests {
  /// Command lines in which `OUT` is an input too, by any path and link.
  @Test(
    arguments: [
      "explore a.yaml --output OUT", "explore . --output OUT",
      "run a.yaml --device mock:panthor --output OUT", "run b.yaml a.yaml --output OUT",
      "bringup a.yaml --device mock:panthor --output OUT",
      "record -o OUT -- run a.yaml --device mock:panthor",
      "record -o t -- run a.yaml --device mock:panthor --output OUT",
      "record -o OUT -- run . --device mock:panthor",
    ], ["a.yaml", "./a.yaml", "folder/../a.yaml", "soft", "hard", "PWD/a.yaml"])
  func outputIsNeverAnInput(_ command: String, _ output: String) throws {
    try inDirectory { directory in
      try prepare(directory)
      let line = command.replacing("OUT", with: output.replacing("PWD", with: directory))
      let result = try CommandResult(shell: "gemsync \(line)", in: directory)
      #expect(result.code == 2 && result.output.isEmpty, "\(result.output)")
      #expect(result.errors.contains("is an input too"), "\(result.errors)")
      #expect(result.errors.split(separator: "\n").count == 1)
      try expectUnchanged(directory)
    }
  }

  @Test func scheduleIsAnInputToo() throws {
    try inDirectory { directory in
      try prepare(directory)
      let schedule = "{\"schema_version\": 1, \"events\": []}"
      try schedule.write(toFile: directory + "/s.json", atomically: true, encoding: .utf8)
      let run = "run a.yaml --device mock:panthor,fill=never --schedule s.json"
      for line in ["\(run) --output s.json", "record -o s.json -- \(run)"] {
        let result = try CommandResult(shell: "gemsync \(line)", in: directory)
        #expect(result.code == 2 && result.errors.contains("s.json: is an input too"))
      }
      #expect(try String(contentsOfFile: directory + "/s.json", encoding: .utf8) == schedule)
    }
  }

  /// A script that cannot be read is an input all the same.
  @Test func badScriptIsNotOverwritten() throws {
    try inDirectory { directory in
      try prepare(directory)
      try "frob".write(toFile: directory + "/c.yaml", atomically: true, encoding: .utf8)
      let result = try CommandResult(shell: "gemsync explore . --output c.yaml", in: directory)
      #expect(result.code == 2 && result.errors.contains("c.yaml: is an input too"))
      #expect(try String(contentsOfFile: directory + "/c.yaml", encoding: .utf8) == "frob")
    }
  }

  @Test func recordingAndResultsAreTwoFiles() throws {
    try inDirectory { directory in
      try prepare(directory)
      for output in ["x", "./x", "folder/../x"] {
        let line =
          "gemsync record -o x -- run a.yaml --device mock:panthor --output \(output)"
        let result = try CommandResult(shell: line, in: directory)
        #expect(result.code == 2 && result.errors.contains("is the output of record too"))
        #expect(!FileManager.default.fileExists(atPath: directory + "/x"))
      }
    }
  }

  /// Command lines that would run for minutes, with an output that cannot be written.
  @Test(
    arguments: [
      "check --device mock:all --output OUT",
      "run a.yaml --device mock:panthor --repeat 100000000 --output OUT",
      "explore a.yaml --output OUT", "bringup --device mock:panthor --output OUT",
      "fuzz --device mock:panthor --against mock:panthor --ops 1000000000 -o OUT",
      "record -o OUT -- fuzz --device mock:panthor --ops 1000000000",
      "record -o t -- run a.yaml --device mock:panthor --repeat 100000000 --output OUT",
      "policies --output OUT", "info --device mock:panthor --output OUT",
      "check --list --output OUT", "run --schema --output OUT",
    ],
    [
      ("folder", "Is a directory"), ("nowhere/x", "No such file or directory"),
      ("a.yaml/x", "Not a directory"), (String(repeating: "x", count: 300), "File name too long"),
      ("dangling", "a link to a file that does not exist"),
      ("/proc/x", "No such file or directory"),
      ("loop", "Too many levels of symbolic links"), ("folder/", "Is a directory"),
    ])
  func outputThatCannotBeWrittenIsFoundOutFirst(
    _ command: String, _ output: (path: String, reason: String)
  ) throws {
    try inDirectory { directory in
      try prepare(directory)
      let line = command.replacing("OUT", with: output.path)
      let result = try CommandResult(shell: "gemsync \(line)", in: directory)
      #expect(result.code == 2 && result.output.isEmpty)
      #expect(result.errors == "gemsync: \(output.path): \(output.reason)\n")
      try expectUnchanged(directory)
    }
  }

  @Test func fullDeviceShowsAtTheEnd() throws {
    let result = try gemsync(
      "check", "core.version", "--device", "mock:panthor", "--output", "/dev/full")
    #expect(result.code == 1 && result.errors == "gemsync: /dev/full: No space left on device\n")
  }

  @Test func replacedFileKeepsItsMode() throws {
    try inDirectory { directory in
      let files = FileManager.default
      let file = directory + "/out"
      #expect(files.createFile(atPath: file, contents: nil, attributes: [.posixPermissions: 0o600]))
      try files.createSymbolicLink(atPath: directory + "/link", withDestinationPath: "out")
      let line = "gemsync check core.version --device mock:panthor --output link"
      #expect(try CommandResult(shell: line, in: directory).code == 0)
      #expect(try files.destinationOfSymbolicLink(atPath: directory + "/link") == "out")
      let attributes = try files.attributesOfItem(atPath: file)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
      #expect(try String(contentsOfFile: file, encoding: .utf8).hasPrefix("mock:panthor"))
      #expect(try files.contentsOfDirectory(atPath: directory).sorted() == ["link", "out"])
    }
  }

  @Test func closedErrorStreamDoesNotLoseResults() throws {
    for redirection in ["2>&-", "2>/dev/full"] {
      let result = try CommandResult(
        shell: "gemsync bringup --device mock:panthor \(redirection)", in: "/")
      #expect(result.code == 0 && result.output.contains("53 passed"))
    }
  }

  private func prepare(_ directory: String) throws {
    let files = FileManager.default
    for name in ["a.yaml", "b.yaml"] {
      try ExampleScript.flush.write(
        toFile: "\(directory)/\(name)", atomically: true, encoding: .utf8)
    }
    try files.createDirectory(atPath: directory + "/folder", withIntermediateDirectories: true)
    try files.createSymbolicLink(atPath: directory + "/soft", withDestinationPath: "a.yaml")
    try files.createSymbolicLink(atPath: directory + "/dangling", withDestinationPath: "none")
    try files.createSymbolicLink(atPath: directory + "/loop", withDestinationPath: "loop")
    try files.linkItem(atPath: directory + "/a.yaml", toPath: directory + "/hard")
  }

  private func expectUnchanged(_ directory: String) throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    #expect(names == ["a.yaml", "b.yaml", "dangling", "folder", "hard", "loop", "soft"])
    for name in ["a.yaml", "b.yaml", "hard"] {
      #expect(
        try String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8) == ExampleScript.flush)
    }
  }
}
