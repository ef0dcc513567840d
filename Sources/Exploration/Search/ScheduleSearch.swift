// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import Scripting

/// Looks for the shortest way in which a read shows something else than the last write ordered before it.
///
/// Goes point by point through one byte's history with every state it may be in, each reached in the cheapest
/// way: an eviction or a fill costs more than anything else, so that a schedule has as few as can be.
struct ScheduleSearch {
  /// Where the byte is, and which accesses have happened.
  private struct State: Hashable {
    var value: LineValue
    // All events below it, and beyond it those of the mask, have happened.
    var floor = 0
    var mask: UInt64 = 0

    func hasHappened(_ event: Int) -> Bool {
      event < floor || event - floor < 64 && mask >> UInt64(event - floor) & 1 != 0
    }

    mutating func happen(_ event: Int) {
      mask |= 1 << UInt64(event - floor)
      while mask & 1 != 0 {
        mask >>= 1
        floor += 1
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

  private let history: ByteHistory
  private var steps: [Step] = []
  private var frontier: [State: (cost: Int, step: Int)] = [:]
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

  /// Lets anything happen that may, until nothing new comes of it.
  private mutating func settle(before point: Int) {
    var waiting = Array(frontier.keys)
    while let state = waiting.popLast() {
      guard let (cost, step) = frontier[state] else { continue }
      func reach(
        _ next: State, _ action: ByteTrace.Action, _ price: Int, _ search: inout ScheduleSearch
      ) {
        if let known = search.frontier[next], known.cost <= cost + price { return }
        search.steps.append(Step(parent: step, action: action, point: point, value: next.value))
        search.frontier[next] = (cost + price, search.steps.count - 1)
        waiting.append(next)
      }
      var evicted = state
      evicted.value.evict()
      reach(evicted, .evict, Cost.choice, &self)
      var filled = state
      filled.value.fill()
      reach(filled, .fill, Cost.choice, &self)
      for index in state.floor..<min(submitted, state.floor + 64)
      where !state.hasHappened(index)
        && history.events[index].after.allSatisfy({ state.hasHappened($0) })
      {
        let event = history.events[index]
        var next = state
        next.happen(index)
        if let write = event.write {
          next.value.deviceStore(write, isSnooping: event.isSnooping)
        } else if event.isTarget {
          let seen = event.isSnooping ? state.value.shown : state.value.memory
          look(seen, cost + Cost.event, step, .event(index), point)
        }
        reach(next, .event(index), Cost.event, &self)
      }
    }
  }

  /// Keeps the cheapest way to a wrong value.
  private mutating func look(
    _ seen: Int, _ cost: Int, _ parent: Int, _ action: ByteTrace.Action, _ point: Int
  ) {
    guard seen != history.expected.write, cost < best?.cost ?? .max else { return }
    steps.append(Step(parent: parent, action: action, point: point, value: steps[parent].value))
    best = (cost, steps.count - 1, seen)
  }

  private mutating func perform(_ point: BytePoint, _ index: Int) {
    if case .begin = point.action {
      let value = LineValue(line: .dirty, cpu: ScriptAccess.zeroes, memory: LineValue.poison)
      steps.append(Step(parent: -1, action: .point(index, .lose), point: index, value: value))
      frontier = [State(value: value): (0, steps.count - 1)]
      return
    }
    if case .submit(let events) = point.action { submitted = events }
    let before = frontier
    frontier = [:]
    for (state, (cost, step)) in before {
      if case .wait(let events) = point.action,
        !events.allSatisfy({ state.hasHappened($0) })
      {
        continue
      }
      for outcome in outcomes(point, state.value) {
        var next = state
        apply(point.action, outcome, &next.value)
        if let known = frontier[next], known.cost <= cost { continue }
        steps.append(
          Step(parent: step, action: .point(index, outcome), point: index, value: next.value))
        frontier[next] = (cost, steps.count - 1)
        if case .load(let isCached, true) = point.action {
          let seen = isCached ? next.value.shown : next.value.memory
          if seen != history.expected.write, cost < best?.cost ?? .max {
            best = (cost, steps.count - 1, seen)
          }
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
