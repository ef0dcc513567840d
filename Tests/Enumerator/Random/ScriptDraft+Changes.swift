// SPDX-License-Identifier: MIT

internal import Fuzzing
internal import Litmus

extension ScriptDraft {
  /// Removes, moves or changes a random step.
  mutating func change(_ random: inout SeededRandom) {
    guard steps.count > setUp else { return }
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<33: remove(&random)
    case 33..<52: move(&random)
    case 52..<74: alter(&random)
    case 74..<82: insert(&random)
    case 82..<89: syncEarly(&random)
    case 89..<96: writeBeside(&random)
    default: removeFromSetUp(&random)
    }
  }

  private mutating func remove(_ random: inout SeededRandom) {
    let candidates = steps.indices.filter { $0 >= setUp && steps[$0].isProtocol }
    guard let index = candidates.randomElement(using: &random) else { return }
    steps.remove(at: index)
  }

  /// Removes the START or END that cleans the zeroes of a new BO.
  private mutating func removeFromSetUp(_ random: inout SeededRandom) {
    let candidates = steps.indices.filter { $0 < setUp && steps[$0].isProtocol }
    guard let index = candidates.randomElement(using: &random) else { return remove(&random) }
    steps.remove(at: index)
  }

  private mutating func move(_ random: inout SeededRandom) {
    guard steps.count > setUp + 1 else { return }
    let candidates = steps.indices.filter { $0 >= setUp && steps[$0].isProtocol }
    let from = candidates.randomElement(using: &random) ?? steps.count - 1
    let to = min(max(from + random.pick(-2, -1, -1, 1, 1, 2), setUp), steps.count - 1)
    steps.insert(steps.remove(at: from), at: to)
  }

  /// Moves an invalidation before an earlier job.
  private mutating func syncEarly(_ random: inout SeededRandom) {
    let candidates = steps.indices.filter { $0 >= setUp && steps[$0].invalidates }
    guard let from = candidates.randomElement(using: &random),
      let to = steps[..<from].lastIndex(where: \.isSubmission)
    else { return move(&random) }
    steps.insert(steps.remove(at: from), at: to)
  }

  /// Adds a write next to the range of a job's write, before or after its submission.
  private mutating func writeBeside(_ random: inout SeededRandom) {
    let candidates = steps.indices.filter { steps[$0].writtenByJob != nil }
    guard let index = candidates.randomElement(using: &random),
      let written = steps[index].writtenByJob
    else { return insert(&random) }
    let beside = written.lowerBound % 64 < 32 ? written.upperBound : written.lowerBound - 8
    let access = DraftStep.Access(
      isWrite: true, buffer: pickBuffer(&random), range: beside..<beside + 8)
    steps.insert(.access(access), at: random.chance(70) ? index : index + 1)
  }

  private mutating func alter(_ random: inout SeededRandom) {
    let candidates = steps.indices.filter { index in
      switch steps[index] {
      case .sync, .bracket: true
      case .submit, .access: random.chance(30)
      default: false
      }
    }
    guard let index = candidates.randomElement(using: &random) else { return }
    switch steps[index] {
    case .sync(var syncs):
      alter(&syncs, &random)
      steps[index] = .sync(syncs)
    case .bracket(let isEnd, let buffer, let type):
      let other = ScriptAccessType.allCases.randomElement(using: &random) ?? type
      steps[index] = .bracket(isEnd: random.chance(25) ? !isEnd : isEnd, buffer, other)
    case .submit(var job):
      if random.chance(50) {
        job.after = []
      } else {
        job.queue = job.queue == "q0" ? "q1" : "q0"
      }
      steps[index] = .submit(job)
    case .access(var access):
      access.range = pickRange(&random)
      steps[index] = .access(access)
    default: break
    }
  }

  private func alter(_ syncs: inout [DraftStep.Sync], _ random: inout SeededRandom) {
    guard let first = syncs.first else { return }
    var other = first
    let userland = "method: userland"
    let isUserland = first.how.hasSuffix(userland)
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<40:
      other.range = pickRange(&random)
    case 40..<70 where first.how.hasPrefix("for"):
      let accessor = random.pick("cpu", "cpu", "device")
      other.how = "for: \(accessor), access: \(random.pick("read", "write", "read_write"))"
    case 40..<70:
      let isFlush = !first.how.contains("invalidate")
      other.how = isFlush ? "op: flush_and_invalidate" : "op: flush"
      if isUserland { other.how += ", " + userland }
    case 70..<85:
      other.how = isUserland ? "op: flush" : "op: flush, \(userland)"
    default:
      other.buffer = random.pick("a", "b")
    }
    if !isUserland, random.chance(20) {
      syncs.append(other)
    } else {
      syncs[0] = other
    }
  }

  private mutating func insert(_ random: inout SeededRandom) {
    let index = Int.random(in: setUp...steps.count, using: &random)
    let buffer = pickBuffer(&random)
    let access = DraftStep.Access(
      isWrite: random.chance(40), buffer: buffer, range: pickRange(&random))
    let step: DraftStep = random.pick(
      .access(access), .access(access), .unmap(buffer), .close("b"), .close("a"),
      .sync([.init(buffer: buffer, range: access.range, how: "op: flush_and_invalidate")]))
    steps.insert(step, at: index)
  }
}
