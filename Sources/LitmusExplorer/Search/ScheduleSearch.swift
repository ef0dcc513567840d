// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import Litmus

/// Looks for the shortest way in which a read shows something else than the last write ordered before it.
///
/// Goes point by point through one byte's history with every state it may be in, each reached in the cheapest
/// way: an eviction or a fill costs more than anything else, so that a schedule has as few as can be. Of the
/// values only counts whether they are the expected one, and of accesses only writes and the read in question.
struct ScheduleSearch {
  /// What tells two ways apart: the line, what is right in it, and which accesses have happened.
  private struct State: Hashable {
    let line: ModelledLine.State
    let isRightInCache: Bool
    let isRightInMemory: Bool
    let happened: Happened
  }

  /// All events below a floor, and beyond it those of a mask.
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

  /// The cheapest way to a state.
  private struct Way {
    let cost: Int
    let step: Int
    let value: LineValue
    let happened: Happened
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

  // Where jobs without order pile up, the cheapest ways are enough: one of them shows what is wrong.
  private static let mostWays = 1024

  private let history: ByteHistory
  private var steps: [Step] = []
  private var frontier: [State: Way] = [:]
  private var best: (cost: Int, step: Int, seen: Int)?
  private var submitted = 0

  init(_ history: ByteHistory) {
    self.history = history
  }

  /// Answers the cheapest trace; nil where the read always shows what it must.
  mutating func run() -> ByteTrace? {
    for (index, point) in history.points.enumerated() {
      if point.isFree { settle(before: index) }
      perform(point, index)
    }
    settle(before: history.points.count)
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

  /// Keeps a way to a state, unless a cheaper one is known.
  @discardableResult
  private mutating func reach(
    _ value: LineValue, _ happened: Happened, _ cost: Int, from parent: Int,
    by action: ByteTrace.Action, at point: Int
  ) -> State? {
    let state = state(value, happened)
    if let known = frontier[state], known.cost <= cost { return nil }
    steps.append(Step(parent: parent, action: action, point: point, value: value))
    frontier[state] = Way(cost: cost, step: steps.count - 1, value: value, happened: happened)
    return state
  }

  /// Lets anything happen that may, until nothing new comes of it.
  private mutating func settle(before point: Int) {
    if frontier.count > Self.mostWays {
      let cheapest = frontier.sorted { $0.value.cost < $1.value.cost }.prefix(Self.mostWays)
      frontier = Dictionary(uniqueKeysWithValues: cheapest.map { ($0.key, $0.value) })
    }
    var waiting = Array(frontier.keys)
    while let state = waiting.popLast() {
      guard let way = frontier[state] else { continue }
      var reached: [State?] = []
      var evicted = way.value
      evicted.evict()
      reached.append(
        reach(
          evicted, way.happened, way.cost + Cost.choice, from: way.step, by: .evict, at: point))
      var filled = way.value
      filled.fill()
      reached.append(
        reach(filled, way.happened, way.cost + Cost.choice, from: way.step, by: .fill, at: point))
      for index in way.happened.floor..<min(submitted, way.happened.floor + 64)
      where canHappen(index, after: way.happened) && frontier.count < 4 * Self.mostWays {
        reached.append(happen(index, way, point))
      }
      waiting += reached.compactMap { $0 }
    }
  }

  private func canHappen(_ event: Int, after happened: Happened) -> Bool {
    !happened.contains(event) && history.events[event].after.allSatisfy(happened.contains)
  }

  private mutating func happen(_ index: Int, _ way: Way, _ point: Int) -> State? {
    let event = history.events[index]
    let cost = way.cost + Cost.event
    var (value, happened) = (way.value, way.happened)
    happened.insert(index)
    if let write = event.write {
      value.deviceStore(write, isSnooping: event.isSnooping)
    } else {
      let seen = event.isSnooping ? value.shown : value.memory
      if seen != history.expected.write, cost < best?.cost ?? .max {
        steps.append(Step(parent: way.step, action: .event(index), point: point, value: value))
        best = (cost, steps.count - 1, seen)
      }
    }
    return reach(value, happened, cost, from: way.step, by: .event(index), at: point)
  }

  private mutating func perform(_ point: BytePoint, _ index: Int) {
    if case .begin = point.action {
      let value = LineValue(line: .dirty, cpu: ScriptAccess.zeroes, memory: LineValue.poison)
      frontier = [:]
      reach(value, Happened(), 0, from: -1, by: .point(index, .lose), at: index)
      return
    }
    if case .submit(let events) = point.action { submitted = events }
    let before = frontier
    frontier = [:]
    for way in before.values {
      if case .wait(let events) = point.action, !events.allSatisfy(way.happened.contains) {
        continue
      }
      for outcome in outcomes(point, way.value) {
        var value = way.value
        apply(point.action, outcome, &value)
        let action = ByteTrace.Action.point(index, outcome)
        reach(value, way.happened, way.cost, from: way.step, by: action, at: index)
        guard case .load(let isCached, true) = point.action else { continue }
        let seen = isCached ? value.shown : value.memory
        if seen != history.expected.write, way.cost < best?.cost ?? .max {
          steps.append(Step(parent: way.step, action: action, point: index, value: value))
          best = (way.cost, steps.count - 1, seen)
        }
      }
    }
  }

  /// What may become of a dirty line that is invalidated; one answer where it makes no difference.
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
    case .load(false, _), .submit, .wait, .begin: break
    }
  }
}
