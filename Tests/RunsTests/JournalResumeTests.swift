// SPDX-License-Identifier: MIT

import DRMConformance
import Fuzzing
import Foundation
import Reports
import Testing

@testable import Runs

/// Runs that go on after their end came unexpectedly.
@Suite struct JournalResumeTests {
  /// A journal with events of every kind: two items failed, one was tried three times, one is in flight.
  private func sample(_ bench: Bench) throws -> [UInt8] {
    let folder = try ResultFolder.create(at: bench.folder, plan: .sample(10))
    try folder.run(0)
    try folder.run(1, .fail)
    try folder.run(1, attempt: 2, .fail)
    try folder.run(1, attempt: 3)
    try folder.append(.lost(device: 1, reason: "it is gone"))
    try folder.run(2, .skip)
    try folder.append(.began(item: 3, attempt: 1))
    try folder.append(.ended(item: 3, attempt: 1, row: folder.plan.row(3, .timeout)))
    try folder.append(.interrupted(signal: 15))
    try folder.append(.pruned(item: 1, attempt: 1, bytes: 100))
    try folder.append(.aborted(reason: "taint\n\u{1b}[0m \u{fc}"))
    try folder.append(.resumed(.current))
    for item in 4..<8 { try folder.run(item, item % 2 == 0 ? .pass : .fail) }
    for attempt in 2...3 { try folder.run(5, attempt: attempt, .fail) }
    try folder.append(.began(item: 8, attempt: 1))
    return try bench.bytes(bench.journal)
  }

  /// The items with a result, and their verdicts, after the run goes on from a journal to its end.
  private func completed(_ bench: Bench, reads: Bool) throws -> [Verdict] {
    var folder: ResultFolder? = try .open(at: bench.folder)
    let open = try #require(folder)
    #expect(open.history.inFlight.isEmpty)
    let plan = open.plan
    if !open.history.isFinished { try open.finish() }
    let report = open.history.report()
    folder = nil
    _ = folder
    #expect(report.notRun == nil)
    #expect(report.results.map(\.id) == plan.items.map(\.name))
    guard reads else { return report.results.map(\.verdict) }
    // Each attempt is once in the file, as a reader of it sees.
    let history = try JournalReader(plan, try bench.bytes(bench.journal), named: "").history
    #expect(Set(history.attempts).count == history.attempts.count)
    #expect(history.report() == report)
    return report.results.map(\.verdict)
  }

  @Test func aJournalThatIsCutAtAnyByteGoesOn() throws {
    let bench = try Bench()
    let whole = try sample(bench)
    let plan = Plan.sample(10)
    let starts = [0] + whole.indices.filter { whole[$0] == 0x0a }.map { $0 + 1 }
    #expect(starts.count > 30)
    for count in 0...whole.count {
      let written = Array(whole.prefix(count))
      try bench.write(written, to: bench.journal)
      let size = starts.last { $0 <= count } ?? 0
      let before = try JournalReader(plan, written, named: "")
      #expect(before.size == size)
      let expected = plan.items.map { item in
        before.history.inFlight.contains { $0.item == item.number }
          ? Verdict.incomplete : before.history.rows(ofItem: item.number).last?.verdict ?? .pass
      }
      #expect(try completed(bench, reads: count % 8 == 0) == expected, "cut at \(count)")
      #expect(try bench.bytes(bench.journal).starts(with: whole.prefix(size)))
    }
  }

  /// A power loss can leave zeroes, or previous contents of the disk, in place of what was not synced.
  @Test func damageAtTheEndIsTakenOff() throws {
    let bench = try Bench()
    let whole = try sample(bench)
    let last = try #require(whole.dropLast().lastIndex(of: 0x0a)) + 1
    var random = SeededRandom(seed: 1)
    let foreign = (0..<5000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    let (head, tail) = (Array(whole[..<last]), Array(whole[last...]))
    let zeroes: [UInt8] = [0, 0, 0]
    let long = [UInt8](repeating: 0x78, count: 2 << 20)
    let damaged: [(String, [UInt8])] = [
      ("zeroes", whole + [UInt8](repeating: 0, count: 4096)),
      ("many zeroes", whole + [UInt8](repeating: 0, count: 3 << 20)),
      ("zeroes and a newline", whole + zeroes + [0x0a]),
      ("the last line with zeroes", head + tail[..<20] + zeroes + tail[23...]),
      ("zeroes, then the end of a line", head + zeroes + tail[3...]),
      ("other contents", whole + foreign), ("no newline", whole + Array("garbage".utf8)),
      ("half a character", whole + [0xc3]), ("a long line", whole + long),
    ]
    for (name, bytes) in damaged {
      try bench.write(bytes, to: bench.journal)
      let folder = try ResultFolder.open(at: bench.folder)
      #expect(folder.history.rows(ofItem: 7).count == 1, "\(name)")
      let after = try bench.bytes(bench.journal)
      #expect(after.starts(with: head) && !after.contains(0), "\(name)")
    }
    // With events behind it, it is no damage of a power loss.
    let number = whole.count { $0 == 0x0a }
    try bench.write(head + [0, 0x0a] + tail, to: bench.journal)
    #expect(bench.openError() == "\(bench.journal):\(number): not JSON")
    try bench.write(whole + Array("garbage\n".utf8), to: bench.journal)
    #expect(bench.openError() == "\(bench.journal):\(number + 1): not JSON")
    #expect(try bench.bytes(bench.journal) == whole + Array("garbage\n".utf8))
  }

  /// Journals that no run wrote are read, or refused with one line that has a number.
  @Test func hostileJournalsAreReadOrRefused() throws {
    let bench = try Bench()
    let whole = try sample(bench)
    let plan = Plan.sample(10)
    let lines = whole.split(separator: 0x0a).map { $0 + [0x0a] }
    var random = SeededRandom(seed: 2)
    var (read, refused) = (0, 0)
    for round in 0..<3000 {
      var bytes: [UInt8]
      switch round % 4 {
      case 0:
        var swapped = lines
        swapped.swapAt(
          Int.random(in: lines.indices, using: &random),
          Int.random(in: lines.indices, using: &random))
        bytes = Array(swapped.joined())
      case 1:
        var doubled = lines
        doubled.insert(
          lines[Int.random(in: lines.indices, using: &random)],
          at: Int.random(in: lines.indices, using: &random))
        bytes = Array(doubled.joined())
      default:
        bytes = whole
        for _ in 0...(round % 3) {
          bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(
            in: 0...255, using: &random)
        }
      }
      do {
        let reader = try JournalReader(plan, bytes, named: "journal.jsonl")
        read += 1
        let report = reader.history.report()
        #expect(report.results.count + (report.notRun ?? 0) == plan.items.count)
        #expect(
          try JournalReader(plan, Array(bytes[..<reader.size]), named: "").size == reader.size)
      } catch {
        refused += 1
        let pattern = #/journal\.jsonl:[1-9][0-9]*: [^\n]+/#
        #expect(error.description.wholeMatch(of: pattern) != nil, "\(error)")
      }
    }
    #expect(read > 100 && refused > 1000, "\(read) read, \(refused) refused")
  }

  @Test func aFinishedRunStaysFinished() throws {
    let bench = try Bench()
    var folder: ResultFolder? = try .create(at: bench.folder, plan: .sample())
    try folder?.finish()
    folder = nil
    let before = try bench.bytes(bench.journal)
    folder = try .open(at: bench.folder)
    #expect(folder?.history.isFinished == true && folder?.history.itemsToRun.isEmpty == true)
    #expect(try bench.bytes(bench.journal) == before)
  }

  @Test func theReportHasThePlansOrder() throws {
    let bench = try Bench()
    let folder = try ResultFolder.create(at: bench.folder, plan: .sample(4))
    try folder.run(3, .fail)
    try folder.run(0, .fail)
    try folder.run(0, attempt: 2, .pass)
    try folder.append(.began(item: 2, attempt: 1))
    #expect(folder.history.itemsToRun.map(\.number) == [1])
    #expect(folder.history.rows(ofItem: 0).map(\.verdict) == [.fail, .pass])
    let report = folder.history.report()
    #expect(report.results.map(\.verdict) == [.pass, .incomplete, .fail])
    #expect(report.results.map(\.id) == ["panthor.check_0", "panthor.check_1", "panthor.check_1"])
    #expect(report.notRun == 1 && report.devices == folder.plan.devices)
  }

  /// Scripts have a path in the plan, and their id in results.
  @Test func scriptsAreKnownByTheirPaths() throws {
    let bench = try Bench()
    let plan = Plan(
      tool: "t", command: [], work: .sample, policy: .sample, devices: [.sample("mock:panthor")],
      items: [Plan.Item(number: 0, device: 0, name: "dir/My Script.yaml", round: 1)])
    let folder = try ResultFolder.create(at: bench.folder, plan: plan)
    try folder.append(.began(item: 0, attempt: 1))
    let report = folder.history.report()
    #expect(report.results.map(\.id) == ["my_script"])
    try folder.append(.ended(item: 0, attempt: 1, row: report.results[0]))
  }

  /// A device that was lost may be back.
  @Test func aResumedRunTriesLostDevicesAgain() throws {
    let bench = try Bench()
    var folder: ResultFolder? = try .create(at: bench.folder, plan: .sample())
    try folder?.append(.lost(device: 1, reason: "gone"))
    #expect(folder?.history.lostDevices == [1: "gone"])
    folder = nil
    folder = try .open(at: bench.folder)
    #expect(folder?.history.lostDevices == [:])
  }

  @Test func aLongJournalIsReadInLinearTime() throws {
    /// The time that this thread has run, in nanoseconds.
    func processorTime() -> Int {
      var time = timespec()
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
      return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
    func seconds(_ count: Int) throws -> Double {
      let plan = Plan.sample(count)
      var bytes = Array(JSON.line(JournalLine(.start(.current))).utf8)
      for item in plan.items.indices {
        bytes += JSON.line(JournalLine(.began(item: item, attempt: 1))).utf8
        bytes += JSON.line(JournalLine(.ended(item: item, attempt: 1, row: plan.row(item)))).utf8
      }
      let start = processorTime()
      let reader = try JournalReader(plan, bytes, named: "")
      #expect(reader.size == bytes.count && reader.history.itemsToRun.isEmpty)
      return Double(processorTime() - start) / 1e9
    }
    let (few, many) = (try seconds(500), try seconds(5000))
    // Ten times as much; squared it would be a hundred times.
    #expect(many < 50 * few, "\(few) s, \(many) s")
  }
}
