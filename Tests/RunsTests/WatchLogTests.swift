// SPDX-License-Identifier: MIT

import Glibc
import Testing

@testable import Runs

/// The records of `/dev/kmsg`, and the reports in them.
@Suite struct WatchLogTests {
  private func records(_ text: String, chunk: Int = .max) -> (records: [LogRecord], malformed: Int)
  {
    var parser = LogParser()
    var found: [LogRecord] = []
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      found += parser.add(bytes.prefix(chunk))
      bytes = bytes.dropFirst(chunk)
    }
    if let last = parser.end() { found.append(last) }
    return (found, parser.malformed)
  }

  /// What a kernel reports in lines, each a record of its own at level 4.
  private func findings(_ lines: String, prefix: Int = 4) -> [LogFinding] {
    var reader = LogFindingReader()
    for line in lines.split(separator: "\n", omittingEmptySubsequences: false) {
      guard let record = LogRecord(Array("\(prefix),1,2,-;\(line)".utf8)[...]) else { continue }
      reader.read(record)
    }
    return reader.end()
  }

  @Test func aRecordHasItsFieldsAndItsDevice() throws {
    let text =
      "3,339,5140900,-,caller=T12;panthor fb000000.gpu: [drm] *ERROR* a;b\n"
      + " SUBSYSTEM=platform\n DEVICE=+platform:fb000000.gpu\n30,340,5140901,c;next\n"
    for chunk in [1, 7, 64, .max] {
      let (found, malformed) = records(text, chunk: chunk)
      try #require(found.count == 2)
      #expect(malformed == 0)
      #expect(found[0].level == 3 && found[0].facility == 0 && found[0].sequence == 339)
      #expect(found[0].text == "panthor fb000000.gpu: [drm] *ERROR* a;b")
      #expect(found[0].device == "+platform:fb000000.gpu")
      #expect(found[0].description == "<3>[    5.140900] panthor fb000000.gpu: [drm] *ERROR* a;b")
      #expect(found[1].level == 6 && found[1].facility == 3 && !found[1].isFromKernel)
      #expect(found[1].device == nil)
    }
  }

  @Test func linesThatAreNoRecordsAreCounted() {
    let bad = [
      "[   12.0] text of dmesg", "4,1,2;three fields", "x,1,2,-;no number", "4,-1,2,-;negative",
      "4,18446744073709551616,2,-;too large", "70000,1,2,-;prefix", ",,,;", "4,1,2,-", "\u{0}\u{0}",
    ]
    let (found, malformed) = records(bad.joined(separator: "\n") + "\n4,1,2,-;good\n")
    #expect(found.map(\.text) == ["good"])
    #expect(malformed == bad.count)
    // A dictionary without a record, and an empty line.
    #expect(records(" DEVICE=x\n\n").records.isEmpty)
  }

  @Test func aHugeLineIsShortenedAndTheNextOneIsWhole() {
    let (found, _) = records(
      "4,1,2,-;" + String(repeating: "a", count: 5 << 20) + "\n4,2,3,-;b\n", chunk: 8192)
    #expect(found.map(\.text.utf8.count) == [LogRecord.mostBytes, 1])
  }

  @Test func aTextCannotControlATerminal() {
    let (found, _) = records("4,1,2,-;a\u{1b}]0;title\u{7}\u{0}b\n")
    #expect(found.first?.description == "<4>[    0.000002] a\\x1b]0;title\\x07\\x00b")
  }

  @Test(arguments: [
    ("WARNING: CPU: 1 PID: 22 at drivers/gpu/drm/panthor/x.c:12 f+0x1/0x2", Incident.Kind.warning),
    ("WARNING: drivers/gpu/drm/panthor/x.c:12 at f+0x1/0x2, CPU#1: gemsync/22", .warning),
    ("WARNING: at f+0x1/0x2, CPU#1: gemsync/22", .warning),
    ("refcount_t: underflow; use-after-free.", .warning),
    ("UBSAN: array-index-out-of-bounds in mm/x.c:1:2", .warning),
    ("WARNING: possible circular locking dependency detected", .lockdep),
    ("WARNING: possible recursive locking detected", .lockdep),
    ("WARNING: inconsistent lock state", .lockdep),
    ("WARNING: suspicious RCU usage", .lockdep),
    ("WARNING: bad unlock balance detected!", .lockdep),
    ("WARNING: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected", .lockdep),
    ("[ BUG: Invalid wait context ]", .lockdep),
    ("[ INFO: possible circular locking dependency detected ]", .lockdep),
    ("INFO: trying to register non-static key.", .lockdep),
    ("DEBUG_LOCKS_WARN_ON(1)", .lockdep),
    ("BUG: KASAN: slab-use-after-free in f+0x1/0x2", .oops),
    ("BUG: KCSAN: data-race in f / g", .oops),
    ("BUG: sleeping function called from invalid context at mm/x.c:1", .oops),
    ("BUG kmalloc-64 (Not tainted): Poison overwritten", .oops),
    ("kernel BUG at drivers/gpu/drm/x.c:12!", .oops),
    ("Unable to handle kernel NULL pointer dereference at virtual address 0", .oops),
    ("Internal error: Oops: 0000000096000004 [#1] SMP", .oops),
    ("Oops: general protection fault, probably for non-canonical address 0x1: 0000 [#1]", .oops),
    ("general protection fault: 0000 [#1] PREEMPT SMP", .oops),
    ("INFO: task gemsync:12 blocked for more than 120 seconds.", .hang),
    ("INFO: task gemsync:12 blocked in I/O wait for more than 120 seconds.", .hang),
    ("watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [gemsync:12]", .hang),
    ("watchdog: CPU3: Watchdog detected hard LOCKUP on cpu 3", .hang),
    ("BUG: workqueue lockup - pool cpus=0", .hang),
    ("rcu: INFO: rcu_preempt self-detected stall on CPU", .hang),
    ("rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:", .hang),
    ("rcu: INFO: rcu_sched detected expedited stalls on CPUs", .hang),
    ("kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)", .leak),
  ])
  func aReportIsFound(line: String, kind: Incident.Kind) {
    #expect(findings(line).map(\.kind) == [kind])
    #expect(findings(line).first?.text == line)
    // A process may write the same to /dev/kmsg.
    #expect(findings(line, prefix: 12).isEmpty)
    // The words inside another line are no report.
    #expect(findings("audit: said \(line)").isEmpty)
  }

  @Test(arguments: [
    "wifi0: WARNING: CPU: overheats", "WARNING: the firmware is old", "debug: BUG: none",
    "kmemleak: Kernel memory leak detector initialized", "rcu: INFO: rcu_preempt is fine",
    "INFO: task gemsync:12 is well", "traps: a[1] general protection fault ip:7f sp:7f error:0",
    "panthor fb000000.gpu: [drm] *ERROR* job timeout", "a[12]: segfault at 0 ip 0",
    "watchdog: Enabling hard lockup detector", "[drm] Initialized panthor 1.8.0", "",
    "general protection fault of a process", "=====================",
  ])
  func noiseIsNoReport(line: String) {
    #expect(findings(line).isEmpty)
  }

  @Test func aReportCountsOnce() {
    let warn = """
      ------------[ cut here ]------------
      refcount_t: underflow; use-after-free.
      WARNING: CPU: 1 PID: 22 at lib/refcount.c:28 refcount_warn_saturate+0x1/0x2
      Call trace:
      ---[ end trace 0000000000000000 ]---
      """
    #expect(findings(warn).map(\.text) == ["refcount_t: underflow; use-after-free."])
    #expect(findings(warn + "\n" + warn).count == 2)
    let oops = """
      Unable to handle kernel NULL pointer dereference at virtual address 0000000000000000
      Mem abort info:
      Internal error: Oops: 0000000096000004 [#1] SMP
      ---[ end trace 0000000000000000 ]---
      BUG: KASAN: use-after-free in f
      """
    #expect(findings(oops).map(\.kind) == [.oops, .oops])
    let bug = """
      ------------[ cut here ]------------
      kernel BUG at mm/x.c:12!
      Internal error: Oops - BUG: 00000000f2000800 [#1] SMP
      ---[ end trace 0000000000000000 ]---
      """
    #expect(findings(bug).map(\.text) == ["kernel BUG at mm/x.c:12!"])
  }

  @Test func aReportWithoutAKnownLineCounts() {
    #expect(findings("------------[ cut here ]------------\nsomething\n").map(\.kind) == [.warning])
    // A report that never ends does not hide the next one.
    let rest = [String](repeating: "x", count: 1200).joined(separator: "\n")
    let lines = "------------[ cut here ]------------\n\(rest)\nBUG: KASAN: a\nBUG: KASAN: b"
    #expect(findings(lines).map(\.kind) == [.warning, .oops, .oops])
  }

  @Test func tenMegabytesAreReadInTimeAndBounded() throws {
    let source = ScriptedLog()
    let line =
      "6,1,2,-;usb 1-1: new high-speed USB device number 12, and a text of a usual length here\n"
    let block = String(repeating: line, count: 180)
    for _ in 0..<650 { source.add(.text(block)) }
    source.add("BUG: KASAN: last")
    let log = KernelLog(source)
    let start = ContinuousClock.now
    let (slice, findings) = log.take()
    #expect(ContinuousClock.now - start < .seconds(60))
    #expect(slice.records.count == LogSlice.mostRecords)
    #expect(slice.leftOut == 650 * 180 + 1 - LogSlice.mostRecords)
    #expect(slice.text.hasSuffix("(\(slice.leftOut) more records)\n"))
    #expect(findings.map(\.text) == ["BUG: KASAN: last"])
  }

  @Test func aLogThatNeverEndsIsLeft() {
    struct Endless: LogSource {
      func read(_ buffer: UnsafeMutableRawBufferPointer) -> Int { -Int(EPIPE) }
    }
    let log = KernelLog(Endless())
    let (slice, findings) = log.take()
    #expect(slice.hasLost && slice.records.isEmpty && findings.isEmpty)
  }

  @Test func lostRecordsAreSaidAndTheRestIsRead() {
    let source = ScriptedLog()
    source.add(.failure(EINTR), .failure(EPIPE), .text("4,9,1,-;after\n"))
    let log = KernelLog(source)
    let (slice, _) = log.take()
    #expect(slice.hasLost)
    #expect(slice.records.map(\.text) == ["after"])
    #expect(slice.text.hasPrefix("(records were lost"))
    #expect(!log.take().slice.hasLost)
  }
}
