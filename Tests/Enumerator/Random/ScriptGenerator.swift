// SPDX-License-Identifier: MIT

internal import Fuzzing
internal import Litmus

/// Makes up small scripts, of which about half are wrong: a sound protocol, and then something is left out,
/// moved or changed.
struct ScriptGenerator {
  /// A script, and how it is written.
  struct Generated {
    let script: Script
    let text: String
  }

  // What happens inside a START is tried as a whole, in four ways before each access that it waits for: with
  // six of them there are thousands of times as many as with three, and no search ends.
  private static let mostPendingAtStart = 4

  private var draft: ScriptDraft
  private var random: SeededRandom

  private init(seed: UInt64, _ number: Int) {
    var random = SeededRandom(seed: seed &+ UInt64(number) &* 0x2545_f491_4f6c_dd1d)
    draft = ScriptDraft(&random)
    self.random = random
  }

  /// Makes up one; the same for the same seed and number.
  static func script(seed: UInt64, _ number: Int) -> Generated {
    // What was changed need not be a script any more: then the next is tried.
    for attempt in 0... {
      var generator = ScriptGenerator(seed: seed &+ UInt64(attempt) << 32, number)
      let text = generator.text(number)
      if let script = try? ScriptReader.read(path: "random \(number)", text: text),
        script.hasCallForEachSync, script.mostPendingAtStart <= mostPendingAtStart
      {
        return Generated(script: script, text: text)
      }
    }
    preconditionFailure("no number is left to try")
  }

  private mutating func text(_ number: Int) -> String {
    addFlow()
    if random.chance(25) { addPhase() }
    if !draft.hasRead { draft.read(&random) }
    let changes = random.pick(0, 1, 1, 2, 2, 3, 3, 4)
    for _ in 0..<changes { draft.change(&random) }
    return """
      version: 1
      about: Made up by chance, number \(number).
      nodes:
      \(draft.nodes.map { "  \($0.name): [\($0.driver)]" }.joined(separator: "\n"))
      steps:
      \(draft.steps.map { "- \($0.text)" }.joined(separator: "\n"))

      """
  }

  /// Adds what hands bytes from one to another.
  private mutating func addFlow() {
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<20:
      draft.write(&random)
      draft.submit(&random, writes: 10)
    case 20..<40:
      draft.submit(&random, writes: 100)
      draft.read(&random)
    case 40..<70:
      draft.write(&random)
      draft.submit(&random, writes: 75)
      draft.read(&random)
    case 70..<80:
      draft.submit(&random, writes: 100)
      draft.submit(&random, writes: 25)
    case 80..<90:
      draft.read(&random)
      draft.submit(&random, writes: 100)
      draft.read(&random)
    default: for _ in 0..<3 { addPhase() }
    }
  }

  private mutating func addPhase() {
    switch Int.random(in: 0..<10, using: &random) {
    case 0..<3: draft.write(&random)
    case 3..<5: draft.read(&random)
    default: draft.submit(&random, writes: 55)
    }
  }
}

extension Script {
  /// Whether no driver is asked for a sync that has no such call.
  fileprivate var hasCallForEachSync: Bool {
    steps.allSatisfy { step in
      guard case .sync(let syncs) = step.action else { return true }
      return syncs.allSatisfy { $0.method == .userland || nodes[buffers[$0.buffer].node].hasFlags }
    }
  }

  /// How many accesses of jobs that no wait has covered there are at any START.
  fileprivate var mostPendingAtStart: Int {
    var pending: Set<Int> = []
    var most = 0
    for step in steps {
      switch step.action {
      case .submit(let job): pending.insert(job)
      case .wait(let job):
        var covered = [job]
        while let next = covered.popLast() {
          if pending.remove(next) != nil { covered += jobs[next].after }
        }
      case .beginAccess: most = max(most, pending.reduce(0) { $0 + jobs[$1].accesses.count })
      default: break
      }
    }
    return most
  }
}
