// SPDX-License-Identifier: MIT

internal import Litmus

/// The bytes that each read saw over all executions, compared with the ones that it must see.
struct Observations {
  /// A read, its access, and the byte values that it saw at each offset.
  private struct Read {
    let id: ReadID
    let point: OrderRelation.Point
    let access: ScriptAccess
    var seen: [[UInt8]]
  }

  private var reads: [OrderRelation.Point: Read] = [:]

  init(_ script: Script, refused: Set<Int>) {
    for (index, step) in script.steps.enumerated() where !refused.contains(index) {
      switch step.action {
      case .access(let access): add(access, .step(index), ReadID(step: index, access: nil))
      case .submit(let job):
        for (place, access) in script.jobs[job].accesses.enumerated() {
          add(access, .access(job: job, place), ReadID(step: index, access: place))
        }
      default: break
      }
    }
  }

  private mutating func add(_ access: ScriptAccess, _ point: OrderRelation.Point, _ id: ReadID) {
    guard case .read = access.kind else { return }
    let seen = Array(repeating: [UInt8](), count: access.range.count)
    reads[point] = Read(id: id, point: point, access: access, seen: seen)
  }

  /// Returns the lines that reads touch.
  func lines(_ script: Script) -> [MemoryLine] {
    let touched = reads.values.flatMap {
      MemoryLine.touched(by: $0.access.range, in: script.memory(of: $0.access.buffer))
    }
    return Set(touched).sorted()
  }

  /// Notes the bytes that a read saw.
  mutating func note(_ bytes: [UInt8], at point: OrderRelation.Point) {
    guard let count = reads[point]?.seen.count, count == bytes.count else { return }
    for (index, byte) in bytes.enumerated() where reads[point]?.seen[index].contains(byte) == false
    {
      reads[point]?.seen[index].append(byte)
    }
  }

  /// Returns the reads that saw, at some byte, anything but the last write ordered before them.
  ///
  /// Where the last writes are not ordered, it returns reads that saw several of them, or another byte.
  func badReads(_ script: Script, _ order: OrderRelation) -> Set<ReadID> {
    let writes = Self.writes(of: script, order)
    let bad = reads.values.filter { read in
      let memory = script.memory(of: read.access.buffer)
      return zip(read.access.range, read.seen).contains { offset, seen in
        let earlier = writes.filter { write in
          script.memory(of: write.access.buffer) == memory && write.access.range.contains(offset)
            && order.isOrdered(write.point, before: read.point)
        }
        let last = earlier.filter { write in
          !earlier.contains { order.isOrdered(write.point, before: $0.point) }
        }
        let expected =
          last.isEmpty
          ? [0] : last.map { script.byte(ofWrite: $0.number, $0.access.range, at: offset) }
        return seen.count > 1 || !seen.allSatisfy(expected.contains)
      }
    }
    return Set(bad.map(\.id))
  }

  private static func writes(
    of script: Script, _ order: OrderRelation
  ) -> [(point: OrderRelation.Point, access: ScriptAccess, number: Int)] {
    order.points.compactMap { point in
      let access: ScriptAccess
      switch point {
      case .step(let step):
        guard case .access(let described) = script.steps[step].action else { return nil }
        access = described
      case .access(let job, let place): access = script.jobs[job].accesses[place]
      }
      guard case .write(let number) = access.kind else { return nil }
      return (point, access, number)
    }
  }
}
