// SPDX-License-Identifier: MIT

import DRMConformance
import Foundation
import Reports
import Testing

/// Runs that keep their results in a folder, and go on after any end of their process.
@Suite(.serialized) struct ResumeTests {
  private static let checks = ["core", "panthor.bo_create"]

  private static func start(_ arguments: [String]) throws -> Process {
    let process = Process()
    process.executableURL = try CommandResult.program("gemsync")
    process.arguments = ["check"] + arguments + ["--format", "json"]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  private static func report(_ result: CommandResult) throws -> Report {
    try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
  }

  /// A run that is killed at random moments, also while it goes on, has each result once.
  ///
  /// `GEMSYNC_KILLS` is the number of kills in each way of running; 25 without it.
  @Test(arguments: [[], ["--isolate"]])
  func aKilledRunGoesOn(_ options: [String]) throws {
    let wanted = Int(ProcessInfo.processInfo.environment["GEMSYNC_KILLS"] ?? "") ?? 25
    let selection = Self.checks + ["--device", "mock:panthor"]
    let whole = try Self.report(try gemsync(["check"] + selection + ["--format", "json"]))
    try #require(whole.results.count >= 40)
    var (kills, incomplete, runs) = (0, 0, 0)
    while kills < wanted {
      try inDirectory { directory in
        let folder = directory + "/run"
        runs += 1
        var arguments = selection + ["--result", folder] + options
        var killed = 0
        // At most so many kills in one run: each may cost it one result.
        while killed < 8, kills < wanted {
          let process = try Self.start(arguments)
          // A run takes from a tenth of a second to a few; most moments are before its end.
          usleep(UInt32.random(in: 0...(options.isEmpty ? 150_000 : 900_000)))
          let isOver = !process.isRunning
          kill(process.processIdentifier, SIGKILL)
          process.waitUntilExit()
          let exists = FileManager.default.fileExists(atPath: folder + "/plan.json")
          if exists { arguments = ["--resume", folder] }
          if isOver { break }
          kills += 1
          killed += 1
        }
        let last = try gemsync(["check"] + arguments + ["--format", "json"])
        let report = try Self.report(last)
        #expect(report.results.map(\.id) == whole.results.map(\.id), "\(last.errors)")
        #expect(report.notRun == nil)
        var lost = 0
        for (row, right) in zip(report.results, whole.results) where row.verdict != right.verdict {
          #expect(row.verdict == .incomplete, "\(row.id)")
          #expect(row.reason?.hasPrefix("the runner ended; ") == true, "\(row.reason ?? "")")
          lost += 1
        }
        #expect(lost <= killed)
        #expect(last.code == (lost > 0 ? 1 : 0))
        incomplete += lost
        // What is finished stays so.
        let again = try gemsync("check", "--resume", folder, "--format", "json")
        #expect(try Self.report(again) == report)
      }
    }
    print("\(kills) kills in \(runs) runs, \(incomplete) items were in flight")
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func anInterruptedItemRunsAgain(_ signal: CInt) throws {
    try inDirectory { directory in
      let folder = directory + "/run"
      let process = try Self.start(
        [
          "core.gem_close", "--device", "mock:panthor", "--result", folder, "--inject",
          "hang:twice",
        ])
      usleep(1_500_000)
      kill(process.processIdentifier, signal)
      process.waitUntilExit()
      #expect(process.terminationStatus == 128 + signal)
      let resumed = try gemsync("check", "--resume", folder, "--no-isolate", "--format", "json")
      let report = try Self.report(resumed)
      #expect(report.results.count == 4 && report.results.allSatisfy { $0.verdict == .pass })
    }
  }

  /// Results do not replace the files of a run.
  @Test(arguments: ["journal.jsonl", "plan.json"])
  func theFilesOfARunAreNoOutput(_ name: String) throws {
    try inDirectory { directory in
      let folder = directory + "/run"
      _ = try gemsync("check", "core.version", "--device", "mock:panthor", "--result", folder)
      let before = try Data(contentsOf: URL(filePath: "\(folder)/\(name)"))
      for options in [
        ["--resume", folder], ["--device", "mock:panthor", "--rerun-failed", folder],
      ] {
        let result = try gemsync(["check"] + options + ["-o", "\(folder)/./\(name)"])
        #expect(result.code == 2 && result.errors.contains("is an input too"), "\(result.errors)")
      }
      #expect(try Data(contentsOf: URL(filePath: "\(folder)/\(name)")) == before)
    }
  }

  /// A script that disappears is a failure of its items, and the device goes on.
  @Test func aScriptThatDisappearsFailsAlone() throws {
    try inDirectory { directory in
      for name in ["a.yaml", "b.yaml"] {
        try ExampleScript.flush.write(
          toFile: "\(directory)/\(name)", atomically: true, encoding: .utf8)
      }
      let run = try CommandResult(
        shell: "gemsync run a.yaml b.yaml -d mock:panthor --result run --isolate --maxfail 1 "
          + "--inject crash:a.yaml; rm b.yaml; gemsync run --resume run --format json",
        in: directory)
      #expect(run.errors.contains("b.yaml: No such file or directory"), "\(run.errors)")
      #expect(!run.errors.contains("was lost"))
    }
  }

  @Test func whatFailsHasAFolder() throws {
    try inDirectory { directory in
      let folder = directory + "/run"
      let run = try gemsync(
        "check", "core.gem_close", "--device", "mock:panthor", "--result", folder, "--inject",
        "crash:twice", "--retry", "1")
      #expect(run.code == 1)
      let items = try FileManager.default.contentsOfDirectory(atPath: folder + "/items").sorted()
      #expect(items.count == 2)
      for item in items {
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/items/\(item)")
        #expect(files.contains("trace.jsonl") && files.contains("device.json"), "\(files)")
      }
      // An item that crashed has its verdict, and does not run again.
      let resumed = try gemsync("check", "--resume", folder, "--format", "json")
      #expect(try Self.report(resumed).results.map(\.verdict) == [.pass, .pass, .crash, .pass])
    }
  }

  @Test func whatFailedInAFolderRunsAgain() throws {
    try inDirectory { directory in
      let folder = directory + "/run"
      _ = try gemsync(
        "check", "core.gem_close", "--device", "mock:panthor", "--result", folder, "--inject",
        "crash:zero")
      let again = try gemsync(
        "check", "--device", "mock:panthor", "--rerun-failed", folder, "--format", "json")
      #expect(try Self.report(again).results.map(\.id) == ["core.gem_close.zero"])
      #expect(again.code == 0)
    }
  }

  /// A limit of the shell on the size of files stands for a full disk.
  @Test func aFullDiskEndsTheRunAndKeepsWhatWasDone() throws {
    try inDirectory { directory in
      let line =
        "ulimit -f 40; exec gemsync check core --device mock:panthor --result run --format json"
      let full = try CommandResult(shell: line, in: directory)
      #expect(full.code == 1)
      #expect(full.errors.contains("run/journal.jsonl: File too large"), "\(full.errors)")
      let before = try Self.report(full)
      #expect(before.results.count > 2 && (before.notRun ?? 0) > 10)
      let resumed = try CommandResult(
        shell: "gemsync check --resume run --format json", in: directory)
      let report = try Self.report(resumed)
      let kept = before.results.count - 1
      #expect(Array(report.results.prefix(kept)) == Array(before.results.prefix(kept)))
      #expect(report.notRun == nil)
      // The result that could not be written is not known any more.
      let others = report.results.filter { $0.verdict != .pass && $0.verdict != .skip }
      #expect(others.map(\.verdict) == [.incomplete])
    }
  }

  @Test func scriptsGoOnToo() throws {
    try inDirectory { directory in
      let script = directory + "/flush.yaml"
      try ExampleScript.flush.write(toFile: script, atomically: true, encoding: .utf8)
      let folder = directory + "/run"
      let run = try gemsync(
        "run", script, "--device", "mock:panthor", "--repeat", "3", "--result", folder, "--maxfail",
        "1", "--inject", "crash:flush")
      #expect(run.code == 1)
      let resumed = try gemsync("run", "--resume", folder, "--format", "json")
      #expect(try Self.report(resumed).results.map(\.verdict) == [.crash, .pass, .pass])
      let wrong = try gemsync("check", "--resume", folder)
      #expect(wrong.code == 2)
      #expect(
        wrong.errors
          == "gemsync: \(folder): a run of scripts; 'gemsync run --resume' goes on with it\n")
    }
  }

  @Test(
    arguments: [
      (["--resume", "/nonexistent"], "/nonexistent: "),
      (["--resume", "/dev"], "/dev/plan.json: "),
      (["--result", "/dev/null", "--device", "mock:panthor"], "/dev/null: "),
      (["--result", "/nonexistent/run", "--device", "mock:panthor"], "/nonexistent/run: "),
      (["--result", "a", "--resume", "b"], "--result and --resume exclude each other"),
      (["--resume", "b", "--retry", "2"], "it takes no --retry"),
      (["core", "--resume", "b"], "--resume goes on with the plan of its run"),
    ])
  func foldersThatCannotBeUsed(_ options: [String], _ message: String) throws {
    let result = try gemsync(["check"] + options)
    #expect(result.code == 2 && result.errors.contains(message), "\(result.errors)")
    #expect(result.output.isEmpty && result.errors.split(separator: "\n").count == 1)
  }
}
