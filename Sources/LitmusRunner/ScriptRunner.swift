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

  /// Carries out a script, and judges the result of every call and every read.
  ///
  /// The run continues after a wrong read, sync, START or END; any other failure ends it. Where no jobs run, their
  /// steps are skipped, and the bytes that they write are not judged.
  ///
  /// - Parameter schedule: the events between the steps, on a modelled machine; nil to run jobs as late as
  ///   possible.
  public func run(_ script: Script, schedule: Schedule? = nil) -> ScriptResult {
    var log = RunLog(script)
    switch Placement.find(for: script, on: machine) {
    case .lacking(let reason): log.lack(reason)
    case .found(let placement):
      do throws(DRMError) {
        let session = try ScriptSession(script, placement, on: machine)
        if let lack = script.firstLack(on: session.nodes, isModelled: machine.model != nil) {
          log.lack(lack)
        } else {
          run(session, schedule, &log)
        }
      } catch {
        let position = script.steps.first?.position ?? SourcePosition(file: script.path)
        log.fail("\(position): \(error)")
      }
    }
    return log.result
  }

  private func run(_ session: ScriptSession, _ schedule: Schedule?, _ log: inout RunLog) {
    let script = session.script
    for (index, step) in script.steps.enumerated() {
      log.step = index
      if let schedule, let error = session.perform(schedule, beforeStep: index) {
        return log.fail("\(step.position): \(error)")
      }
      log.note(session.takeReads())
      let isOver = log.note(session.perform(step.action), of: step)
      log.note(session.takeReads())
      if isOver { return }
    }
    log.step = script.steps.count
    if let schedule, let error = session.perform(schedule, beforeStep: script.steps.count) {
      return log.fail("\(script.path): \(error)")
    }
    if let error = session.finishJobs() { log.fail("\(script.path): \(error)") }
    log.note(session.takeReads())
  }
}
