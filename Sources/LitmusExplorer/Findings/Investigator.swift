// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import Litmus

/// Turns suspicions into findings: searches the schedule, which gives the name.
struct Investigator {
  let script: Script
  let program: Program
  let platform: Platform

  /// Returns the finding at a byte; nil where the search finds no schedule.
  func finding(_ suspicion: LineAnalysis.Suspicion) -> Finding? {
    let byte = suspicion.range.lowerBound
    let history = ByteHistory(
      script, program, on: platform, of: byte, in: suspicion.memory, for: suspicion.read)
    var search = ScheduleSearch(history)
    guard let trace = search.run() else { return nil }
    let namer = FindingNamer(
      program: program, history: history, trace: trace, memory: suspicion.memory)
    let start = byte / platform.lineSize * platform.lineSize
    let line = start..<start + platform.lineSize
    let access = script.access(suspicion.read)
    var schedules = ScheduleWriter(script, program, on: platform, history)
    let wrong = Finding.WrongRead(
      read: suspicion.read, buffer: access.buffer, range: suspicion.range,
      expected: history.expected.write, seen: trace.seen, line: line,
      timeline: TimelineWriter(script: script, history: history, trace: trace).timeline(),
      schedule: schedules.schedule(of: trace, buffer: suspicion.memory, line: line))
    return Finding(
      name: suspicion.isRace ? .missingWait : namer.name(), position: access.position,
      evidence: .read(wrong))
  }
}

extension Script {
  /// Returns the access of a read.
  func access(_ read: ReadID) -> ScriptAccess {
    switch read {
    case .device(let job, let access): return jobs[job].accesses[access]
    case .cpu(let step):
      guard case .access(let access) = steps[step].action else {
        preconditionFailure("step \(step) is not an access")
      }
      return access
    }
  }
}
