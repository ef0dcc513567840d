// SPDX-License-Identifier: MIT

internal import Litmus

/// The states of a memory's bytes with and without a change to maintenance, as far as the two differ.
///
/// It ends where the states are equal again, so that most changes cost a few operations, not the whole script.
struct Divergence {
  private struct Pair: Equatable {
    var kept: SegmentState
    var changed: SegmentState
  }

  private let transitions: LineTransitions
  private let memory: Int
  private var map: SegmentMap<Pair?>
  // The bytes that can differ.
  private let extent: Range<UInt64>
  // Whether equal states are removed: after the last changed operation.
  private var isConverging = false
  private(set) var suspicions: [LineAnalysis.Suspicion] = []
  private(set) var visits = 0

  /// Starts with the states before the first changed operation.
  init(
    _ transitions: LineTransitions, _ memory: Int, _ base: SegmentMap<SegmentState>,
    _ range: Range<UInt64>
  ) {
    self.transitions = transitions
    self.memory = memory
    extent = range
    map = SegmentMap(size: transitions.program.sizes[memory] ?? 0, nil)
    base.forEach(range) { run, state in
      map.update(run) { $1 = Pair(kept: state, changed: state) }
      visits += 1
    }
  }

  /// Performs operations of the memory until the states are equal.
  ///
  /// - Parameters:
  ///   - change: the changed operations, each with its other range; nil for none.
  ///   - skipped: operations that are left out of both.
  ///   - isFirstEnough: ends at the first read that can see wrong bytes.
  mutating func run(
    _ operations: ArraySlice<Int>, change: [Int: Range<UInt64>?], skipped: Set<Int>,
    isFirstEnough: Bool, mostVisits: Int
  ) {
    let last = change.keys.max() ?? 0
    for (count, index) in operations.enumerated() where !skipped.contains(index) {
      if count % 16 == 0 { visits += 1 }
      guard visits < mostVisits else { return }
      let operation = transitions.program.operations[index]
      isConverging = index >= last
      if let range = change[index] {
        perform(operation, index, \.kept)
        if let range, case .maintain(_, _, let maintenance) = operation.kind {
          perform(
            MicroOperation(
              step: operation.step, place: operation.place,
              kind: .maintain(memory: memory, range, maintenance)), index, \.changed)
        }
        if isConverging { map.update(0..<(transitions.program.sizes[memory] ?? 0), Self.dropEqual) }
      } else {
        perform(operation, index, \.kept, \.changed)
      }
      if isFirstEnough && !suspicions.isEmpty { return }
      if isConverging, map.allSatisfy({ $0 == nil }) { return }
    }
  }

  private static func dropEqual(_: Range<UInt64>, _ pair: inout Pair?) {
    if let found = pair, found.kept == found.changed { pair = nil }
  }

  private mutating func perform(
    _ operation: MicroOperation, _ index: Int, _ sides: WritableKeyPath<Pair, SegmentState>...
  ) {
    var found: [LineAnalysis.Suspicion] = []
    var visited = 0
    transitions.forEachEffect(of: operation) { [transitions, memory, extent, isConverging] in
      guard $0 == memory, $1.overlaps(extent) else { return }
      let effect = $2
      map.update($1) { run, state in
        guard var pair = state else { return }
        for side in sides {
          var ignored: [LineAnalysis.Suspicion] = []
          visited += transitions.apply(
            effect, at: index, memory, run, to: &pair[keyPath: side], &ignored)
          if side == \.changed { found += ignored }
        }
        state = isConverging && pair.kept == pair.changed ? nil : pair
      }
    }
    suspicions += found
    visits += visited
  }
}
