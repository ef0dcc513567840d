// SPDX-License-Identifier: MIT

public import DRM
internal import DRMConformance
internal import DRMDrivers
internal import DRMKernel
internal import Reports

#if canImport(Glibc)
  internal import Glibc
#endif

/// How long items may take; nil for no limit.
public struct TimeLimits: Hashable, Sendable, Codable {
  /// Of one item.
  public let item: Duration?
  /// Without a call to the kernel that begins or returns.
  public let inactivity: Duration?
  /// Of the whole run.
  public let run: Duration?

  /// Creates limits.
  public init(item: Duration?, inactivity: Duration?, run: Duration?) {
    (self.item, self.inactivity, self.run) = (item, inactivity, run)
  }
}

/// Carries out each item in a child process, and survives its end.
public struct IsolatedExecutor: Executor {
  public let isInProcess = false
  private let program: String
  private let work: Work
  private let subjects: Subjects
  private let choices: [DeviceChoice]
  private let devices: [DRMDevice]
  private let limits: TimeLimits
  private let rehearsal: Rehearsal?
  var killing = Dialogue.Killing()

  /// Creates an executor.
  ///
  /// - Parameter program: the gemsync to run.
  public init(
    _ work: Work, of subjects: Subjects, on devices: [DRMDevice], limits: TimeLimits,
    rehearsal: Rehearsal? = nil, program: String = "/proc/self/exe"
  ) {
    (self.program, self.work, self.subjects, self.limits) = (program, work, subjects, limits)
    self.rehearsal = rehearsal
    choices = DeviceChoice.choices(of: devices)
    self.devices = devices
  }

  public func run(
    _ item: Plan.Item, attempt: Int, trace: String?, isStopped: @escaping @Sendable () -> Bool
  ) -> Attempt {
    let request = ItemRequest(
      device: choices[item.device], name: item.name, work: work, trace: trace,
      fault: rehearsal?.fault(for: item.name, attempt: attempt))
    let clock = ContinuousClock()
    let start = clock.now
    var dialogue: Dialogue
    do throws(Errno) {
      dialogue = try Dialogue(program, request, limits, killing, isStopped)
    } catch {
      let reason = "its process could not be started: \(error.sentence)"
      return Attempt(.result(row(item, .crash, reason, 0)))
    }
    let outcome = dialogue.run()
    let end = end(of: item, outcome, after: (clock.now - start) / .seconds(1))
    return Attempt(end, process: dialogue.process, output: dialogue.output)
  }

  private func end(
    of item: Plan.Item, _ outcome: Dialogue.Outcome, after seconds: Double
  ) -> AttemptEnd {
    switch outcome {
    case .row(let row): return .result(row)
    case .interrupted: return .interrupted
    case .lost(let result, let reason):
      return .lost(result ?? row(item, .incomplete, reason, seconds), reason)
    case .stopped(let verdict, let reason): return .result(row(item, verdict, reason, seconds))
    case .immortal(let verdict, let reason, let process):
      let loss = "process \(process) cannot be killed: it is stuck in the kernel"
      return .lost(row(item, verdict, "\(reason); \(loss)", seconds), loss)
    }
  }

  private func row(
    _ item: Plan.Item, _ verdict: Verdict, _ reason: String, _ seconds: Double
  ) -> ResultRow {
    let device = devices[item.device]
    let result = CheckResult(
      id: subjects.id(of: item.name), verdict: verdict, seconds: seconds, reason: reason)
    return ResultRow(result.naming(device), on: device.description)
  }
}
