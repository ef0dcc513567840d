// SPDX-License-Identifier: MIT

internal import DRMConformance
public import Reports

/// What happened in a run so far, from its plan and the events of its journal.
public struct RunHistory: Sendable {
  public let plan: Plan
  /// The boot that the last process of the run runs in; nil for a journal without events.
  public private(set) var boot: Boot?
  /// Whether the last process of the run did all that was to do.
  public private(set) var isFinished = false
  /// The reason for each device, by its index, that the last process of the run lost; a resumed run tries it again.
  public private(set) var lostDevices: [Int: String] = [:]
  /// The attempts, in the order in which they began.
  public private(set) var attempts: [Attempt] = []
  // Of each item, the results of its attempts in order.
  private var rows: [[ResultRow]]
  // The items with one more attempt that has begun.
  private var begun: Set<Int> = []

  /// An attempt at an item.
  public struct Attempt: Hashable, Sendable {
    /// The item's number.
    public let item: Int
    /// From 1.
    public let number: Int
  }

  /// Creates the history of a run that has not begun.
  public init(_ plan: Plan) {
    self.plan = plan
    rows = plan.items.map { _ in [] }
  }

  /// The results of an item's attempts, in order; empty for an item that has none.
  public func rows(ofItem number: Int) -> [ResultRow] {
    rows.indices ~= number ? rows[number] : []
  }

  /// The results of the items that have one, by the numbers of the items.
  var finalRows: [Int: ResultRow] {
    var finals: [Int: ResultRow] = [:]
    for item in plan.items { finals[item.number] = finalRow(ofItem: item.number) }
    return finals
  }

  /// The result of an item after all its attempts; nil for an item that has none.
  func finalRow(ofItem number: Int) -> ResultRow? {
    let rows = rows(ofItem: number)
    guard let last = rows.last, rows.count > 1 else { return rows.last }
    return last.retried(rows.count, after: rows.first?.reason)
  }

  /// The attempts that began and have no result, in the order of the plan.
  public var inFlight: [Attempt] {
    begun.sorted().map { Attempt(item: $0, number: rows[$0].count + 1) }
  }

  /// The items that never began, in the order of the plan.
  public var itemsToRun: [Plan.Item] {
    plan.items.filter { rows[$0.number].isEmpty && !begun.contains($0.number) }
  }

  /// The report of the run so far: the last result of each item, in the order of the plan.
  public func report() -> Report {
    let results = plan.items.compactMap { item in
      begun.contains(item.number)
        ? incomplete(item.number, "the run ended before it did") : finalRow(ofItem: item.number)
    }
    return Report(
      devices: plan.devices, ignored: plan.ignored, results: results,
      notRun: plan.items.count - results.count)
  }

  /// Returns the row of an item that was in flight when the run ended.
  func incomplete(_ item: Int, _ reason: String) -> ResultRow {
    let id = plan.items[item].resultID
    return row(CheckResult(id: id, verdict: .incomplete, reason: reason), ofItem: item)
  }

  /// Returns the row of a result of an item of the plan.
  func row(_ result: CheckResult, ofItem item: Int, _ steps: StepCounts? = nil) -> ResultRow {
    ResultRow(result, on: plan.devices[plan.items[item].device], steps: steps)
  }
}

extension RunHistory {
  /// Adds an event.
  ///
  /// - Throws: where no run can have the event here; nothing is then changed.
  mutating func apply(_ event: JournalEvent) throws(Contradiction) {
    try check(event)
    record(event)
  }

  /// Adds an event that ``check(_:)`` accepts.
  mutating func record(_ event: JournalEvent) {
    switch event {
    case .start(let boot): self.boot = boot
    case .resumed(let boot): (self.boot, isFinished, lostDevices) = (boot, false, [:])
    case .began(let item, let attempt):
      begun.insert(item)
      attempts.append(Attempt(item: item, number: attempt))
    case .ended(let item, _, let row):
      begun.remove(item)
      rows[item].append(row)
    case .lost(let device, let reason): lostDevices[device] = reason
    case .finished: isFinished = true
    // An item that the user or a limit cut short has no result, and runs again.
    case .interrupted, .aborted: begun = []
    case .pruned: break
    }
  }

  /// Throws where no run can have the event next.
  func check(_ event: JournalEvent) throws(Contradiction) {
    switch event {
    case .start:
      guard boot == nil else { throw Contradiction("the journal starts a second time") }
    case _ where boot == nil: throw Contradiction("the first event is not 'start'")
    case .resumed:
      if let item = begun.min() {
        throw Contradiction("the run is resumed while item \(item) is in flight")
      }
    case _ where isFinished:
      throw Contradiction("an event after 'finished', without 'resumed' between them")
    case .began(let item, let attempt):
      let next = try ended(item) + 1
      guard !begun.contains(item) else {
        throw Contradiction("item \(item) begins again before attempt \(next) ended")
      }
      guard attempt == next else {
        throw Contradiction(
          "attempt \(attempt) of item \(item) begins, attempt \(next) is the next one")
      }
    case .ended(let item, let attempt, let row): try check(row, ofItem: item, attempt)
    case .lost(let device, _):
      guard plan.devices.indices ~= device else {
        throw Contradiction(
          "device \(device) is not in the plan, which has \(plan.devices.count)")
      }
    case .pruned(let item, let attempt, let bytes):
      _ = try ended(item)
      guard attempt > 0, bytes >= 0 else {
        throw Contradiction("\(bytes) bytes of attempt \(attempt) are no folder")
      }
    case .finished:
      if let item = begun.min() {
        throw Contradiction("the run finishes while item \(item) is in flight")
      }
    case .interrupted, .aborted: break
    }
  }

  /// The number of an item's attempts that ended.
  private func ended(_ item: Int) throws(Contradiction) -> Int {
    guard rows.indices ~= item else {
      throw Contradiction("item \(item) is not in the plan, which has \(rows.count)")
    }
    return rows[item].count
  }

  private func check(
    _ row: ResultRow, ofItem item: Int, _ attempt: Int
  ) throws(Contradiction) {
    let ended = try ended(item)
    guard attempt < 1 || attempt > ended else {
      throw Contradiction("attempt \(attempt) of item \(item) ends a second time")
    }
    guard begun.contains(item), attempt == ended + 1 else {
      throw Contradiction("attempt \(attempt) of item \(item) ends and did not begin")
    }
    let planned = plan.items[item]
    let device = plan.devices[planned.device].device
    guard row.id == planned.resultID, row.device == device else {
      throw Contradiction(
        "a result of \(row.id) on \(row.device), item \(item) is \(planned.resultID) on \(device)")
    }
  }
}
