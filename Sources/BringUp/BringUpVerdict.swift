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
  /// The conclusions, one in each line.
  public let lines: [String]

  /// Draws the conclusions.
  ///
  /// - Parameter isCoherent: the driver's claim; nil where it makes none.
  public init(
    isCoherent: Bool?, _ outcomes: [AccessOutcome], _ scripts: [ScriptOutcome]
  ) {
    // Imported memory depends on its exporter, and WC memory has no cache lines.
    let own = outcomes.filter { $0.memory == .writeBack && $0.direction != .ownWrites }
    let staleWithAll = outcomes.filter { !$0.isFresh }
    let staleWithout = own.filter { $0.isStaleWithout || !$0.isFresh }
    let broken = scripts.filter { $0.agreement == .broken }
    claim =
      switch isCoherent {
      case nil: .unknown
      case _ where own.isEmpty: .unknown
      case true?: staleWithout.isEmpty ? .confirmed : .refuted
      case false?: staleWithout.isEmpty ? .notObserved : .confirmed
      }
    isSound = staleWithAll.isEmpty && broken.isEmpty && claim != .refuted
    var lines = [Self.text(claim, isCoherent, own, stale: staleWithout)]
    lines += SyncTable(outcomes).lines
    if !staleWithAll.isEmpty {
      lines.append("Stale WITH all syncs: \(Self.list(staleWithAll)).")
    }
    if !scripts.isEmpty {
      func count(_ agreement: ScriptOutcome.Agreement) -> Int {
        scripts.count { $0.agreement == agreement }
      }
      lines.append(
        "Scripts: \(count(.held)) proved and passed, \(count(.shown)) faulty and failed, "
          + "\(count(.notShown)) faulty but passed in this run, \(count(.undecided)) undecided.")
    }
    if !broken.isEmpty {
      lines.append("Proved, and FAILED: \(broken.map(\.id).joined(separator: ", ")).")
    }
    self.lines = lines
  }

  private static func text(
    _ claim: Claim, _ isCoherent: Bool?, _ own: [AccessOutcome], stale: [AccessOutcome]
  ) -> String {
    guard let isCoherent else { return "Coherency claim: none; the driver does not report it." }
    let claimed = DeviceDescription.text(isCoherent: isCoherent)
    let text = "Coherency claim: \(claimed), \(claim.rawValue)."
    var count = StaleCount()
    for outcome in own { count += outcome.without }
    let found = "Stale bytes without syncs in \(count) trials"
    switch claim {
    case .confirmed where count.stale == 0: return "\(text) \(found) (\(count.boundText))."
    case .confirmed: return "\(text) \(found)."
    case .refuted: return "\(text) \(found): \(list(stale))."
    case .notObserved:
      return "\(text) \(found) (\(count.boundText)): the device may snoop, or evictions hid it."
    case .unknown:
      guard isCoherent else { return text }
      return "\(text) If jobs fault: a device that does not snoop cannot read the page tables of a "
        + "driver that takes it for coherent."
    }
  }

  /// Names the first three outcomes; the rows have the rest.
  private static func list(_ outcomes: [AccessOutcome]) -> String {
    let names = outcomes.prefix(3).map(\.id).joined(separator: ", ")
    return outcomes.count > 3 ? "\(names) and \(outcomes.count - 3) more" : names
  }
}
