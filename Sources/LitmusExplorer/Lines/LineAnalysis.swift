// SPDX-License-Identifier: MIT

internal import Litmus

/// Decides which reads of a script can see anything but the last write ordered before them.
///
/// One pass over the operations keeps, for every byte, the set of states that its line can be in. This is
/// exact: the next state of a byte depends on the byte and its line's state alone, evictions and fills are
/// possible at every moment, and a job's access at every moment between its submission and its wait.
struct LineAnalysis {
  /// A read that can see wrong bytes, and the range of these bytes.
  struct Suspicion: Hashable {
    let read: ReadID
    let memory: Int
    let range: Range<UInt64>
    /// Whether it is not ordered with a write, or two writes before it are not ordered.
    let isRace: Bool
  }

  let transitions: LineTransitions
  private let mostVisits: Int
  /// The states of each memory's bytes before the next operation.
  private(set) var maps: [Int: SegmentMap<SegmentState>] = [:]
  private var lastWrites: LastWrites

  private(set) var suspicions: [Suspicion] = []
  // The number of places kept of each read: enough to find all its different faults.
  private var places: [ReadID: Int] = [:]
  // Reads that are not ordered with a write: the write that they name is not checked.
  private var racyReads: Set<ReadID> = []
  private let mostPlaces: Int
  private(set) var contradictions: [LastWrites.Contradiction] = []
  /// The number of visited runs of bytes with their pending accesses, over all operations.
  private(set) var visits = 0

  init(
    _ script: Script, _ program: Program, on platform: Platform, rules: LineRules,
    mostVisits: Int = .max, placesOfEachRead: Int = 8
  ) {
    self.init(
      script, LineTransitions(script, program, on: platform, rules: rules), mostVisits: mostVisits,
      placesOfEachRead: placesOfEachRead)
  }

  init(
    _ script: Script, _ transitions: LineTransitions, mostVisits: Int = .max,
    placesOfEachRead: Int = 8
  ) {
    self.transitions = transitions
    self.mostVisits = mostVisits
    mostPlaces = placesOfEachRead
    lastWrites = LastWrites(script)
  }

  /// Whether the bound was reached, so that the script is undecided.
  var isExhausted: Bool { visits > mostVisits }

  /// The reads that can see wrong bytes.
  var badReads: Set<ReadID> { Set(suspicions.map(\.read)) }

  /// Performs all operations, up to the bound or, if asked for, the first read that can see wrong bytes.
  mutating func run(isFirstEnough: Bool = false) {
    for index in transitions.program.operations.indices {
      perform(index)
      if isExhausted || isFirstEnough && !suspicions.isEmpty { return }
    }
    // A read that turned out later not to be ordered with a write can see it.
    contradictions.removeAll { racyReads.contains($0.read) }
  }

  /// Performs the next operation.
  mutating func perform(_ index: Int) {
    let operation = transitions.program.operations[index]
    if case .allocate(let memory) = operation.kind {
      let size = transitions.program.sizes[memory] ?? 0
      maps[memory] = SegmentMap(size: size, SegmentState(.new))
      lastWrites.allocate(memory, size: size)
    }
    var affected: [(memory: Int, range: Range<UInt64>, effect: LineTransitions.Effect)] = []
    transitions.forEachEffect(of: operation) { affected.append(($0, $1, $2)) }
    for (memory, range, effect) in affected {
      var found: [Suspicion] = []
      var visited = 0
      maps[memory]?.update(range) { [transitions] run, state in
        visited += transitions.apply(effect, at: index, memory, run, to: &state, &found)
      }
      visits += visited
      for suspicion in found { note(suspicion) }
      noteWrite(operation, memory, range, effect)
    }
  }

  private mutating func note(_ suspicion: Suspicion) {
    if suspicion.isRace { racyReads.insert(suspicion.read) }
    let count = places[suspicion.read, default: 0]
    guard count < mostPlaces else { return }
    places[suspicion.read] = count + 1
    suspicions.append(suspicion)
  }

  /// Notes a write, or compares the one that a read names with the last one.
  private mutating func noteWrite(
    _ operation: MicroOperation, _ memory: Int, _ range: Range<UInt64>,
    _ effect: LineTransitions.Effect
  ) {
    var reader: ReadID?
    switch effect {
    case .table: return
    case .store:
      if case .store(_, _, let write, _) = operation.kind { lastWrites.store(write, memory, range) }
    case .load(let read, _): reader = read
    case .access(let job, let index):
      if let write = transitions.program.jobs[job][index].write {
        lastWrites.store(write, memory, range)
      } else {
        reader = .device(job: job, access: index)
      }
    }
    guard let reader, !racyReads.contains(reader) else { return }
    contradictions += lastWrites.check(reader, memory, range)
  }
}
