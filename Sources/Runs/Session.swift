// SPDX-License-Identifier: MIT

internal import DRMConformance
internal import DRMKernel
public import Reports

/// What happens in a run, in the order of the report.
public enum ItemEvent: Sendable {
  case began(Plan.Item)
  case ended(Plan.Item, ResultRow)
  /// The item was interrupted, and has no result.
  case abandoned(Plan.Item)
  /// The device cannot be used any more, and the rest of its items does not run.
  case lost(device: Int, reason: String)
}

/// How a run ended.
public enum RunEnd: Hashable, Sendable {
  /// Every item has a result.
  case complete
  /// By a signal, by its number.
  case interrupted(Int32)
  /// Before the rest of the items, for a reason.
  case stopped(String)
}

/// When a run tries again, and when it stops.
public struct RunPolicy: Hashable, Sendable, Codable {
  /// The most of ``retries``.
  public static let mostRetries = 1000

  /// The number of further attempts at an item that failed.
  public let retries: Int
  /// The number of failed items after which nothing more runs; nil for no limit.
  public let mostFailures: Int?
  /// The number of devices that are used at the same time.
  public let lanes: Int
  public let limits: TimeLimits

  /// Creates a policy.
  public init(retries: Int = 0, mostFailures: Int? = nil, lanes: Int = 1, limits: TimeLimits) {
    (self.retries, self.mostFailures) = (retries, mostFailures)
    (self.lanes, self.limits) = (lanes, limits)
  }
}

/// Carries out the items of a plan: in their order on each device, on several devices at the same time.
public final class RunSession: Sendable {
  private struct State {
    var failures = 0
    var lost: [Int: String] = [:]
    var stop: RunEnd?
  }

  private let plan: Plan
  private let executor: any Executor
  private let folder: ResultFolder?
  private let watches: Watches?
  /// The results of the run before it went on, by the numbers of their items.
  private let known: [Int: ResultRow]
  private let signal: @Sendable () -> Int32
  private let deadline: ContinuousClock.Instant?
  private let state = Guarded(State())

  /// Creates a session.
  ///
  /// - Parameters:
  ///   - folder: keeps the results; those that it has are reported, and not found again.
  ///   - signal: polled while items run; once it returns the number of a signal, the run ends.
  public init(
    _ plan: Plan, by executor: any Executor, in folder: ResultFolder? = nil,
    watchedBy watches: Watches? = nil, signal: @escaping @Sendable () -> Int32
  ) {
    (self.plan, self.executor) = (plan, executor)
    (self.folder, self.watches, self.signal) = (folder, watches, signal)
    known = folder?.history.finalRows ?? [:]
    deadline = plan.policy.limits.run.map { ContinuousClock.now + $0 }
  }

  private var policy: RunPolicy { plan.policy }

  /// Runs the items, and reports each as it begins and ends.
  ///
  /// Events of a device are reported in order, and those of a later device after those of an earlier one.
  public func run(_ report: (ItemEvent) -> Void) -> RunEnd {
    if policy.lanes > 1, plan.devices.count > 1 {
      let lanes = Dictionary(grouping: plan.items, by: \.device).sorted { $0.key < $1.key }.map(
        \.value)
      OrderedLanes(lanes.count, atOnce: policy.lanes).run { [self] lane, report in
        for item in lanes[lane] { perform(item, report) }
      } report: {
        report($0)
      }
    } else {
      for item in plan.items { perform(item, report) }
    }
    return conclude()
  }

  /// Writes how the run ended.
  private func conclude() -> RunEnd {
    let end = end
    // A run that was complete stays as it is.
    guard folder?.history.isFinished != true else { return end }
    do throws(ResultFolderError) {
      switch end {
      case .complete: try folder?.append(.finished)
      case .interrupted(let signal): try folder?.append(.interrupted(signal: Int(signal)))
      case .stopped(let reason): try folder?.append(.aborted(reason: reason))
      }
    } catch {
      return .stopped(error.description)
    }
    return end
  }

  private var end: RunEnd {
    state.withLock { state in
      if let stop = state.stop { return stop }
      let lost = state.lost.keys.sorted().map { plan.devices[$0].device }
      guard !lost.isEmpty else { return .complete }
      return .stopped(
        "\(lost.joined(separator: ", ")) \(lost.count == 1 ? "was" : "were") lost")
    }
  }

  private func perform(_ item: Plan.Item, _ report: (ItemEvent) -> Void) {
    if let row = known[item.number] {
      report(.began(item))
      return report(.ended(item, row))
    }
    guard !isOver(item.device) else { return }
    report(.began(item))
    var failure: String?
    for attempt in 1...(policy.retries + 1) {
      guard let row = tryOnce(item, attempt) else { return report(.abandoned(item)) }
      if row.verdict.isGood || attempt > policy.retries || isOver(item.device) {
        count(row)
        report(.ended(item, attempt > 1 ? row.retried(attempt, after: failure) : row))
        if let reason = state.withLock({ $0.lost[item.device] }) {
          report(.lost(device: item.device, reason: reason))
        }
        return
      }
      failure = failure ?? row.reason
    }
  }

  /// Makes one attempt; nil where it was interrupted, or cannot be kept.
  private func tryOnce(_ item: Plan.Item, _ number: Int) -> ResultRow? {
    do throws(ResultFolderError) {
      let record = try AttemptRecord(item, number, in: folder)
      let (attempt, incidents) = watched(item) {
        executor.run(item, attempt: number, trace: record.trace) { [self] in isStopped() }
      }
      var row: ResultRow
      switch attempt.end {
      case .result(let result): row = result
      case .lost(let result, let reason):
        row = result
        state.withLock { $0.lost[item.device] = reason }
      case .interrupted:
        _ = isStopped()
        return nil
      }
      row = row.judged(by: incidents?.failures ?? [])
      if let reason = incidents?.abortReasons.first {
        state.withLock { $0.stop = $0.stop ?? .stopped("\(reason) (--abort-on)") }
      }
      try record.end(row, attempt.output, incidents)
      if case .lost(_, let reason) = attempt.end {
        try folder?.append(.lost(device: item.device, reason: reason))
      }
      return row
    } catch {
      // A run whose results are not kept would have to run again.
      state.withLock { $0.stop = $0.stop ?? .stopped(error.description) }
      return nil
    }
  }

  private func watched(_ item: Plan.Item, _ run: () -> Attempt) -> (Attempt, Incidents?) {
    guard let watches else { return (run(), nil) }
    return watches.around(item, isInProcess: executor.isInProcess, run)
  }

  private func count(_ row: ResultRow) {
    guard !row.verdict.isGood, let most = policy.mostFailures else {
      return
    }
    state.withLock { state in
      state.failures += 1
      if state.failures >= most, state.stop == nil {
        state.stop = .stopped("\(most) failed (--maxfail \(most))")
      }
    }
  }

  /// Whether no further item may begin.
  private func isStopped() -> Bool {
    state.withLock { state in
      guard state.stop == nil else { return true }
      let signal = signal()
      if signal != 0 {
        state.stop = .interrupted(signal)
      } else if let deadline, ContinuousClock.now > deadline, let most = policy.limits.run {
        state.stop = .stopped("the run did not end within \(most.secondsText)")
      }
      return state.stop != nil
    }
  }

  /// Whether no further item of the device may begin.
  private func isOver(_ device: Int) -> Bool {
    isStopped() || state.withLock { $0.lost[device] != nil }
  }
}
