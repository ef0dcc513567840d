// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import Litmus

/// Searches for the cheapest trace in which a read sees anything but the last write ordered before it.
///
/// It visits one byte's history point by point and keeps, for every possible state, the cheapest path to it. An
/// eviction or a fill costs more than an access, so that a schedule has as few of them as possible. A state
/// records only whether values are the expected one, and which writes and target reads have happened.
struct ScheduleSearch {
  /// The state that distinguishes paths: the line, its correct copies, and the accesses that have happened.
  private struct State: Hashable {
    let line: ModelledLine.State
    let isRightInCache: Bool
    let isRightInMemory: Bool
    let happened: Happened
  }

  /// A set of events: all below a floor, and those in a mask above it.
  private struct Happened: Hashable {
    private(set) var floor = 0
    private var mask: UInt64 = 0

    func contains(_ event: Int) -> Bool {
      event < floor || event - floor < 64 && mask >> UInt64(event - floor) & 1 != 0
    }

    mutating func insert(_ event: Int) {
      mask |= 1 << UInt64(event - floor)
      while mask & 1 != 0 {
        mask >>= 1
        floor += 1
      }
    }
  }

  /// The cheapest path to a state.
  private struct Path {
    let cost: Int
    let step: Int
    let value: LineValue
    let happened: Happened
  }

  /// The cheapest path to each state, in the order in which the states were reached: a search always finds the
  /// same trace.
  private struct Frontier {
    private var places: [State: Int] = [:]
    private(set) var paths: [(state: State, path: Path)] = []

    init() {}

    init(_ paths: [(state: State, path: Path)]) {
      self.paths = paths
      places = Dictionary(uniqueKeysWithValues: paths.enumerated().map { ($1.state, $0) })
    }

    subscript(state: State) -> Path? { places[state].map { paths[$0].path } }

    mutating func set(_ path: Path, for state: State) {
      if let place = places[state] {
        paths[place].path = path
      } else {
        places[state] = paths.count
        paths.append((state, path))
      }
    }
  }

  private struct Step {
    let parent: Int
    let action: ByteTrace.Action
    let point: Int
    let value: LineValue
  }

  private enum Cost {
    static let choice = 16
    static let event = 1
  }

  // With many unordered jobs only the cheapest paths are kept: one of them usually shows the fault.
  private static let mostPaths = 1024
  /// The most states that one search visits, after which it ends without a result or with the best so far.
  static let mostVisits = 1_000_000

  private let history: ByteHistory
  private var steps: [Step] = []
  private var frontier = Frontier()
  private var best: (cost: Int, step: Int, seen: Int)?
  private var submitted = 0
  private(set) var visits = 0

  init(_ history: ByteHistory) {
    self.history = history
  }

  /// Returns the cheapest trace; nil where none was found.
  mutating func run() -> ByteTrace? {
    for (index, point) in history.points.enumerated() {
      guard visits < Self.mostVisits else { break }
      if point.isFree { settle(before: index) }
      perform(point, index)
    }
    if visits < Self.mostVisits { settle(before: history.points.count) }
    guard let best else { return nil }
    return ByteTrace(entries: entries(upTo: best.step), seen: best.seen)
  }

  private func entries(upTo last: Int) -> [ByteTrace.Entry] {
    var entries: [ByteTrace.Entry] = []
    var index = last
    while index >= 0 {
      let step = steps[index]
      let before = step.parent >= 0 ? steps[step.parent].value : step.value
      entries.append(
        ByteTrace.Entry(action: step.action, point: step.point, before: before, after: step.value))
      index = step.parent
    }
    return entries.reversed()
  }

  private func state(_ value: LineValue, _ happened: Happened) -> State {
    let expected = history.expected.write
    return State(
      line: value.line, isRightInCache: value.cpu == expected,
      isRightInMemory: value.memory == expected, happened: happened)
  }

  /// Keeps a path to a state, unless a cheaper one is known.
  @discardableResult
  private mutating func reach(
    _ value: LineValue, _ happened: Happened, _ cost: Int, from parent: Int,
    by action: ByteTrace.Action, at point: Int
  ) -> State? {
    let state = state(value, happened)
    if let known = frontier[state], known.cost <= cost { return nil }
    steps.append(Step(parent: parent, action: action, point: point, value: value))
    frontier.set(
      Path(cost: cost, step: steps.count - 1, value: value, happened: happened), for: state)
    return state
  }

  /// Adds all states that evictions, fills and accesses lead to.
  private mutating func settle(before point: Int) {
    if frontier.paths.count > Self.mostPaths {
      let cheapest = frontier.paths.sorted { $0.path.cost < $1.path.cost }
      frontier = Frontier(Array(cheapest.prefix(Self.mostPaths)))
    }
    var waiting = frontier.paths.map(\.state)
    while let state = waiting.popLast() {
      guard let path = frontier[state] else { continue }
      guard visits < Self.mostVisits else { return }
      visits += 1
      var reached: [State?] = []
      var evicted = path.value
      evicted.evict()
      reached.append(
        reach(
          evicted, path.happened, path.cost + Cost.choice, from: path.step, by: .evict, at: point))
      var filled = path.value
      filled.fill()
      reached.append(
        reach(filled, path.happened, path.cost + Cost.choice, from: path.step, by: .fill, at: point)
      )
      for index in path.happened.floor..<min(submitted, path.happened.floor + 64)
      where canHappen(index, after: path.happened) && frontier.paths.count < 4 * Self.mostPaths {
        reached.append(happen(index, path, point))
      }
      waiting += reached.compactMap { $0 }
    }
  }

  private mutating func canHappen(_ event: Int, after happened: Happened) -> Bool {
    visits += 1 + history.events[event].after.count / 64
    return !happened.contains(event) && history.events[event].after.allSatisfy(happened.contains)
  }

  private mutating func happen(_ index: Int, _ path: Path, _ point: Int) -> State? {
    let event = history.events[index]
    let cost = path.cost + Cost.event
    var (value, happened) = (path.value, path.happened)
    happened.insert(index)
    if let write = event.write {
      value.deviceStore(write, isSnooping: event.isSnooping)
    } else {
      let seen = event.isSnooping ? value.shown : value.memory
      if seen != history.expected.write, cost < best?.cost ?? .max {
        steps.append(Step(parent: path.step, action: .event(index), point: point, value: value))
        best = (cost, steps.count - 1, seen)
      }
    }
    return reach(value, happened, cost, from: path.step, by: .event(index), at: point)
  }

  private mutating func perform(_ point: BytePoint, _ index: Int) {
    if case .allocate = point.action {
      let value = LineValue(
        line: .dirty, cpu: ScriptAccess.zeroes, memory: LineValue.previousContents)
      frontier = Frontier()
      reach(value, Happened(), 0, from: -1, by: .point(index, .lose), at: index)
      return
    }
    if case .submit(let events) = point.action { submitted = events }
    let before = frontier.paths
    frontier = Frontier()
    for (_, path) in before {
      if case .wait(let events) = point.action, !events.allSatisfy(path.happened.contains) {
        continue
      }
      for outcome in outcomes(point, path.value) {
        var value = path.value
        apply(point.action, outcome, &value)
        let action = ByteTrace.Action.point(index, outcome)
        reach(value, path.happened, path.cost, from: path.step, by: action, at: index)
        guard case .load(let isCached, true) = point.action else { continue }
        let seen = isCached ? value.shown : value.memory
        if seen != history.expected.write, path.cost < best?.cost ?? .max {
          steps.append(Step(parent: path.step, action: action, point: index, value: value))
          best = (path.cost, steps.count - 1, seen)
        }
      }
    }
  }

  /// Returns the possible outcomes for a dirty line that is invalidated; one where it makes no difference.
  private func outcomes(_ point: BytePoint, _ value: LineValue) -> [InvalidationOutcome] {
    if case .maintain(.invalidate) = point.action, value.line == .dirty {
      return [.lose, .writeBack]
    }
    return [.lose]
  }

  private func apply(
    _ action: BytePoint.Action, _ outcome: InvalidationOutcome, _ value: inout LineValue
  ) {
    switch action {
    case .store(let write, true): value.store(write)
    case .store(let write, false): value.storeUncached(write)
    case .storeBeside: value.storeBeside()
    case .load(true, _): value.fill()
    case .maintain(let maintenance): value.maintain(maintenance, outcome)
    case .load(false, _), .submit, .wait, .allocate: break
    }
  }
}
/// One execution of a byte's history, up to a read that sees wrong bytes.
struct ByteTrace {
  enum Action: Hashable {
    /// A point of the history, by its index, with the outcome for a dirty line that it invalidates.
    case point(Int, InvalidationOutcome)
    /// A job's access, by its index.
    case event(Int)
    case evict
    case fill
  }

  struct Entry {
    let action: Action
    /// The point that it is or precedes; the number of points for an entry after the last.
    let point: Int
    let before: LineValue
    let after: LineValue
  }

  let entries: [Entry]
  /// The write that the read sees.
  let seen: Int

  /// Returns the point that invalidates a dirty line and so loses a write that memory does not have; nil for none.
  func discard(of write: Int) -> Int? {
    for entry in entries where entry.before.cpu == write && entry.before.line == .dirty {
      if entry.after.line != .dirty, entry.after.memory != write,
        case .point(let index, _) = entry.action
      {
        return index
      }
    }
    return nil
  }
}
