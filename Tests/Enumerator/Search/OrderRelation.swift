// SPDX-License-Identifier: MIT

internal import Litmus

/// The order that every execution of a script keeps, as a transitive closure.
struct OrderRelation: Sendable {
  /// A step of the CPU, or one access of a job.
  enum Point: Hashable, Sendable {
    case step(Int)
    case access(job: Int, Int)
  }

  let points: [Point]
  private let numbers: [Point: Int]
  private var before: [[Bool]]

  /// Relates the points of a script; refused steps have no effect.
  init(_ script: Script, _ platform: MockPlatform, refused: Set<Int>) {
    var points = script.steps.indices.map { Point.step($0) }
    var submissions: [(step: Int, job: Int)] = []
    for (index, step) in script.steps.enumerated() where !refused.contains(index) {
      guard case .submit(let job) = step.action else { continue }
      submissions.append((index, job))
      points += script.jobs[job].accesses.indices.map { .access(job: job, $0) }
    }
    self.points = points
    numbers = Dictionary(uniqueKeysWithValues: points.enumerated().map { ($1, $0) })
    before = Array(repeating: Array(repeating: false, count: points.count), count: points.count)

    for index in script.steps.indices.dropLast() { relate(.step(index), .step(index + 1)) }
    for (place, submission) in submissions.enumerated() {
      let (step, job) = submission
      relate(.step(step), .access(job: job, 0))
      for access in script.jobs[job].accesses.indices.dropLast() {
        relate(.access(job: job, access), .access(job: job, access + 1))
      }
      for earlier in submissions[..<place].map(\.job)
      where Self.waits(script.jobs[job], job, for: earlier, script, platform) {
        relate(last(of: earlier, script), .access(job: job, 0))
      }
    }
    for (index, step) in script.steps.enumerated() where !refused.contains(index) {
      for (submitted, job) in submissions where submitted < index {
        switch step.action {
        case .wait(job): relate(last(of: job, script), .step(index))
        case .beginAccess(let buffer, _)
        where platform.hasImplicitFences(script.jobs[job].node)
          && script.memories(of: job).contains(script.memory(of: buffer)):
          relate(last(of: job, script), .step(index))
        default: break
        }
      }
    }
    close()
  }

  /// Whether one point precedes another in every execution.
  func isOrdered(_ one: Point, before other: Point) -> Bool {
    guard let one = numbers[one], let other = numbers[other] else { return false }
    return before[one][other]
  }

  /// Returns the accesses of jobs that precede a point in every execution.
  func accesses(before point: Point) -> [(job: Int, access: Int)] {
    guard let number = numbers[point] else { return [] }
    return points.enumerated().compactMap { index, earlier in
      guard before[index][number], case .access(let job, let access) = earlier else { return nil }
      return (job, access)
    }
  }

  /// Whether a job waits for an earlier one.
  private static func waits(
    _ described: ScriptJob, _ job: Int, for earlier: Int, _ script: Script, _ platform: MockPlatform
  ) -> Bool {
    let other = script.jobs[earlier]
    if described.after.contains(earlier) { return true }
    if described.node == other.node, described.queue == other.queue { return true }
    guard platform.hasImplicitFences(described.node), platform.hasImplicitFences(other.node) else {
      return false
    }
    return !script.memories(of: job).isDisjoint(with: script.memories(of: earlier))
  }

  private func last(of job: Int, _ script: Script) -> Point {
    .access(job: job, script.jobs[job].accesses.count - 1)
  }

  private mutating func relate(_ one: Point, _ other: Point) {
    guard let one = numbers[one], let other = numbers[other] else { return }
    before[one][other] = true
  }

  private mutating func close() {
    for middle in points.indices {
      for one in points.indices where before[one][middle] {
        for other in points.indices where before[middle][other] { before[one][other] = true }
      }
    }
  }
}

extension Script {
  /// Returns the memories that a job accesses.
  func memories(of job: Int) -> Set<Int> {
    Set(jobs[job].accesses.map { memory(of: $0.buffer) })
  }
}
