// SPDX-License-Identifier: MIT

internal import DRM
internal import DRMKernel
public import Litmus

/// Runs scripts on one machine.
public struct ScriptRunner: Sendable {
  let machine: ScriptMachine

  /// Creates a runner.
  public init(_ machine: ScriptMachine) {
    self.machine = machine
  }

  /// Carries out a script, and judges every answer and every read.
  ///
  /// After a wrong read, sync or begin or end of an access the script goes on; any other failure ends it. On a machine without a model
  /// no jobs run: their steps are skipped, and what they would have written is not judged.
  ///
  /// - Parameter schedule: what devices and caches do between the steps, on a modelled machine; nil to let
  ///   jobs run as late as they can.
  public func run(_ script: Script, schedule: Schedule? = nil) -> ScriptResult {
    var log = RunLog(script)
    switch Placement.find(for: script, on: machine) {
    case .lacking(let reason): log.lack(reason)
    case .found(let placement):
      do throws(DRMError) {
        let session = try ScriptSession(script, placement, on: machine)
        if let lack = script.firstLack(on: session.nodes) {
          log.lack(lack)
        } else {
          run(session, schedule, &log)
        }
      } catch {
        log.fail("\(script.steps.first?.position ?? placeOfNothing(script)): \(error)")
      }
    }
    return log.result
  }

  private func run(_ session: ScriptSession, _ schedule: Schedule?, _ log: inout RunLog) {
    let script = session.script
    for (index, step) in script.steps.enumerated() {
      log.step = index
      if let schedule, let trouble = session.happen(schedule, beforeStep: index) {
        return log.fail("\(step.position): \(trouble)")
      }
      log.note(session.takeReads())
      let isOver = log.note(session.perform(step.action), of: step)
      log.note(session.takeReads())
      if isOver { return }
    }
    log.step = script.steps.count
    if let schedule, let trouble = session.happen(schedule, beforeStep: script.steps.count) {
      return log.fail("\(script.path): \(trouble)")
    }
    if let trouble = session.finishJobs() { log.fail("\(script.path): \(trouble)") }
    log.note(session.takeReads())
  }

  private func placeOfNothing(_ script: Script) -> SourcePosition {
    SourcePosition(file: script.path, line: 1, column: 1)
  }
}
