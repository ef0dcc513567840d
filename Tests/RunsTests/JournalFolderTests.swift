// SPDX-License-Identifier: MIT

import DRMKernel
import Foundation
import Reports
import Testing

@testable import Runs

/// Creating and opening result folders.
@Suite struct JournalFolderTests {
  @Test func aFolderAppearsWithItsPlanAndAStartedJournal() throws {
    let bench = try Bench()
    let folder = try ResultFolder.create(at: bench.folder + "//", plan: .sample())
    #expect(folder.path == bench.folder)
    #expect(bench.names() == ["run"])
    #expect(bench.names(bench.folder) == ["items", "journal.jsonl", "plan.json"])
    #expect(try Plan(contentsOf: bench.planFile) == .sample())
    let journal = String(decoding: try bench.bytes(bench.journal), as: UTF8.self)
    let pattern =
      #"^\{"boot_id":"[^"]*","event":"start","kernel":"[^"]*","schema_version":1,"time":"[0-9-]+T[0-9:]+Z"\}\n$"#
    #expect(journal.range(of: pattern, options: .regularExpression) != nil, "\(journal)")
    #expect(folder.history.boot == .current)
    #expect(folder.history.itemsToRun.count == 8)
  }

  /// All is refused before anything runs, and nothing is left beside it.
  @Test func aFolderThatCannotBeCreatedIsRefused() throws {
    let bench = try Bench()
    try bench.write("x", to: bench.root + "/file")
    try FileManager.default.createSymbolicLink(
      atPath: bench.root + "/link", withDestinationPath: "nowhere")
    let before = bench.names()
    let long = String(repeating: "x", count: 300)
    let exists = "File exists (--resume goes on with the run in it)"
    for (name, reason) in [
      ("", exists), ("file", exists), ("file/", exists), ("link", exists), (".", exists),
      ("none/run", "No such file or directory"), ("file/run", "Not a directory"),
      ("run/.", "No such file or directory"), (long, "File name too long"),
      ("link/run", "No such file or directory"),
    ] {
      let path = "\(bench.root)/\(name)"
      let error = #expect(throws: ReportError.self) {
        try ResultFolder.create(at: path, plan: .sample())
      }
      let shown = name.hasSuffix("/") || name.isEmpty ? String(path.dropLast()) : path
      #expect(error?.description == "\(shown): \(reason)")
      #expect(error?.exitCode == 2)
    }
    #expect(throws: ReportError(description: ": No such file or directory")) {
      try ResultFolder.create(at: "", plan: .sample())
    }
    #expect(bench.names() == before)
  }

  /// Root may write anywhere but where the file system refuses it, as that of sysfs does.
  @Test func aFolderThatIsReadOnlyIsRefused() throws {
    for parent in ["/sys/kernel", "/proc/self"] {
      let path = "\(parent)/gemsync"
      guard mkdir(path, 0o777) != 0 else {
        rmdir(path)
        Issue.record("\(parent) is writable")
        continue
      }
      let sentence = DRMKernel.Errno(rawValue: errno).sentence
      #expect(throws: ReportError(description: "\(path): \(sentence)")) {
        try ResultFolder.create(at: path, plan: .sample())
      }
    }
  }

  @Test func whatAKilledRunLeftDoesNoHarm() throws {
    let bench = try Bench()
    let left = bench.root + "/.gemsync-123"
    try FileManager.default.createDirectory(atPath: left, withIntermediateDirectories: false)
    try bench.create()
    #expect(bench.names() == [".gemsync-123", "run"])
    #expect(bench.openError() == nil)
  }

  @Test func oneOfSeveralCreatorsWins() async throws {
    let bench = try Bench()
    for round in 0..<20 {
      let path = "\(bench.root)/\(round)"
      let winners = await withTaskGroup(of: ResultFolder?.self) { group in
        for _ in 0..<4 {
          group.addTask { try? ResultFolder.create(at: path, plan: .sample()) }
        }
        return await group.reduce(into: []) { if let folder = $1 { $0.append(folder) } }
      }
      #expect(winners.count == 1)
    }
    #expect(bench.names().count == 20)
  }

  @Test func aFolderHasOneProcess() throws {
    let bench = try Bench()
    var folder: ResultFolder? = try .create(at: bench.folder, plan: .sample())
    #expect(bench.openError() == "\(bench.folder): in use by another process")
    try folder?.run(0)
    folder = nil
    folder = try .open(at: bench.folder)
    #expect(bench.openError() == "\(bench.folder): in use by another process")
    _ = folder
  }

  /// A child that a killed runner had just started has the lock until its program starts.
  @Test func aLockThatIsAboutToEndIsWaitedFor() throws {
    let bench = try Bench()
    var folder: ResultFolder? = try .create(at: bench.folder, plan: .sample())
    let copy = dup(try #require(bench.descriptors(of: bench.journal).first))
    folder = nil
    _ = folder
    Thread.detachNewThread {
      usleep(100_000)
      close(copy)
    }
    #expect(bench.openError() == nil)
  }

  @Test func aForeignFolderIsRefused() throws {
    let bench = try Bench()
    let none = "No such file or directory"
    #expect(bench.openError() == "\(bench.folder): \(none)")
    try bench.write("x", to: bench.folder)
    #expect(bench.openError() == "\(bench.folder): Not a directory")
    try FileManager.default.removeItem(atPath: bench.folder)
    try FileManager.default.createDirectory(
      atPath: bench.folder, withIntermediateDirectories: false)
    let hint = "(not the result folder of a run)"
    #expect(bench.openError() == "\(bench.planFile): \(none) \(hint)")
    try bench.write(JSON.line(Plan.sample()), to: bench.planFile)
    #expect(bench.openError() == "\(bench.journal): \(none) \(hint)")
    #expect(mkfifo(bench.journal, 0o666) == 0)
    #expect(bench.openError() == "\(bench.journal): not a regular file")
    #expect(unlink(bench.journal) == 0)
    try FileManager.default.createSymbolicLink(
      atPath: bench.journal, withDestinationPath: bench.planFile)
    #expect(bench.openError() == "\(bench.journal): Too many levels of symbolic links")
    #expect(unlink(bench.planFile) == 0)
    #expect(mkfifo(bench.planFile, 0o666) == 0)
    #expect(bench.openError() == "\(bench.planFile): not a regular file")
  }

  @Test func aDamagedPlanIsRefused() throws {
    let bench = try Bench()
    try bench.create()
    let plan = JSON.line(Plan.sample(2))
    func refused(_ text: String, _ reason: String) throws {
      try bench.write(text, to: bench.planFile)
      #expect(bench.openError() == "\(bench.planFile):1: \(reason)")
    }
    try refused("", "not JSON")
    for count in stride(from: 1, to: plan.utf8.count - 1, by: 7) {
      try refused(String(plan.prefix(count)), "not JSON")
    }
    try refused("{}", "no key 'schema_version' in $")
    try refused("{\"schema_version\":1}", "no key 'isolated' in $")
    try refused(
      plan.replacing("\"schema_version\":1", with: "\"schema_version\":2"),
      "schema_version is 2, this gemsync reads 1")
    try refused(
      plan.replacing("\"number\":1", with: "\"number\":0"), "item 1 has the number 0")
    try refused(
      plan.replacing("\"device\":1", with: "\"device\":2"),
      "item 1 is on device 2, the plan has 2")
    try refused(
      plan.replacing("\"device\":1", with: "\"device\":-9223372036854775808"),
      "item 1 is on device -9223372036854775808, the plan has 2")
    try refused(plan.replacing("\"round\":1", with: "\"round\":0"), "item 0 is in round 0")
    try refused(
      plan.replacing("\"round\":1", with: "\"round\":\"x\""),
      "wrong value at $.items[0].round: Expected to decode Int but found a string instead.")
  }

  /// Names of files, and texts in them, may hold anything; an error is one line.
  @Test func errorsAreEscaped() throws {
    let bench = try Bench()
    let path = bench.root + "/a\n\u{1b}[31m"
    let error = #expect(throws: ReportError.self) { try ResultFolder.open(at: path) }
    #expect(
      error?.description == "\(bench.root)/a\\n\\x1b[31m: No such file or directory")
  }
}

extension Bench {
  /// The open descriptors of this process for a file.
  func descriptors(of path: String) -> [CInt] {
    names("/proc/self/fd").compactMap { CInt($0) }.filter { number in
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(number)"))
        == path
    }
  }
}
