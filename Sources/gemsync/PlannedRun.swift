// SPDX-License-Identifier: MIT

import ArgumentParser
import DRM
import DRMDrivers
import Devices
import Reports
import Runs

/// The run of a plan on devices, with its report.
struct PlannedRun {
  let plan: Plan
  let subjects: Subjects
  let selections: [Selection]
  /// Whether each item has a process of its own.
  let isIsolated: Bool
  let rehearsal: Rehearsal?

  /// Runs the items, reports each, and returns how the run ended.
  ///
  /// - Parameter note: called for each item that begins, with its device.
  func run(
    into report: inout ReportStream, note: (Plan.Item, DRMDevice) -> Void
  ) -> RunEnd {
    let devices = selections.flatMap(\.devices)
    let executor: any Executor =
      isIsolated
      ? IsolatedExecutor(
        plan.work, of: subjects, on: devices, limits: plan.policy.limits, rehearsal: rehearsal)
      : InProcessExecutor(plan.work, of: subjects, on: devices)
    let session = RunSession(plan, by: executor, plan.policy) { Interruption.isPending }
    var current: Int?
    // A device without items has a heading too, in its place.
    func start(through device: Int) {
      while (current ?? -1) < device {
        let next = (current ?? -1) + 1
        report.start(devices[next], count: plan.items.count { $0.device == next })
        current = next
      }
    }
    let end = session.run(plan.items) { event in
      switch event {
      case .began(let item):
        start(through: item.device)
        report.begin(item.name)
        note(item, devices[item.device])
      case .ended(let item, let row):
        report.add(row, statement: subjects.statement(of: item.name))
      case .abandoned: report.abandon()
      case .lost(_, let reason): report.lose(reason)
      }
    }
    start(through: devices.count - 1)
    return end
  }
}

extension RunEnd {
  /// Why the run ended before its last item; nil where it did not, or by a signal.
  var reason: String? {
    if case .stopped(let reason) = self { reason } else { nil }
  }
}
