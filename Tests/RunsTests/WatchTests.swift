// SPDX-License-Identifier: MIT

import DRMKernel
import Foundation
import Glibc
import Testing

@testable import Runs

/// What a watch makes of a folder of files and of a log.
@Suite struct WatchTests {
  private let tainted = "/proc/sys/kernel/tainted"
  private let splat = "WARNING: CPU: 1 PID: 22 at drivers/gpu/drm/panthor/x.c:12 f+0x1/0x2"

  @Test func nothingHappenedIsNothing() throws {
    let folder = try WatchFolder([tainted: "4096\n", "/proc/lockdep_stats": " debug_locks:  1\n"])
    let log = ScriptedLog()
    let watch = KernelWatch(root: folder.path, log: log)
    let before = watch.snapshot()
    log.add("usb 1-1: a warning of another driver")
    let incidents = watch.changes(since: before)
    #expect(incidents.failures.isEmpty && incidents.notes.isEmpty && incidents.dumps.isEmpty)
    #expect(incidents.log?.records.map(\.text) == ["usb 1-1: a warning of another driver"])
  }

  @Test func aReportInTheLogFails() throws {
    let log = ScriptedLog()
    let watch = KernelWatch(root: try WatchFolder().path, log: log)
    let before = watch.snapshot()
    log.add(splat)
    let incidents = watch.changes(since: before)
    #expect(incidents.failures == [Incident(.warning, "kernel: \(splat)")])
    #expect(incidents.abortReasons.isEmpty)
    #expect(watch.changes(since: watch.snapshot()).failures.isEmpty)
  }

  @Test func anExpectedReportIsANote() throws {
    let folder = try WatchFolder()
    let log = ScriptedLog()
    let rules = WatchRules(abortKinds: [.warning, .taint])
    let watch = KernelWatch(root: folder.path, rules: rules, log: log)
    let before = watch.snapshot()
    log.add(splat)
    try folder.write("512\n", to: tainted)
    let incidents = watch.changes(since: before, expecting: .warnings)
    #expect(incidents.failures.isEmpty && incidents.abortReasons.isEmpty)
    #expect(
      incidents.notes == [
        "expected: kernel: \(splat)", "kernel tainted: W (the kernel issued a warning)",
      ])
    // Another kind of report is not excused.
    log.add("BUG: KASAN: a")
    #expect(watch.changes(since: watch.snapshot(), expecting: .warnings).notes.count == 1)
    let next = watch.snapshot()
    log.add("BUG: KASAN: a")
    #expect(watch.changes(since: next, expecting: .warnings).failures.map(\.kind) == [.oops])
  }

  @Test func aReportBetweenChecksFailsNoneAndIsKept() throws {
    let log = ScriptedLog()
    let rules = WatchRules(abortKinds: [.warning])
    let watch = KernelWatch(root: try WatchFolder().path, rules: rules, log: log)
    log.add(splat)
    let incidents = watch.changes(since: watch.snapshot())
    #expect(incidents.failures.isEmpty)
    #expect(incidents.notes == ["before it began: kernel: \(splat)"])
    #expect(incidents.abortReasons == ["kernel: \(splat)"])
    #expect(incidents.log?.records.map(\.text) == [splat])
  }

  @Test func aFailingTaintBitFailsAndAModuleDoesNot() throws {
    let folder = try WatchFolder([tainted: "4096\n"])
    let rules = WatchRules(abortKinds: [.taint])
    let watch = KernelWatch(root: folder.path, rules: rules, log: ScriptedLog())
    let before = watch.snapshot()
    // Bits 7 and 13 are new, 12 is not, and 40 has no name.
    try folder.write("\(4096 | 128 | 8192 | 1 << 40)\n", to: tainted)
    let incidents = watch.changes(since: before)
    #expect(
      incidents.failures.map(\.reason) == ["kernel tainted: D (the kernel died: an oops or a BUG)"])
    #expect(incidents.abortReasons == incidents.failures.map(\.reason))
    #expect(
      incidents.notes == [
        "kernel tainted: E (an unsigned module was loaded)", "kernel tainted: bit 40",
      ])
  }

  @Test func lockdepTurnedOffFailsOnce() throws {
    let file = "/proc/lockdep_stats"
    func text(_ value: String) -> String { " lock-classes: 12\n debug_locks:      \(value)\n" }
    let folder = try WatchFolder([tainted: "0\n", file: text("1")])
    let watch = KernelWatch(root: folder.path, log: ScriptedLog())
    let before = watch.snapshot()
    try folder.write(text("0"), to: file)
    #expect(
      watch.changes(since: before).failures == [Incident(.lockdep, "lockdep turned itself off")])
    #expect(watch.changes(since: watch.snapshot()).failures.isEmpty)
    for hostile in [
      "", "debug_locks", "debug_locks: 2", "debug_locks: -1\n", "\u{0}debug_locks: 0",
    ] {
      #expect(Lockdep.isOn(hostile) == nil)
    }
  }

  @Test func messagesOfTheDriverAreNotesUnlessALevelIsAskedFor() throws {
    let lines =
      "3,1,2,-;panthor fb000000.gpu: [drm] *ERROR* job timeout\n DEVICE=+platform:fb000000.gpu\n"
      + "4,2,3,-;panthor fb000000.gpu: [drm] slow\n DEVICE=+platform:fb000000.gpu\n"
      + "3,3,4,-;panthor fd000000.gpu: [drm] *ERROR* other\n DEVICE=+platform:fd000000.gpu\n"
      + "3,4,5,-;nvme nvme0: I/O error\n DEVICE=+nvme:nvme0\n11,5,6,-;panthor fb000000.gpu: forged\n"
    func incidents(_ level: Int?, _ expected: Provocation = []) throws -> Incidents {
      let log = ScriptedLog()
      let watch = KernelWatch(
        root: try WatchFolder().path, device: "fb000000.gpu",
        rules: WatchRules(messageLevel: level),
        log: log)
      let before = watch.snapshot()
      log.add(.text(lines))
      return watch.changes(since: before, expecting: expected)
    }
    let error = "driver: panthor fb000000.gpu: [drm] *ERROR* job timeout"
    let none = try incidents(nil)
    #expect(none.failures.isEmpty && none.notes == [error])
    let three = try incidents(3)
    #expect(three.failures == [Incident(.message, error)] && three.notes.isEmpty)
    #expect(try incidents(4).failures.count == 2)
    let expected = try incidents(4, .messages)
    #expect(expected.failures.isEmpty && expected.notes.first == "expected: \(error)")
    #expect(try incidents(nil, .messages).notes.isEmpty)
  }

  @Test func aFloodIsShortened() throws {
    let log = ScriptedLog()
    let watch = KernelWatch(root: try WatchFolder().path, log: log)
    let before = watch.snapshot()
    for number in 0..<50 { log.add("BUG: KASAN: \(number) " + String(repeating: "x", count: 4000)) }
    let incidents = watch.changes(since: before)
    #expect(incidents.failures.count == 8 && incidents.notes == ["42 more reports of this kind"])
    #expect(incidents.failures.allSatisfy { $0.reason.count <= Incident.mostCharacters + 3 })
  }

  @Test func aFileInPlaceOfTheLogIsReadFromItsEnd() throws {
    let folder = try WatchFolder([tainted: "0\n", "/dev/kmsg": "4,1,2,-;BUG: KASAN: old\n"])
    let watch = KernelWatch(root: folder.path)
    let before = watch.snapshot()
    #expect(watch.changes(since: before).log?.records.isEmpty == true)
    try folder.append("4,2,3,-;BUG: KASAN: new\n", to: "/dev/kmsg")
    #expect(watch.changes(since: before).failures.map(\.reason) == ["kernel: BUG: KASAN: new"])
  }

  private static let isLogOpen = access("/dev/kmsg", R_OK | W_OK) == 0

  @Test(.enabled(if: isLogOpen)) func theLogOfThisMachineIsRead() throws {
    let watch = KernelWatch()
    let before = watch.snapshot()
    let log = open("/dev/kmsg", O_WRONLY)
    defer { close(log) }
    let text = "BUG: gemsync's own test \(UInt64.random(in: 0 ... .max))"
    // A record without a line feed is not there before the next one.
    let line = text + "\n"
    #expect(write(log, line, line.utf8.count) == line.utf8.count)
    let incidents = watch.changes(since: before)
    let record = incidents.log?.records.first { $0.text == text }
    #expect(record?.facility == 1)
    #expect(!incidents.failures.contains { $0.reason.contains("gemsync's") })
  }

  @Test func aFIFOInPlaceOfTheLogIsNotWaitedFor() throws {
    let folder = try WatchFolder()
    try FileManager.default.createDirectory(
      atPath: folder.path + "/dev", withIntermediateDirectories: true)
    try #require(mkfifo(folder.path + "/dev/kmsg", 0o600) == 0)
    let watch = KernelWatch(root: folder.path)
    let before = watch.snapshot()
    let writer = open(folder.path + "/dev/kmsg", O_WRONLY | O_NONBLOCK)
    defer { close(writer) }
    let text = "4,1,2,-;BUG: KASAN: a\n"
    #expect(write(writer, text, text.utf8.count) == text.utf8.count)
    #expect(watch.changes(since: before).failures.map(\.kind) == [.oops])
  }

  @Test func whatCannotBeReadIsSaidWithTheReason() throws {
    let watch = KernelWatch(root: try WatchFolder([:]).path)
    #expect(
      watch.limits == [
        "no kernel log: /dev/kmsg: No such file or directory",
        "no list of BOs: /sys/kernel/debug/dri: No such file or directory",
        "no taint: /proc/sys/kernel/tainted cannot be read",
      ])
    let incidents = watch.changes(since: watch.snapshot(of: 1), leftBy: 1)
    #expect(incidents.log == nil && incidents.failures.isEmpty && incidents.notes.isEmpty)
    for hostile in ["", "-1", "+1", "0x10", "18446744073709551616", "1 2", "\u{0}"] {
      #expect(Taint(hostile) == nil)
    }
  }

  @Test func theListOfAbortOnIsParsed() throws {
    #expect(try Set(abortList: "taint,lockdep,taint") == [.taint, .lockdep])
    #expect(try Set(abortList: "warning,oops,leak,hang").count == 4)
    for (list, name) in [
      ("taint,bogus\u{1b}", "'bogus\\x1b'"), ("message", "'message'"), ("", "an empty word"),
      ("taint,", "an empty word"),
    ] {
      let error = #expect(throws: AbortListError.self) { try Set(abortList: list) }
      #expect(
        error?.description
          == "--abort-on: \(name) is none of taint, lockdep, warning, oops, leak, hang")
    }
  }

  @Test func aLookIsCheap() throws {
    let folder = try WatchFolder([tainted: "0\n", "/dev/kmsg": ""])
    let watch = KernelWatch(root: folder.path)
    let count = 200
    let start = ContinuousClock.now
    for _ in 0..<count { _ = watch.snapshot() }
    // 1 ms in a release build on a board; this is a debug build beside other tests.
    #expect((ContinuousClock.now - start) / count < .milliseconds(10))
  }
}
