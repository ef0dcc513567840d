// SPDX-License-Identifier: MIT

internal import Litmus

/// The order of a program's jobs, and for each job the operation after which the CPU knows that it has ended.
struct JobTimes {
  private let order: JobOrder
  private let ends: [Int]
  /// The operations at which the CPU learns that a job has ended.
  let waits: Set<Int>

  init(_ script: Script, _ program: Program, on platform: Platform) {
    var order = JobOrder(script, on: platform)
    var ends = [Int](repeating: .max, count: script.jobs.count)
    var open: [Int] = []
    for (index, operation) in program.operations.enumerated() {
      switch operation.kind {
      case .submit(let job):
        order.submit(job)
        open.append(job)
        continue
      case .wait(let job): order.wait(for: job)
      case .waitForFences(let memory): order.waitForFences(of: memory)
      default: continue
      }
      open.removeAll { job in
        guard order.isDone(job) else { return false }
        ends[job] = index
        return true
      }
    }
    self.order = order
    self.ends = ends
    waits = Set(ends)
  }

  /// Whether the CPU knows at an operation that a job has ended.
  func isDone(_ job: Int, at operation: Int) -> Bool { ends[job] < operation }

  /// The operation after which the CPU knows that a job has ended; the largest number where it never does.
  func end(of job: Int) -> Int { ends[job] }

  /// Whether a job ends before another one starts.
  func precedes(_ job: Int, _ other: Int) -> Bool { order.precedes(job, other) }
}
