// SPDX-License-Identifier: MIT

import DRMKernel
import Foundation
import Reports
import Testing

@testable import Runs

/// Writing and reading the events of a run.
@Suite struct JournalTests {
  private static let header =
    #"{"boot_id":"b","event":"start","kernel":"k","schema_version":1,"time":"t"}"# + "\n"

  private func read(_ lines: String...) -> String {
    do {
      let reader = try JournalReader(
        .sample(), Array((Self.header + lines.map { $0 + "\n" }.joined()).utf8),
        named: "journal.jsonl")
      return "read \(reader.size)"
    } catch {
      return error.description
    }
  }

  private func line(_ event: JournalEvent) -> String {
    String(JSON.line(JournalLine(event)).dropLast())
  }

  @Test func everyEventHasItsKeys() throws {
    let boot = Boot(id: "b", kernel: "k")
    let row = Plan.sample().row(0)
    let rowText =
      #"{"coherent":false,"device":"mock:panthor","driver":"panthor","expected":[],"id":"panthor.check_0","observed":[],"reason":null,"seconds":0.25,"steps":null,"verdict":"pass"}"#
    let events: [(JournalEvent, String)] = [
      (.start(boot), #"{"boot_id":"b","event":"start","kernel":"k","schema_version":1,"time":T}"#),
      (.resumed(boot), #"{"boot_id":"b","event":"resumed","kernel":"k","time":T}"#),
      (.began(item: 3, attempt: 2), #"{"attempt":2,"event":"began","item":3,"time":T}"#),
      (
        .ended(item: 3, attempt: 2, row: row),
        #"{"attempt":2,"event":"ended","item":3,"row":\#(rowText),"time":T}"#
      ),
      (
        .lost(device: 1, reason: "a\nb"),
        #"{"device":1,"event":"lost","reason":"a\nb","time":T}"#
      ),
      (.interrupted(signal: 2), #"{"event":"interrupted","signal":2,"time":T}"#),
      (.aborted(reason: "taint"), #"{"event":"aborted","reason":"taint","time":T}"#),
      (
        .pruned(item: 3, attempt: 1, bytes: 9),
        #"{"attempt":1,"bytes":9,"event":"pruned","item":3,"time":T}"#
      ),
      (.finished, #"{"event":"finished","time":T}"#),
    ]
    for (event, text) in events {
      let line = line(event)
      let shown = line.replacing(#/"time":"[0-9-]+T[0-9:]+Z"/#, with: "\"time\":T")
      #expect(shown == text)
      #expect(try JSONDecoder().decode(JournalLine.self, from: Data(line.utf8)).event == event)
    }
  }

  @Test func linesThatNoRunWritesAreErrors() {
    let plan = Plan.sample()
    func began(_ item: Int, _ attempt: Int = 1) -> String {
      line(.began(item: item, attempt: attempt))
    }
    func ended(_ item: Int, _ attempt: Int = 1, _ row: ResultRow? = nil) -> String {
      line(.ended(item: item, attempt: attempt, row: row ?? plan.row(item)))
    }
    let resumed = line(.resumed(.current))
    let finished = line(.finished)
    func error(_ number: Int, _ reason: String) -> String { "journal.jsonl:\(number): \(reason)" }

    #expect(read("hello") == error(2, "not JSON"))
    #expect(read("", began(0)) == error(2, "not JSON"))
    #expect(read("\0\0", began(0)) == error(2, "not JSON"))
    #expect(read("{}") == error(2, "no key 'event' in $"))
    #expect(read(#"{"event":"began","attempt":1}"#) == error(2, "no key 'item' in $"))
    #expect(
      read(#"{"event":"began","item":"x","attempt":1}"#)
        == error(2, "wrong value at $.item: Expected to decode Int but found a string instead."))
    #expect(read(began(8)) == error(2, "item 8 is not in the plan, which has 8"))
    #expect(read(began(-1)) == error(2, "item -1 is not in the plan, which has 8"))
    #expect(
      read(ended(0)) == error(2, "attempt 1 of item 0 ends and did not begin"))
    #expect(
      read(began(0), ended(0, 2)) == error(3, "attempt 2 of item 0 ends and did not begin"))
    #expect(
      read(began(0), ended(0), ended(0)) == error(4, "attempt 1 of item 0 ends a second time"))
    #expect(
      read(began(0), began(0)) == error(3, "item 0 begins again before attempt 1 ended"))
    #expect(
      read(began(0, 2)) == error(2, "attempt 2 of item 0 begins, attempt 1 is the next one"))
    #expect(
      read(began(0), ended(0), began(0, 3))
        == error(4, "attempt 3 of item 0 begins, attempt 2 is the next one"))
    #expect(
      read(began(0), ended(0), began(0))
        == error(4, "attempt 1 of item 0 begins, attempt 2 is the next one"))
    #expect(
      read(began(0), ended(0, 1, plan.row(2)))
        == error(
          3,
          "a result of panthor.check_1 on mock:panthor, item 0 is panthor.check_0 on mock:panthor"
        ))
    #expect(
      read(began(0), ended(0, 1, plan.row(1)))
        == error(
          3,
          "a result of panthor.check_0 on /dev/dri/renderD128, item 0 is panthor.check_0 on mock:panthor"
        ))
    #expect(
      read(finished, began(0))
        == error(3, "an event after 'finished', without 'resumed' between them"))
    #expect(
      read(began(0), finished) == error(3, "the run finishes while item 0 is in flight"))
    #expect(
      read(began(0), resumed) == error(3, "the run is resumed while item 0 is in flight"))
    #expect(read(line(.start(.current))) == error(2, "the journal starts a second time"))
    #expect(
      read(line(.lost(device: 2, reason: "")))
        == error(2, "device 2 is not in the plan, which has 2"))
    #expect(
      read(line(.pruned(item: 0, attempt: 0, bytes: 1)))
        == error(2, "1 bytes of attempt 0 are no folder"))
    let long = #"{"event":"aborted","reason":"\#(String(repeating: "x", count: 1 << 20))"}"#
    #expect(read(long, finished) == error(2, "longer than 1 MiB"))
    #expect(read(finished, resumed, began(0), ended(0), finished).hasPrefix("read "))
  }

  @Test func theFirstEventIsTheStart() {
    func error(_ text: String) -> String? {
      (#expect(throws: ReportError.self) {
        try JournalReader(.sample(), Array(text.utf8), named: "j")
      })?.description
    }
    #expect(error(line(.finished) + "\n") == "j:1: the first event is not 'start'")
    let newer = Self.header.replacing("\"schema_version\":1", with: "\"schema_version\":2")
    #expect(error(newer) == "j:1: schema_version is 2, this gemsync reads 1")
  }

  /// A newer gemsync may write more with the same schema version.
  @Test func unknownEventsAndKeysAreIgnored() {
    let began = #"{"attempt":1,"core":[7],"event":"began","item":0,"time":"t"}"#
    #expect(read(#"{"event":"warmed_up","item":{}}"#, began).hasPrefix("read "))
    #expect(
      read(#"{"event":"warmed_up"}"#, began, began)
        == "journal.jsonl:4: item 0 begins again before attempt 1 ended")
  }

  /// A failed write is an error with its errno, and the journal keeps whole lines only.
  @Test(arguments: [0, 1, 40], [DRMKernel.Errno.ENOSPC, .EIO, Errno(rawValue: EROFS)])
  func whatIsNotWrittenIsTakenBack(_ written: Int, _ errno: DRMKernel.Errno) throws {
    let bench = try Bench()
    try bench.create()
    let before = try bench.bytes(bench.journal)
    let reader = try JournalReader(.sample(), before, named: "")
    let left = Guarded(written)
    var calls = Journal.Calls()
    let write = calls.write
    calls.write = { descriptor, bytes in
      let count = left.withLock { left in
        defer { left = 0 }
        return min(left, bytes.count)
      }
      return count > 0 ? write(descriptor, bytes.prefix(count)) : Int(errno.answer)
    }
    let journal = Journal(
      try OpenFile(bench.journal, O_RDWR | O_APPEND), size: reader.size, reader.history,
      calls: calls)
    let error = #expect(throws: ResultFolderError.self) {
      try journal.append(.began(item: 0, attempt: 1))
    }
    #expect(error?.errno == errno && error?.subject == bench.journal)
    #expect(error?.description == "\(bench.journal): \(errno.sentence)")
    #expect(try bench.bytes(bench.journal) == before)
    // What follows would contradict what is missing.
    left.withLock { $0 = .max }
    let again = #expect(throws: ResultFolderError.self) { try journal.append(.finished) }
    #expect(again == error)
    #expect(journal.history.inFlight.isEmpty && !journal.history.isFinished)
  }

  /// After a failed sync it is not known what is on the disk.
  @Test func aFailedSyncIsAnError() throws {
    let bench = try Bench()
    try bench.create()
    let before = try bench.bytes(bench.journal)
    let reader = try JournalReader(.sample(), before, named: "")
    let calls = Journal.Calls(sync: { _ in -EIO })
    let journal = Journal(
      try OpenFile(bench.journal, O_RDWR | O_APPEND), size: reader.size, reader.history,
      calls: calls)
    #expect(throws: ResultFolderError.self) { try journal.append(.finished) }
    #expect(try bench.bytes(bench.journal) == before)
  }

  @Test func eachEventIsOneWriteAndOneSync() throws {
    let counts = Guarded([0, 0])
    let journal = Journal(
      try OpenFile("/dev/null", O_RDWR), size: 0, RunHistory(.sample()),
      calls: Journal.Calls(
        write: { _, bytes in
          counts.withLock { $0[0] += 1 }
          return bytes.count
        },
        sync: { _ in
          counts.withLock { $0[1] += 1 }
          return 0
        }))
    try journal.append(.start(.current))
    try journal.append(.began(item: 0, attempt: 1))
    try journal.append(.ended(item: 0, attempt: 1, row: Plan.sample().row(0)))
    #expect(counts.withLock { $0 } == [3, 3])
  }

  @Test func aDeviceThatIsFullIsAnError() throws {
    let journal = Journal(
      try OpenFile("/dev/full", O_RDWR), size: 0, RunHistory(.sample()))
    let error = #expect(throws: ResultFolderError.self) { try journal.append(.start(.current)) }
    #expect(error?.description == "/dev/full: No space left on device")
  }

  /// An event that contradicts the run is not written, and does no harm.
  @Test func contradictionsAreNotWritten() throws {
    let bench = try Bench()
    let folder = try ResultFolder.create(at: bench.folder, plan: .sample())
    let error = #expect(throws: ResultFolderError.self) {
      try folder.append(.ended(item: 0, attempt: 1, row: folder.plan.row(0)))
    }
    #expect(error?.errno == nil)
    #expect(
      error?.description == "\(bench.journal): attempt 1 of item 0 ends and did not begin")
    try folder.finish()
    #expect(folder.history.isFinished)
  }

  /// A check may observe megabytes; its verdict must not get lost for it.
  @Test func aResultThatIsTooLongIsShortened() throws {
    let bench = try Bench()
    let plan = Plan.sample()
    for (text, count) in [("\u{1}", 7000), ("x", 40_000)] {
      var folder: ResultFolder? = try .create(at: bench.folder, plan: plan)
      let observed = (0..<count).map { "\($0) \(String(repeating: text, count: 30))" }
      try folder?.append(.began(item: 0, attempt: 1))
      try folder?.append(.ended(item: 0, attempt: 1, row: plan.row(0, .fail, observed: observed)))
      let live = folder?.history.report()
      folder = nil
      let row = try #require(try ResultFolder.open(at: bench.folder).history.rows(ofItem: 0).last)
      #expect(row == live?.results.first)
      #expect(
        row.verdict == .fail && row.reason == "a reason" && row.observed.first == observed.first)
      #expect(row.observed.last?.hasSuffix("more are too many for the journal") == true)
      try FileManager.default.removeItem(atPath: bench.folder)
    }
  }
}
