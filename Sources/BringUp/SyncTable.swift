// SPDX-License-Identifier: MIT

/// A table of the syncs that are needed, by kind of memory and direction; at most 100 columns wide.
struct SyncTable {
  /// The lines of the table; none without outcomes.
  let lines: [String]

  // Where the columns start; two more columns belong to the indentation of a verdict.
  private static let direction = 14
  private static let without = 40
  private static let needed = 56
  private static let end = 98

  init(_ outcomes: [AccessOutcome], _ claim: BringUpVerdict.Claim) {
    var lines: [String] = []
    for memory in AccessMemory.allCases {
      for direction in AccessOutcome.Direction.allCases {
        let here = outcomes.filter { $0.memory == memory && $0.direction == direction }
        guard !here.isEmpty else { continue }
        lines += Self.row(memory, direction, here, claim)
      }
    }
    guard !lines.isEmpty else {
      self.lines = []
      return
    }
    let head = Self.line(["memory", "access", "stale without", "needed: stale without it alone"])
    self.lines =
      [head] + lines
      + ["Several syncs in a row belong to different access paths: those of one path are enough."]
  }

  private static func row(
    _ memory: AccessMemory, _ direction: AccessOutcome.Direction, _ outcomes: [AccessOutcome],
    _ claim: BringUpVerdict.Claim
  ) -> [String] {
    var without = StaleCount()
    var stale = StaleCount()
    var uses: [AccessOutcome.SyncUse] = []
    for outcome in outcomes {
      without += outcome.without
      // Where bytes are stale with every sync, nothing is known about a single one.
      guard outcome.isFresh else {
        stale += outcome.whole
        continue
      }
      for use in outcome.syncs {
        if let index = uses.firstIndex(where: { $0.name == use.name }) {
          uses[index].without += use.without
          if let refusal = use.refusal { uses[index].refusal = refusal }
        } else {
          uses.append(use)
        }
      }
    }
    var needs = uses.filter(\.isNeeded).map(\.text)
    needs += candidates(outcomes, besides: uses.filter { $0.without.stale > 0 }.map(\.name))
    if stale.trials > 0 { needs.insert("STALE WITH ALL SYNCS \(stale)", at: 0) }
    if needs.isEmpty {
      let fewest = uses.map(\.without).min { $0.trials < $1.trials }
      needs = [
        fewest.map { Self.none(outcomes.allSatisfy { $0.followsRule(claim) }, $0) }
          ?? "none is issued"
      ]
    }
    let first = [memory.rawValue, direction.text, "\(without)"]
    let width = end - max(needed, line(first).count + 1)
    let parts = needs.dropLast().map { $0 + "," } + needs.suffix(1)
    return lines(of: parts, to: width).enumerated().map { number, text in
      line((number == 0 ? first : ["", "", ""]) + [text])
    }
  }

  /// Names the syncs of paths that were stale without any; not where one of them is known to be needed.
  private static func candidates(
    _ outcomes: [AccessOutcome], besides known: [String]
  ) -> [String] {
    var texts: [String] = []
    for candidates in outcomes.map(\.candidates) where !candidates.isEmpty {
      let text = candidates.oneOfText
      guard !candidates.contains(where: { known.contains($0.name) }), !texts.contains(text) else {
        continue
      }
      texts.append(text)
    }
    return texts
  }

  /// Says why no sync is needed: by rule, or as far as was observed.
  private static func none(_ isByRule: Bool, _ fewest: StaleCount) -> String {
    isByRule ? "none, by rule" : "none observed (\(fewest.boundText))"
  }

  private static func line(_ cells: [String]) -> String {
    var line = ""
    for (cell, start) in zip(cells, [0, direction, without, needed]) {
      line += String(repeating: " ", count: max(line.isEmpty ? 0 : 1, start - line.count)) + cell
    }
    return line
  }

  /// Returns a text in lines of at most 98 columns.
  static func wrapped(_ text: String) -> [String] {
    lines(of: text.split(separator: " ").map(String.init), to: end)
  }

  /// Fills lines of at most `width` columns with parts; a part that is wider is divided at its spaces.
  private static func lines(of parts: [String], to width: Int) -> [String] {
    var lines: [String] = []
    for part in parts {
      if let last = lines.last, last.count + 1 + part.count <= width {
        lines[lines.count - 1] = last + " " + part
      } else if part.count > width, part.contains(" ") {
        lines += Self.lines(of: part.split(separator: " ").map(String.init), to: width)
      } else {
        lines.append(part)
      }
    }
    return lines
  }
}

extension AccessOutcome.Direction {
  var text: String {
    switch self {
    case .toDevice: "after CPU writes"
    case .fromDevice: "before CPU reads"
    case .ownWrites: "to keep other CPU writes"
    case .firstUse: "before the first use"
    }
  }
}
