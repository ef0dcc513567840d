// SPDX-License-Identifier: MIT

public import DRM
public import DRMConformance
internal import DRMDrivers
public import Litmus
internal import LitmusExplorer
public import LitmusRunner

/// A bring-up session on one device: accesses, scripts, and conclusions.
public struct BringUpSession {
  private let device: DRMDevice
  private let jobs: JobExecution
  private let trials: Int
  private let isInterrupted: () -> Bool

  /// Prepares a session.
  ///
  /// - Parameters:
  ///   - jobs: how jobs run on the device; without any, a session tries nothing.
  ///   - trials: how often each access is tried; at least 1.
  ///   - isInterrupted: called before each trial and script; once true, the remaining ones are left out.
  public init(
    on device: DRMDevice, jobs: JobExecution, trials: Int, isInterrupted: @escaping () -> Bool
  ) {
    self.device = device
    self.jobs = jobs
    self.trials = trials
    self.isInterrupted = isInterrupted
  }

  /// Returns how often a run of the session calls its `progress`.
  public func stepCount(_ scripts: [Script]) -> Int {
    guard reasonToSkip == nil else { return 0 }
    return AccessMemory.allCases.reduce(scripts.count) { $0 + 1 + AccessPath.all(to: $1).count }
  }

  private var reasonToSkip: String? {
    guard jobs != .none else { return "jobs are submitted to a real device with --allow-jobs only" }
    guard !device.description.features.isDisjoint(with: [.jobChains, .queueGroups]) else {
      return "\(device.description.driver) takes no jobs without a shader"
    }
    return nil
  }

  /// Runs the session, and returns the lines of the verdict; none after an interrupt.
  ///
  /// - Parameters:
  ///   - progress: called with the name of each kind of memory and of each script, before its trials.
  ///   - report: called with each result as it is found, and with the statement that it is about.
  public func run(
    _ scripts: [Script], progress: (String) -> Void, report: (CheckResult, String) -> Void
  ) -> [String] {
    if let reason = reasonToSkip {
      report(row("bringup", .skip, reason: reason), "")
      return []
    }
    // A model evicts by its own policy; on other virtual machines the guest's memory tells nothing.
    let pressure = device.description.location == .board ? CachePressure() : nil
    let trial = AccessTrial(
      on: device, trials: trials, pressure: pressure, isInterrupted: isInterrupted)
    let found = trial.run(progress: progress)
    let isCoherent = device.description.isCoherent
    let claim = BringUpVerdict.claim(isCoherent, found.outcomes)
    for outcome in found.outcomes { report(row(outcome, claim), "") }
    for gap in found.failures { report(row("access.\(gap.name)", .fail, reason: gap.reason), "") }
    for gap in found.lacks { report(row("access.\(gap.name)", .skip, reason: gap.reason), "") }
    let ended = run(scripts, progress, report)
    guard !isInterrupted() else { return [] }
    let verdict = BringUpVerdict(isCoherent: isCoherent, found.outcomes, ended)
    report(row(verdict), "")
    return verdict.lines
  }

  private func run(
    _ scripts: [Script], _ progress: (String) -> Void, _ report: (CheckResult, String) -> Void
  ) -> [ScriptOutcome] {
    let trial = ScriptTrial(
      on: ScriptMachine(device, jobs: jobs == .either ? .submitted : jobs),
      lineSize: UInt64(device.description.lineSize),
      pageSize: UInt64(device.description.pageSize)
    ) { path in
      device.machine.first { $0.path == path }.flatMap { NodeModel($0) }
    }
    var ended: [ScriptOutcome] = []
    for script in scripts where !isInterrupted() {
      progress(script.path)
      do throws(ScriptError) {
        let outcome = try trial.run(script)
        ended.append(outcome)
        report(row(outcome), script.about)
      } catch {
        report(row("script", .fail, reason: "\(error)"), "")
      }
    }
    return ended
  }

  private func row(
    _ id: String, _ verdict: Verdict, expected: [String] = [], observed: [String] = [],
    reason: String? = nil
  ) -> CheckResult {
    CheckResult(
      id: id, verdict: verdict, expected: expected, observed: observed, seconds: 0, reason: reason)
  }

  private func row(_ outcome: AccessOutcome, _ claim: BringUpVerdict.Claim) -> CheckResult {
    var observed = [outcome.isFresh ? "fresh" : "stale"]
    observed += outcome.texts(claim)
    observed.append("without any: \(outcome.isStaleWithout ? "stale" : "fresh")")
    if let maintenance = outcome.maintenance { observed.append("maintained: \(maintenance)") }
    let counts = outcome.syncs.map { "without \($0.text)" }
    return row(
      "access.\(outcome.id)", outcome.isFresh ? .pass : .fail, expected: ["fresh"],
      observed: observed,
      reason: "stale with all syncs in \(outcome.whole) trials; "
        + (counts + ["without any \(outcome.without)"]).joined(separator: ", "))
  }

  private func row(_ outcome: ScriptOutcome) -> CheckResult {
    let verdict: Verdict =
      switch outcome.agreement {
      case .broken: .fail
      case .undecided: .skip
      case .held, .shown, .notShown: .pass
      }
    return row(
      "script.\(outcome.id)", verdict,
      expected: outcome.findings.isEmpty ? ["proved"] : outcome.findings,
      observed: [outcome.agreement.rawValue] + outcome.result.observations.map(\.description),
      reason: outcome.result.reason)
  }

  private func row(_ verdict: BringUpVerdict) -> CheckResult {
    let result: Verdict =
      switch verdict.claim {
      case .confirmed, .notObserved: .pass
      case .refuted: .fail
      case .unknown: .skip
      }
    return row(
      "bringup.coherency", result, expected: ["confirmed"], observed: [verdict.claim.rawValue],
      reason: verdict.summary)
  }
}
