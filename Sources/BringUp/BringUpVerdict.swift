// SPDX-License-Identifier: MIT

internal import DRMDrivers

/// The conclusions of a bring-up session about a device.
public struct BringUpVerdict: Hashable, Sendable {
  /// How the coherency claim of the driver compares with what was observed.
  public enum Claim: String, Hashable, Sendable {
    /// Coherent and never stale without syncs, or non-coherent and stale without them.
    case confirmed
    /// Coherent, and stale.
    case refuted
    /// Non-coherent, and never stale: the device may snoop, or no line was stale by chance.
    case notObserved = "not observed"
    /// The driver makes no claim, or nothing could be tried.
    case unknown
  }

  public let claim: Claim
  /// Whether every access with all syncs was fresh, and every proved script passed.
  public let isSound: Bool
  /// What is concluded about the coherency claim, as one text.
  public let summary: String
  /// The conclusions, in lines of at most 98 columns.
  public let lines: [String]

  /// Draws the conclusions.
  ///
  /// - Parameter isCoherent: the driver's claim; nil where it makes none.
  public init(
    isCoherent: Bool?, _ outcomes: [AccessOutcome], _ scripts: [ScriptOutcome]
  ) {
    let evidence = Evidence(isCoherent, outcomes)
    let staleWithAll = outcomes.filter { !$0.isFresh }
    let broken = scripts.filter { $0.agreement == .broken }
    claim = evidence.claim
    isSound = staleWithAll.isEmpty && broken.isEmpty && claim != .refuted
    summary = evidence.text
    var lines = SyncTable.wrapped(summary)
    lines += SyncTable(outcomes, claim).lines
    if !staleWithAll.isEmpty {
      lines += SyncTable.wrapped("Stale WITH all syncs: \(staleWithAll.names).")
    }
    if !scripts.isEmpty {
      func count(_ agreement: ScriptOutcome.Agreement) -> Int {
        scripts.count { $0.agreement == agreement }
      }
      lines += SyncTable.wrapped(
        "Scripts: \(count(.held)) proved and passed, \(count(.shown)) faulty and failed, "
          + "\(count(.notShown)) faulty but passed in this run, \(count(.undecided)) undecided.")
    }
    if !broken.isEmpty {
      lines += SyncTable.wrapped(
        "Proved, and FAILED: \(broken.map(\.id).joined(separator: ", ")).")
    }
    self.lines = lines
  }

  /// Compares a driver's claim with what was observed.
  static func claim(_ isCoherent: Bool?, _ outcomes: [AccessOutcome]) -> Claim {
    Evidence(isCoherent, outcomes).claim
  }
}

/// The outcomes that show whether a device snoops: bytes that cross between CPU and device through cached memory.
private struct Evidence {
  private let isCoherent: Bool?
  private let outcomes: [AccessOutcome]
  private let stale: [AccessOutcome]

  init(_ isCoherent: Bool?, _ all: [AccessOutcome]) {
    self.isCoherent = isCoherent
    // A coherent device snoops whatever the mapping is; on any other, WC memory has no cache lines.
    outcomes = all.filter { outcome in
      outcome.direction != .ownWrites && (isCoherent == true || !outcome.needsNoSyncByRule)
    }
    stale = outcomes.filter { $0.isStaleWithout || !$0.isFresh }
  }

  var claim: BringUpVerdict.Claim {
    switch isCoherent {
    case nil: .unknown
    case _ where outcomes.isEmpty: .unknown
    case true?: stale.isEmpty ? .confirmed : .refuted
    case false?: stale.isEmpty ? .notObserved : .confirmed
    }
  }

  var text: String {
    let claimed = isCoherent.map { DeviceDescription.text(isCoherent: $0) + ", \(claim.rawValue)" }
    let text = "Coherency claim: \(claimed ?? "none; the driver does not report it")."
    guard !outcomes.isEmpty else {
      guard isCoherent == true else { return text }
      return "\(text) If jobs fault: a device that does not snoop cannot read the page tables of a "
        + "driver that takes it for coherent."
    }
    var count = StaleCount()
    for outcome in outcomes { count += outcome.without }
    let found = "\(text) Stale bytes without syncs in \(count) trials"
    switch claim {
    case .refuted: return "\(found): \(stale.names)."
    case .confirmed where count.stale > 0: return "\(found)."
    case .confirmed where isCoherent == true: return "\(found) (\(count.boundText))."
    case .confirmed: return "\(found), and stale with all syncs: \(stale.names)."
    case .unknown where count.stale > 0: return "\(found): the device does not snoop."
    case .notObserved, .unknown:
      return "\(found) (\(count.boundText)): the device may snoop, or evictions hid it."
    }
  }
}

extension [AccessOutcome] {
  /// Names the first three outcomes; the rows have the rest.
  fileprivate var names: String {
    let names = prefix(3).map(\.id).joined(separator: ", ")
    return count > 3 ? "\(names) and \(count - 3) more" : names
  }
}
