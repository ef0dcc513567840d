// SPDX-License-Identifier: MIT

/// What a bring-up session has found out about a device, in words.
public struct BringUpVerdict: Hashable, Sendable {
  /// Whether the coherency that the device's driver selected is what was seen.
  public enum Truth: String, Hashable, Sendable {
    /// It says that it snoops, and nothing was stale; or that it does not, and what was not synced was.
    case true_ = "true"
    /// It says the one, and the other was seen.
    case false_ = "false"
    /// It says that it does not snoop, and nothing went stale: the caches may have had luck.
    case notSeen = "not_seen"
    /// It says nothing, or nothing could be tried.
    case unknown
  }

  public let truth: Truth
  /// Whether everything was fresh that has its syncs, and held that is proved.
  public let isSound: Bool
  /// A line for each thing to know.
  public let lines: [String]

  /// Comes to a verdict.
  ///
  /// - Parameter isCoherent: what the driver says; nil where it does not.
  public init(
    isCoherent: Bool?, _ outcomes: [AccessOutcome], _ scripts: [ScriptOutcome]
  ) {
    // What another exporter does is not this device's; WC memory has no lines to go stale.
    let own = outcomes.filter { $0.memory == .writeBack && $0.direction != .ownWrites }
    let staleWhole = outcomes.filter { !$0.isFresh }
    let staleWithout = own.filter { $0.isStaleWithout || !$0.isFresh }
    let broken = scripts.filter { $0.agreement == .broken }
    let shown = scripts.filter { $0.agreement == .shown }
    truth =
      switch isCoherent {
      case nil: .unknown
      case _ where own.isEmpty: .unknown
      case true?: staleWithout.isEmpty ? .true_ : .false_
      case false?: staleWithout.isEmpty ? .notSeen : .true_
      }
    isSound = staleWhole.isEmpty && broken.isEmpty && truth != .false_
    var lines: [String] = []
    switch truth {
    case .true_:
      lines.append(
        isCoherent == true
          ? "It says that it is coherent, and it is: nothing was stale without syncs."
          : "It says that it is not coherent, and it is not: without syncs bytes were stale.")
    case .false_:
      lines.append(
        "It says that it is coherent, and it is NOT: bytes were stale in \(Self.list(staleWithout))."
      )
    case .notSeen:
      lines.append(
        "It says that it is not coherent, and nothing was stale without any sync: it may snoop after all, or "
          + "its caches were lucky.")
    case .unknown:
      lines.append(
        "Whether it is coherent was not found out."
          + (isCoherent == true
            ? " If its jobs fault: one that calls itself coherent and does not snoop finds no page tables."
            : ""))
    }
    lines += Self.uses(outcomes)
    if !staleWhole.isEmpty {
      lines.append("Stale WITH all syncs: \(Self.list(staleWhole)).")
    }
    if !scripts.isEmpty {
      let held = scripts.count { $0.agreement == .held }
      let notShown = scripts.count { $0.agreement == .notShown }
      lines.append(
        "Scripts: \(held) proved ones held, \(shown.count) faulty ones went wrong, \(notShown) did not this "
          + "time, \(scripts.count { $0.agreement == .undecided }) could not be run whole.")
    }
    if !broken.isEmpty {
      lines.append("Proved, and went WRONG: \(broken.map(\.name).joined(separator: ", ")).")
    }
    self.lines = lines
  }

  /// Which syncs are needed and which are wasted, a line for each kind of memory.
  private static func uses(_ outcomes: [AccessOutcome]) -> [String] {
    AccessMemory.allCases.compactMap { memory in
      // Where bytes are stale with every sync, nothing is known of any of them.
      let here = outcomes.filter { $0.memory == memory && $0.isFresh }
      guard !here.isEmpty else { return nil }
      var parts: [String] = []
      for direction in AccessOutcome.Direction.allCases {
        let uses = here.filter { $0.direction == direction }.flatMap(\.syncs)
        let needed = names(uses.filter(\.isNeeded))
        guard !needed.isEmpty else { continue }
        parts.append("\(direction.words) \(needed.joined(separator: ", "))")
      }
      guard !parts.isEmpty else {
        let wasted = names(here.flatMap(\.syncs)).joined(separator: ", ")
        let text = wasted.isEmpty ? "none" : wasted
        return "\(memory.rawValue) needs no sync: wasted are \(text)."
      }
      let list = parts.joined(separator: "; ")
      return "\(memory.rawValue) needs, by the way it is accessed: \(list)."
    }
  }

  private static func names(_ uses: [AccessOutcome.SyncUse]) -> [String] {
    uses.reduce(into: []) { names, use in
      if !names.contains(use.name) { names.append(use.name) }
    }
  }

  /// The first few; the rest stands in the rows.
  private static func list(_ outcomes: [AccessOutcome]) -> String {
    let names = outcomes.prefix(3).map(\.id).joined(separator: ", ")
    return outcomes.count > 3 ? "\(names) and \(outcomes.count - 3) more" : names
  }
}

extension AccessOutcome {
  /// `wb.sync.to_device`.
  public var id: String {
    ([memory.rawValue] + (way.map { [$0.rawValue] } ?? []) + [direction.rawValue])
      .joined(separator: ".")
  }
}

extension AccessOutcome.Direction {
  fileprivate var words: String {
    switch self {
    case .toDevice: "after the CPU writes"
    case .fromDevice: "before the CPU reads"
    case .ownWrites: "to keep the CPU's own writes"
    case .firstUse: "before the first use"
    }
  }
}

extension ScriptOutcome {
  /// The file's name without `.yaml`.
  public var name: String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return name.hasSuffix(".yaml") ? String(name.dropLast(5)) : name
  }
}
