// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import FoundationEssentials
public import Litmus

/// A schedule in a file, with BOs and jobs by name.
public struct ScheduleFile: Hashable, Sendable, Codable {
  public let schemaVersion: Int
  public let events: [EventRow]

  /// One event.
  public struct EventRow: Hashable, Sendable, Codable {
    /// The step before which the event happens, from 0.
    public let step: Int
    /// Whether the event happens inside the step, while the step waits for fences.
    public let waiting: Bool
    /// `run`, `evict`, `fill`, `lose` or `write_back`.
    public let action: String
    public let job: String?
    public let buffer: String?
    /// In bytes.
    public let offset: UInt64?
    public let size: UInt64?
  }

  /// Creates the file of a schedule.
  public init(_ schedule: Schedule, of script: Script) {
    schemaVersion = Report.currentSchemaVersion
    events = schedule.events.map { EventRow($0, script) }
  }

  /// Reads a schedule file.
  ///
  /// - Throws: an error of one line that names the file.
  public init(contentsOf path: String) throws(ReportError) {
    let data = Data(try InputFile.contents(of: path))
    let path = InputFile.name(of: path)
    do {
      self = try JSONDecoder().decode(ScheduleFile.self, from: data)
    } catch {
      throw ReportError(
        description: "\(path): not a schedule ('gemsync explore --format json' writes them)")
    }
    guard schemaVersion == Report.currentSchemaVersion else {
      throw ReportError(
        description: "\(path): schema_version is \(schemaVersion), this gemsync reads "
          + "\(Report.currentSchemaVersion)")
    }
  }

  /// Returns the schedule for a script.
  ///
  /// - Throws: an error for an event with a BO, a job or a step that the script does not have.
  public func schedule(for script: Script, in path: String) throws(ReportError) -> Schedule {
    var result: [Schedule.Event] = []
    for (index, row) in events.enumerated() {
      guard let event = row.event(script) else {
        throw ReportError(
          description:
            "\(path): event \(index + 1) does not fit \(script.path): the script has no such BO, "
            + "job or step, or the step does not wait for fences")
      }
      result.append(event)
    }
    return Schedule(events: result)
  }

  enum CodingKeys: String, CodingKey {
    case schemaVersion = "schema_version"
    case events
  }
}

extension ScheduleFile.EventRow {
  fileprivate init(_ event: Schedule.Event, _ script: Script) {
    var job: String?
    var buffer: String?
    var range: Range<UInt64>?
    switch event.action {
    case .runAccess(let number): (action, job) = ("run", script.jobs[number].name)
    case .evict(let number, let bytes):
      (action, buffer, range) = ("evict", script.buffers[number].name, bytes)
    case .fill(let number, let bytes):
      (action, buffer, range) = ("fill", script.buffers[number].name, bytes)
    case .invalidation(let outcome): action = outcome.rawValue
    }
    step = event.step
    waiting = event.isWhileWaiting
    self.job = job
    self.buffer = buffer
    offset = range?.lowerBound
    size = range.map { UInt64($0.count) }
  }

  fileprivate func event(_ script: Script) -> Schedule.Event? {
    guard 0...script.steps.count ~= step else { return nil }
    if waiting {
      // Only the START of a CPU access waits for fences.
      guard step < script.steps.count, case .beginAccess = script.steps[step].action else {
        return nil
      }
    }
    let number = script.buffers.firstIndex { $0.name == buffer }
    let range = offset.flatMap { offset in
      size.flatMap { size -> Range<UInt64>? in
        let (end, overflow) = offset.addingReportingOverflow(size)
        return overflow ? nil : offset..<end
      }
    }
    let action: Schedule.Event.Action?
    switch self.action {
    case "run": action = script.jobs.firstIndex { $0.name == job }.map { .runAccess(job: $0) }
    case "evict":
      action = number.flatMap { number in range.map { .evict(buffer: number, range: $0) } }
    case "fill":
      action = number.flatMap { number in range.map { .fill(buffer: number, range: $0) } }
    default: action = InvalidationOutcome(rawValue: self.action).map { .invalidation($0) }
    }
    return action.map { Schedule.Event(step: step, isWhileWaiting: waiting, action: $0) }
  }
}
