// SPDX-License-Identifier: MIT

internal import Litmus

/// The accesses to one line of a script that matter for a repair of a read.
struct Places {
  /// A job's access that is not ordered with a later access, by the CPU in a step or by a job submitted there.
  struct Race: Hashable {
    let job: Int
    let step: Int
    /// Whether the read under repair is one of the two.
    let isOfRead: Bool
  }

  // More races than these are not repaired one by one.
  private static let mostAccesses = 400

  private struct Access {
    let step: Int
    let operation: Int
    let job: Int?
    let isWrite: Bool
    let isRead: Bool
  }

  let memory: Int
  /// The step of the read, or the one that submits its job.
  let read: Int
  let isByCPU: Bool
  /// The bytes that the read accesses.
  let range: Range<UInt64>
  private(set) var races: [Race] = []
  /// The steps in which the CPU writes to the read's lines.
  private(set) var stores: [Int] = []
  /// The steps in which the CPU reads the read's lines.
  private(set) var loads: [Int] = []
  /// The steps that submit jobs with writes to these lines.
  private(set) var writers: [Int] = []

  init(_ script: Script, _ transitions: LineTransitions, _ fault: Investigator.Fault) {
    let access = script.access(fault.suspicion.read)
    memory = fault.suspicion.memory
    range = access.range
    let lines = transitions.lines(range)
    var readingJob: Int?
    var readStep = 0
    if case .cpu(let step) = fault.suspicion.read { readStep = step }
    if case .device(let job, _) = fault.suspicion.read { readingJob = job }
    var accesses: [Access] = []
    for (index, operation) in transitions.program.operations.enumerated() {
      switch operation.kind {
      case .store(memory, let range, _, _) where range.overlaps(lines):
        stores.append(operation.step)
        accesses.append(
          Access(step: operation.step, operation: index, job: nil, isWrite: true, isRead: false))
      case .load(memory, let range, _) where range.overlaps(lines):
        loads.append(operation.step)
        let isRead = readingJob == nil && operation.step == readStep
        accesses.append(
          Access(step: operation.step, operation: index, job: nil, isWrite: false, isRead: isRead))
      case .submit(let job):
        if job == readingJob { readStep = operation.step }
        let own = transitions.program.jobs[job].filter {
          $0.memory == fault.suspicion.memory && $0.range.overlaps(lines)
        }
        guard !own.isEmpty else { continue }
        let isWrite = own.contains { $0.write != nil }
        if isWrite { writers.append(operation.step) }
        accesses.append(
          Access(
            step: operation.step, operation: index, job: job, isWrite: isWrite,
            isRead: job == readingJob))
      default: break
      }
    }
    read = readStep
    isByCPU = readingJob == nil
    if accesses.count <= Self.mostAccesses { races = Self.races(accesses, transitions.jobs) }
  }

  private static func races(_ accesses: [Access], _ jobs: JobTimes) -> [Race] {
    var found: [Race] = []
    for (number, later) in accesses.enumerated() {
      for earlier in accesses[..<number] where earlier.isWrite || later.isWrite {
        guard let job = earlier.job, !jobs.isDone(job, at: later.operation),
          later.job.map({ !jobs.precedes(job, $0) }) ?? true
        else { continue }
        found.append(
          Race(job: job, step: later.step, isOfRead: earlier.isRead || later.isRead))
      }
    }
    return found
  }
}
