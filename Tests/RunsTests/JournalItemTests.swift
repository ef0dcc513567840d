// SPDX-License-Identifier: MIT

import CallTrace
import DRMDrivers
import DRMKernel
import Foundation
import Reports
import Testing

@testable import Runs

/// The folders of attempts, and what they tell of an attempt that did not end.
@Suite struct JournalItemTests {
  private static let trace: [String] = {
    let header = TraceHeader(
      tool: "gemsync 1", command: [], time: nil, kernel: "mock", pageSize: 4096,
      location: "mock", devices: [], exporters: [:])
    let open = Call.open(path: "/dev/udmabuf", flags: 0)
    let poll = Call.poll(.given(1), events: 1, milliseconds: 5)
    return [
      header.text, CallEvent.began(1, open, start: nil).text(),
      CallEvent.ended(1, RecordedCall(open, CallOutcome(1))).text(),
      CallEvent.began(2, poll, start: nil).text(),
    ]
  }()

  private func folder(_ bench: Bench) throws -> ResultFolder {
    try .create(at: bench.folder, plan: .sample())
  }

  @Test func anItemHasItsFiles() throws {
    let bench = try Bench()
    let folder = try folder(bench)
    let item = try folder.makeItemFolder(7, attempt: 2)
    #expect(item.path == "\(bench.folder)/items/000007-2")
    for (path, name) in [
      (item.trace, "trace.jsonl"), (item.log, "log.txt"), (item.device, "device.json"),
      (item.standardError, "stderr.txt"), (item.coredump("devcd1"), "coredump-devcd1"),
    ] {
      #expect(path == "\(item.path)/\(name)")
      try bench.write("x", to: path)
    }
    // What a killed run left is replaced.
    _ = try folder.makeItemFolder(7, attempt: 2)
    #expect(bench.names(item.path) == [])
    // Links are removed, not followed.
    try FileManager.default.createDirectory(
      atPath: item.path + "/a/b", withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: item.path + "/a/link", withDestinationPath: bench.folder)
    try folder.remove(item)
    try folder.remove(item)
    #expect(bench.names("\(bench.folder)/items") == [])
    #expect(bench.names(bench.folder).count == 3)
  }

  @Test func theLastCallIsNamed() throws {
    let bench = try Bench()
    let item = try folder(bench).makeItemFolder(3, attempt: 1)
    let place = "items/000003-1/trace.jsonl"
    #expect(item.lastCall == "it had made no call")
    let whole = Self.trace.joined()
    let polled = "the last call was poll, which did not return (\(place):4)"
    let cases: [(String, String)] = [
      (Self.trace[0], "it had made no call"),
      (Self.trace[...1].joined(), "the last call was open, which did not return (\(place):2)"),
      (Self.trace[...2].joined(), "the last call was open, which returned (\(place):2)"),
      (whole, polled), (whole + String(repeating: "\0", count: 4000), polled),
      (whole + "{\"n\":2,\"res", polled), (whole + "\0\0\"}\n", polled),
      ("", "its calls are not known: \(place):1: the file is empty"),
    ]
    for (text, lastCall) in cases {
      try bench.write(text, to: item.trace)
      #expect(item.lastCall == lastCall)
    }
    // A trace may have any size.
    #expect(truncate(item.trace, 1 << 40) == 0)
    #expect(item.lastCall == "its calls are not known: \(item.trace): larger than 64 MiB")
  }

  @Test(arguments: [true, false])
  func anItemInFlightBecomesIncomplete(_ restarted: Bool) throws {
    let bench = try Bench()
    var folder: ResultFolder? = try folder(bench)
    try folder?.run(0)
    let item = try folder?.makeItemFolder(1, attempt: 1)
    try folder?.append(.began(item: 1, attempt: 1))
    try folder?.append(.began(item: 2, attempt: 1))
    try bench.write(Self.trace.joined(), to: try #require(item).trace)
    folder = nil
    if restarted {
      let text = String(decoding: try bench.bytes(bench.journal), as: UTF8.self)
      try bench.write(text.replacing(Boot.current.id, with: "another"), to: bench.journal)
    }
    folder = try .open(at: bench.folder)
    let end = restarted ? "the machine restarted" : "the runner ended"
    let row = try #require(folder?.history.rows(ofItem: 1).first)
    #expect(row.verdict == .incomplete && row.id == "panthor.check_0")
    #expect(row.device == "/dev/dri/renderD128" && row.driver == "panthor")
    #expect(
      row.reason
        == "\(end); the last call was poll, which did not return (items/000001-1/trace.jsonl:4)")
    let other = try #require(folder?.history.rows(ofItem: 2).first)
    #expect(other.reason == "\(end); it had made no call")
    #expect(folder?.history.itemsToRun.map(\.number) == [3, 4, 5, 6, 7])
    #expect(folder?.history.boot == .current)
    // The next process finds them ended.
    let before = folder?.history.report()
    folder = nil
    folder = try .open(at: bench.folder)
    #expect(folder?.history.report() == before)
  }

  @Test func theOldestFoldersArePruned() throws {
    let bench = try Bench()
    let folder = try folder(bench)
    let bytes = [UInt8](repeating: 1, count: 1000)
    // Not the order of their numbers.
    for item in [5, 2, 4, 1] {
      let path = try folder.makeItemFolder(item, attempt: 1)
      try folder.append(.began(item: item, attempt: 1))
      try bench.write(bytes, to: path.log)
      // Item 2 stays in flight.
      if item != 2 {
        try folder.append(.ended(item: item, attempt: 1, row: folder.plan.row(item, .fail)))
      }
    }
    let items = "\(bench.folder)/items"
    try FileManager.default.createDirectory(
      atPath: items + "/mine-1", withIntermediateDirectories: false)
    try FileManager.default.createDirectory(
      atPath: items + "/3-1", withIntermediateDirectories: false)
    let foreign = ["3-1", "mine-1"]
    try folder.prune(to: 4000)
    #expect(bench.names(items) == ["000001-1", "000002-1", "000004-1", "000005-1"] + foreign)
    try folder.prune(to: 3999)
    #expect(bench.names(items) == ["000001-1", "000002-1", "000004-1"] + foreign)
    try folder.prune(to: 0)
    #expect(bench.names(items) == ["000002-1"] + foreign)
    let journal = String(decoding: try bench.bytes(bench.journal), as: UTF8.self)
    let pruned = journal.split(separator: "\n").filter { $0.contains("\"pruned\"") }
    #expect(pruned.count == 3)
    #expect(
      pruned.first?.contains("{\"attempt\":1,\"bytes\":1000,\"event\":\"pruned\",\"item\":5,")
        == true)
    // A journal with such events is read.
    #expect(
      try JournalReader(folder.plan, Array(journal.utf8), named: "").size == journal.utf8.count)
  }
}
