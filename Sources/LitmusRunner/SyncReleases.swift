// SPDX-License-Identifier: MIT

internal import Litmus

/// The writes that end the waits of queues for numbers in memory.
struct SyncReleases {
  /// The first write after which a wait can end.
  enum Release: Hashable {
    /// An access of a job, by its index.
    case job(Int, access: Int)
    /// A write of the CPU, by its number.
    case cpu(write: Int)
  }

  private struct Wait: Hashable {
    let job: Int
    let access: Int
  }

  private var releases: [Wait: Release] = [:]

  /// Finds the write of each wait: the only one, or the first one of a queue, that leaves a number that is enough.
  ///
  /// Where it depends on timing which write ends a wait, there is none.
  init(_ script: Script, _ bytes: WriteBytes) {
    for (job, description) in script.jobs.enumerated() {
      for (index, access) in description.accesses.enumerated() {
        guard case .syncWait(let value) = access.kind else { continue }
        releases[Wait(job: job, access: index)] = Self.release(
          of: access, value, in: script, bytes)
      }
    }
  }

  var isEmpty: Bool { releases.isEmpty }

  /// Returns the write that ends a wait; nil where it is not known.
  subscript(job: Int, access: Int) -> Release? { releases[Wait(job: job, access: access)] }

  private static func release(
    of wait: ScriptAccess, _ value: UInt64, in script: Script, _ bytes: WriteBytes
  ) -> Release? {
    let memory = script.memory(of: wait.buffer)
    func isEnough(_ access: ScriptAccess) -> Bool? {
      guard case .write(let number) = access.kind,
        script.memory(of: access.buffer) == memory, access.range.overlaps(wait.range)
      else { return false }
      guard wait.range.clamped(to: access.range) == wait.range else { return nil }
      let stored = bytes.bytes(of: number, in: wait.range, of: memory)
      return stored.reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) } >= value
    }
    var found: [Release] = []
    var queues: Set<Int> = []
    for step in script.steps {
      guard case .access(let access) = step.action else { continue }
      switch isEnough(access) {
      case true?: if case .write(let number) = access.kind { found.append(.cpu(write: number)) }
      case false?: break
      case nil: return nil
      }
    }
    let hasCPU = !found.isEmpty
    for (job, description) in script.jobs.enumerated() {
      for (index, access) in description.accesses.enumerated() {
        switch isEnough(access) {
        case true?:
          found.append(.job(job, access: index))
          queues.insert(description.queue)
        case false?: break
        case nil: return nil
        }
      }
    }
    // The CPU's writes are in order, and so are those of a queue.
    return queues.isEmpty || queues.count == 1 && !hasCPU ? found.first : nil
  }
}
