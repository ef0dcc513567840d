// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import Litmus

/// Finds the names of the faults behind a suspicion, each by a schedule that shows it.
struct Investigator {
  let script: Script
  let transitions: LineTransitions
  private let named: [ReadID: Int]

  init(_ script: Script, _ transitions: LineTransitions) {
    self.script = script
    self.transitions = transitions
    named = script.writesNamedByReads
  }

  /// Whether a read names the write that it must see.
  func names(_ read: ReadID) -> Bool { named[read] != nil }

  /// A fault of a read, and the execution of one byte that shows it.
  struct Fault {
    let name: FindingName
    let suspicion: LineAnalysis.Suspicion
    let history: ByteHistory
    let trace: ByteTrace

    var id: FindingID { FindingID(label: name.rawValue, place: .read(suspicion.read)) }
  }

  /// Returns the faults at a byte; none where the search finds no schedule within its bound.
  ///
  /// A read that is not ordered with a write can be wrong for another reason too: where it sees wrong bytes even
  /// if all accesses happen in the order of the script.
  ///
  /// - Parameter visits: counts the points and states that the search visits.
  func faults(_ suspicion: LineAnalysis.Suspicion, visits: inout Int) -> [Fault] {
    guard suspicion.isRace else {
      let history = history(suspicion, isSerial: false)
      return fault(suspicion, history, visits: &visits).map { [$0] } ?? []
    }
    var racing = history(suspicion, isSerial: false)
    let serial = history(suspicion, isSerial: true)
    let named = named[suspicion.read]
    if let named { racing.expect(named) }
    let race = fault(suspicion, racing, as: .missingWait, visits: &visits)
    let stale =
      named ?? serial.expected.write == serial.expected.write
      ? fault(suspicion, serial, visits: &visits) : nil
    return [race, stale].compactMap { $0 }
  }

  private func history(_ suspicion: LineAnalysis.Suspicion, isSerial: Bool) -> ByteHistory {
    ByteHistory(
      transitions, of: suspicion.range.lowerBound, in: suspicion.memory, for: suspicion.read,
      isSerial: isSerial)
  }

  private func fault(
    _ suspicion: LineAnalysis.Suspicion, _ history: ByteHistory, as name: FindingName? = nil,
    visits: inout Int
  ) -> Fault? {
    guard !history.isTooLong else { return nil }
    var search = ScheduleSearch(history)
    defer { visits += search.visits + history.points.count }
    guard let trace = search.run() else { return nil }
    let namer = FindingNamer(
      program: transitions.program, history: history, trace: trace, memory: suspicion.memory)
    return Fault(
      name: name ?? namer.name(), suspicion: suspicion, history: history, trace: trace)
  }

  /// Describes a fault with its timeline and schedule.
  func finding(_ fault: Fault) -> Finding {
    let (suspicion, history) = (fault.suspicion, fault.history)
    let access = script.access(suspicion.read)
    let line = transitions.lines(suspicion.range.lowerBound..<suspicion.range.lowerBound + 1)
    var schedules = ScheduleWriter(script, transitions.jobs, history)
    let isRace = fault.name == .missingWait
    let wrong = Finding.WrongRead(
      read: suspicion.read, buffer: access.buffer, range: suspicion.range,
      expected: history.expected.write, isExpectedByName: named[suspicion.read] != nil,
      isRace: isRace, rivals: isRace ? history.rivals : [], seen: fault.trace.seen, line: line,
      discardingStep: fault.trace.discard(of: history.expected.write).map {
        history.points[$0].step
      },
      timeline: TimelineWriter(script: script, history: history, trace: fault.trace).timeline(),
      schedule: schedules.schedule(of: fault.trace, buffer: suspicion.memory, line: line))
    return Finding(name: fault.name, position: access.position, evidence: .read(wrong))
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

  /// The write that each read names, for those that name one.
  var writesNamedByReads: [ReadID: Int] {
    var named: [ReadID: Int] = [:]
    for (index, step) in steps.enumerated() {
      if case .access(let access) = step.action, case .read(let write?) = access.kind {
        named[.cpu(step: index)] = write
      }
    }
    for (job, described) in jobs.enumerated() {
      for (index, access) in described.accesses.enumerated() {
        if case .read(let write?) = access.kind { named[.device(job: job, access: index)] = write }
      }
    }
    return named
  }
}
