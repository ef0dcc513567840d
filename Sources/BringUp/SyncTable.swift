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

  init(_ outcomes: [AccessOutcome]) {
    // Where bytes are stale with every sync, nothing is known about a single one.
    let fresh = outcomes.filter(\.isFresh)
    var lines: [String] = []
    for memory in AccessMemory.allCases {
      for direction in AccessOutcome.Direction.allCases {
        let here = fresh.filter { $0.memory == memory && $0.direction == direction }
        guard !here.isEmpty else { continue }
        lines += Self.row(memory, direction, here)
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
    _ memory: AccessMemory, _ direction: AccessOutcome.Direction, _ outcomes: [AccessOutcome]
  ) -> [String] {
    var without = StaleCount()
    var counts: [(name: String, count: StaleCount)] = []
    for outcome in outcomes {
      without += outcome.without
      for use in outcome.syncs {
        if let index = counts.firstIndex(where: { $0.name == use.name }) {
          counts[index].count += use.without
        } else {
          counts.append((use.name, use.without))
        }
      }
    }
    var needs = counts.filter { $0.count.stale > 0 }.map { "\($0.name) \($0.count)" }
    if needs.isEmpty {
      needs = [Self.none(outcomes, fewest: counts.map(\.count).min { $0.trials < $1.trials })]
    }
    let texts = wrapped(needs, to: end - needed)
    return texts.enumerated().map { number, text in
      number == 0
        ? line([memory.rawValue, direction.text, "\(without)", text])
        : line(["", "", "", text])
    }
  }

  /// Says why no sync is needed: by rule, or as far as was observed.
  private static func none(_ outcomes: [AccessOutcome], fewest: StaleCount?) -> String {
    guard let fewest else { return "none is issued" }
    guard !outcomes.allSatisfy(\.followsRule) else { return "none, by rule" }
    return "none observed (\(fewest.boundText))"
  }

  private static func line(_ cells: [String]) -> String {
    var line = ""
    for (cell, start) in zip(cells, [0, direction, without, needed]) {
      line += String(repeating: " ", count: max(0, start - line.count)) + cell
    }
    return line
  }

  /// Joins texts by commas, in lines of at most `width` columns.
  private static func wrapped(_ texts: [String], to width: Int) -> [String] {
    var lines: [String] = []
    for (number, text) in texts.enumerated() {
      let part = number == texts.count - 1 ? text : text + ","
      if let last = lines.last, last.count + 1 + part.count <= width {
        lines[lines.count - 1] = last + " " + part
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
