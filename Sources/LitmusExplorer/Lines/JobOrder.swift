// SPDX-License-Identifier: MIT

internal import Litmus

/// The jobs that have ended when a job starts, and those that the CPU knows to have ended, as vector clocks.
struct JobOrder {
  /// For each queue, the number of its jobs that have ended.
  typealias Clock = [Int32]

  /// A job's position in its queue.
  struct Place: Equatable {
    let queue: Int32
    /// Counted from 1.
    let number: Int32
  }

  private let script: Script
  private let platform: Platform
  private(set) var places: [Place] = []
  /// The jobs that have ended when a job has ended, itself included.
  private(set) var clocks: [Clock?]
  /// The jobs that have ended as far as the CPU knows.
  private(set) var done: Clock
  // The jobs whose fences are at a memory, for implicit waits.
  private var fences: [Int: Clock] = [:]

  init(_ script: Script, on platform: Platform) {
    self.script = script
    self.platform = platform
    clocks = script.jobs.map { _ in nil }
    done = Clock(repeating: 0, count: script.queues.count)
    var numbers = done
    places = script.jobs.map { job in
      numbers[job.queue] += 1
      return Place(queue: Int32(job.queue), number: numbers[job.queue])
    }
  }

  /// Whether the CPU knows that a job has ended.
  func isDone(_ job: Int) -> Bool {
    done[Int(places[job].queue)] >= places[job].number
  }

  /// Whether a job ends before another one starts.
  func precedes(_ job: Int, _ other: Int) -> Bool {
    guard let clock = clocks[other], job != other else { return false }
    return clock[Int(places[job].queue)] >= places[job].number
  }

  mutating func submit(_ job: Int) {
    var clock = done
    for earlier in script.jobs[job].after { clock.join(clocks[earlier]) }
    let hasFences = platform.nodes[script.jobs[job].node].hasImplicitFences
    let memories = Set(script.jobs[job].accesses.map { script.memory(of: $0.buffer) })
    if hasFences { for memory in memories { clock.join(fences[memory]) } }
    clock[script.jobs[job].queue] = places[job].number
    clocks[job] = clock
    if hasFences { for memory in memories { fences[memory] = clock.joined(fences[memory]) } }
  }

  mutating func wait(for job: Int) { done.join(clocks[job]) }

  mutating func waitForFences(of memory: Int) { done.join(fences[memory]) }
}

extension [Int32] {
  /// Takes the later count of two clocks for each queue.
  fileprivate mutating func join(_ other: [Int32]?) {
    guard let other else { return }
    for index in indices where other[index] > self[index] { self[index] = other[index] }
  }

  fileprivate func joined(_ other: [Int32]?) -> [Int32] {
    var result = self
    result.join(other)
    return result
  }
}
