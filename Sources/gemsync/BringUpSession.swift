// SPDX-License-Identifier: MIT

import BringUp
import CDRM
@_spi(ProposedSync) import DRM
import DRMDrivers
import DRMConformance
import Devices
import LitmusExplorer
import Reports
import LitmusRunner
import Litmus

/// What `gemsync bringup` does with one device.
struct BringUpSession {
  private let device: DRMDevice
  private let jobs: JobExecution

  init(_ device: DRMDevice, _ jobs: JobExecution) {
    self.device = device
    self.jobs = jobs
  }

  /// What was found out: a row for each thing, and the verdict's lines.
  struct Findings {
    var rows: [CheckResult] = []
    var verdict: [String] = []
  }

  /// Tries everything; `tell` hears of each row as it comes.
  func run(_ scripts: [Script], tell: (CheckResult, String) -> Void) -> Findings {
    var findings = Findings()
    func note(_ row: CheckResult, _ statement: String = "") {
      findings.rows.append(row)
      tell(row, statement)
    }
    guard jobs != .none else {
      note(
        row("bringup", .skip, reason: "jobs are submitted to a real device with --allow-jobs only"))
      return findings
    }
    guard !device.description.features.isDisjoint(with: [.jobChains, .queueGroups]) else {
      let driver = device.description.driver
      note(row("bringup", .skip, reason: "\(driver) takes no jobs that need no shader"))
      return findings
    }
    var outcomes: [AccessOutcome] = []
    do throws(DRMError) {
      let trial = AccessTrial(
        AccessMachine(
          kernel: device.kernel, path: device.path, otherGPU: otherGPU,
          maintenance: device.maintenance))
      let tried = try trial.run { memory in
        Terminal.showProgress("\(device.description.label) \(memory)")
      }
      outcomes = tried.outcomes
      for outcome in outcomes { note(row(outcome)) }
      for reason in tried.missing { note(row("access.left_out", .skip, reason: reason)) }
    } catch {
      note(row("access", .fail, reason: "\(error)"))
    }
    let trial = ScriptTrial(
      on: ScriptMachine(device, jobs: jobs == .either ? .submitted : jobs),
      lineSize: UInt64(device.description.lineSize),
      pageSize: UInt64(device.description.pageSize), node: model)
    var ended: [ScriptOutcome] = []
    for script in scripts where !cdrm_is_interrupted() {
      Terminal.showProgress("\(device.description.label) \(script.path)")
      do throws(ScriptError) {
        let outcome = try trial.run(script)
        ended.append(outcome)
        note(row(outcome), script.about)
      } catch {
        note(row("script", .fail, reason: "\(error)"))
      }
    }
    let verdict = BringUpVerdict(
      isCoherent: device.description.isCoherent, outcomes, ended)
    if cdrm_is_interrupted() {
      note(row("bringup", .incomplete, reason: "interrupted before everything was tried"))
    }
    note(row(verdict))
    findings.verdict = verdict.lines
    return findings
  }

  /// A GPU of another driver than this one's device, that can export: one that does not snoop before one that does.
  private var otherGPU: String? {
    let others = device.neighbours.filter { $0.knownDriver?.drivesMali ?? false }
    return (others.first { $0.isCoherent == false } ?? others.first)?.path
  }

  /// What the explorer takes the device at a path for.
  private func model(_ path: String) -> NodeModel? {
    device.machine.first { $0.path == path }.flatMap { NodeModel($0) }
  }

  private func row(
    _ id: String, _ verdict: Verdict, expected: [String] = [], observed: [String] = [],
    reason: String? = nil
  ) -> CheckResult {
    CheckResult(
      id: id, verdict: verdict, expected: expected, observed: observed, seconds: 0, reason: reason)
  }

  private func row(_ outcome: AccessOutcome) -> CheckResult {
    var observed = [outcome.isFresh ? "fresh" : "stale"]
    observed += outcome.syncs.map { "\($0.name): \($0.isNeeded ? "needed" : "wasted")" }
    observed.append("without any: \(outcome.isStaleWithout ? "stale" : "fresh")")
    if let maintenance = outcome.maintenance { observed.append("maintained: \(maintenance)") }
    return row(
      "access.\(outcome.id)", outcome.isFresh ? .pass : .fail, expected: ["fresh"],
      observed: observed, reason: outcome.isFresh ? nil : "stale although nothing was left out")
  }

  private func row(_ outcome: ScriptOutcome) -> CheckResult {
    let verdict: Verdict =
      switch outcome.agreement {
      case .broken: .fail
      case .undecided: .skip
      case .held, .shown, .notShown: .pass
      }
    return row(
      "script.\(ScriptRun.id(of: outcome.path))", verdict,
      expected: outcome.findings.isEmpty ? ["proved"] : outcome.findings,
      observed: [outcome.agreement.rawValue] + outcome.result.observations.map(\.description),
      reason: outcome.result.reason)
  }

  private func row(_ verdict: BringUpVerdict) -> CheckResult {
    row(
      "bringup.coherency",
      verdict.truth == .false_ ? .fail : verdict.truth == .unknown ? .skip : .pass,
      expected: ["true"], observed: [verdict.truth.rawValue], reason: verdict.lines.first)
  }
}
