// SPDX-License-Identifier: MIT

/// A report in the kernel's log that something is wrong with the kernel.
struct LogFinding: Hashable {
  let kind: Incident.Kind
  /// The first line of the report, untrusted.
  let text: String
}

/// Finds the reports in records of the kernel's log, one finding for each report.
///
/// Only the beginnings of lines count, and only those of the kernel itself: a process may write anything to
/// `/dev/kmsg`, and many harmless messages have one of the words in them.
struct LogFindingReader {
  private var findings: [LogFinding] = []
  /// The records since the start of a report that has an end mark; nil outside of one.
  private var length: Int?
  /// Whether the report has a finding.
  private var isFound = false

  // The traces of all CPUs can be in one report.
  private static let mostOfReport = 1000

  /// Looks at the next record.
  mutating func read(_ record: LogRecord) {
    guard record.isFromKernel else { return }
    let text = record.text
    if text.hasPrefix("------------[ cut here ]") {
      endReport()
      length = 0
      return
    }
    if text.hasPrefix("---[ end trace ") || text.hasPrefix("---[ end Kernel panic") {
      return endReport()
    }
    if let length {
      self.length = length + 1
      if length >= Self.mostOfReport { endReport() }
    }
    guard let kind = Self.kind(of: text) else { return }
    if length == nil {
      findings.append(LogFinding(kind: kind, text: text))
      // An oops names itself in several lines, and ends with a mark as a WARN does.
      if kind == .oops, Self.hasEndMark(text) { (length, isFound) = (0, true) }
    } else if !isFound {
      findings.append(LogFinding(kind: kind, text: text))
      isFound = true
    } else if kind == .oops, let last = findings.last, last.kind == .warning {
      // What began as a WARN killed the kernel or a process.
      findings[findings.count - 1] = LogFinding(kind: .oops, text: text)
    }
  }

  /// Returns the findings so far.
  mutating func end() -> [LogFinding] {
    endReport()
    defer { findings = [] }
    return findings
  }

  private mutating func endReport() {
    if length != nil, !isFound {
      findings.append(LogFinding(kind: .warning, text: "a report without a known first line"))
    }
    (length, isFound) = (nil, false)
  }

  /// Classifies the first line of a report; nil for any other line.
  static func kind(of text: String) -> Incident.Kind? {
    // Most lines begin otherwise; a flood of them must not cost much.
    guard let first = text.utf8.first, initials.contains(first) else { return nil }
    if isLockdep(text) { return .lockdep }
    if isHang(text) { return .hang }
    if isOops(text) { return .oops }
    if isWarning(text) { return .warning }
    if text.hasPrefix("kmemleak: "), text.contains("new suspected memory leaks") { return .leak }
    return nil
  }

  private static let initials = Set("BDIKNOUWdgikrsuw[".utf8)

  private static func isLockdep(_ text: String) -> Bool {
    guard
      hasPrefix(
        text, ["WARNING: ", "BUG: ", "INFO: ", "[ BUG: ", "[ INFO: ", "DEBUG_LOCKS_WARN_ON("])
    else { return false }
    return contains(
      text,
      [
        "possible circular locking dependency", "possible recursive locking",
        "possible irq lock inversion", "lock order detected", "inconsistent lock state",
        "bad unlock balance", "bad contention detected", "held lock freed",
        "lock held when returning",
        "lock held at task exit", "still has locks held", "suspicious RCU usage",
        "Invalid wait context", "Nested lock was not taken",
        "trying to register non-static key", "DEBUG_LOCKS_WARN_ON(",
      ])
  }

  private static func isHang(_ text: String) -> Bool {
    if text.hasPrefix("INFO: task ") { return contains(text, ["for more than"]) }
    if hasPrefix(text, ["rcu: INFO: ", "INFO: rcu_"]) { return contains(text, ["stall"]) }
    return hasPrefix(text, ["watchdog: ", "BUG: ", "NMI watchdog: ", "Watchdog "])
      && contains(text, ["soft lockup", "hard LOCKUP", "workqueue lockup"])
  }

  private static func isOops(_ text: String) -> Bool {
    // "BUG kmalloc-64 (Tainted: G): Poison overwritten" is of the slab allocator.
    hasPrefix(text, ["BUG: ", "BUG ", "kernel BUG at "]) || hasEndMark(text)
  }

  /// Whether the line begins an oops, which ends with a mark.
  private static func hasEndMark(_ text: String) -> Bool {
    hasPrefix(
      text,
      [
        "Oops: ", "Internal error: ", "Unable to handle kernel ", "Kernel panic - not syncing",
        "BUG: kernel NULL pointer dereference", "BUG: unable to handle ", "kernel BUG at ",
      ])
      || text.contains("[#")
        && hasPrefix(
          text, ["general protection fault", "divide error", "invalid opcode", "stack segment"])
  }

  private static func isWarning(_ text: String) -> Bool {
    if hasPrefix(text, ["refcount_t: ", "UBSAN: ", "WARNING: CPU: ", "WARNING: at "]) {
      return true
    }
    // Since Linux 6.19: "WARNING: file.c:12 at function+0x0/0x0, CPU#1: comm/34".
    return text.hasPrefix("WARNING: ") && text.contains(" at ") && text.contains("CPU#")
  }

  private static func hasPrefix(_ text: String, _ prefixes: [String]) -> Bool {
    prefixes.contains { text.hasPrefix($0) }
  }

  private static func contains(_ text: String, _ phrases: [String]) -> Bool {
    phrases.contains { text.contains($0) }
  }
}
