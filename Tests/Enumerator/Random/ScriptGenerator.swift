// SPDX-License-Identifier: MIT

internal import Fuzzing
internal import Litmus

/// Generates small scripts: a correct protocol, with random steps removed, moved or changed.
///
/// About half of them are wrong.
struct ScriptGenerator {
  /// A script and its text.
  struct Generated {
    let script: Script
    let text: String
  }

  // The search tries each START with four variants before each access that it waits for. With six accesses
  // there are thousands of times as many sequences as with three, too many to enumerate.
  private static let mostPendingAtStart = 4

  private var draft: ScriptDraft
  private var random: SeededRandom

  private init(seed: UInt64, _ number: Int) {
    var random = SeededRandom(seed: seed &+ UInt64(number) &* 0x2545_f491_4f6c_dd1d)
    draft = ScriptDraft(&random)
    self.random = random
  }

  /// Generates the script of a seed and a number.
  static func script(seed: UInt64, _ number: Int) -> Generated {
    // A change can make the script invalid: then the next attempt is used.
    for attempt in 0... {
      var generator = ScriptGenerator(seed: seed &+ UInt64(attempt) << 32, number)
      let text = generator.text(number)
      if let script = try? ScriptReader.read(path: "random \(number)", text: text),
        script.hasCallForEachSync, script.mostPendingAtStart <= mostPendingAtStart
      {
        return Generated(script: script, text: text)
      }
    }
    preconditionFailure("no attempt is left")
  }

  private mutating func text(_ number: Int) -> String {
    addFlow()
    if random.chance(25) { addPhase() }
    if !draft.hasRead { draft.read(&random) }
    let changes = random.pick(0, 1, 1, 2, 2, 3, 3, 4)
    for _ in 0..<changes { draft.change(&random) }
    return """
      version: 1
      about: Generated, number \(number).
      nodes:
      \(draft.nodes.map { "  \($0.name): [\($0.driver)]" }.joined(separator: "\n"))
      steps:
      \(draft.steps.map { "- \($0.text)" }.joined(separator: "\n"))

      """
  }

  /// Adds steps that pass bytes between CPU and jobs.
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
  /// Whether every sync is on a driver that has a sync call.
  fileprivate var hasCallForEachSync: Bool {
    steps.allSatisfy { step in
      guard case .sync(let syncs) = step.action else { return true }
      return syncs.allSatisfy { $0.method == .userland || nodes[buffers[$0.buffer].node].hasFlags }
    }
  }

  /// The most accesses of pending jobs at any START.
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

extension SeededRandom {
  /// Returns true with a probability in percent.
  mutating func chance(_ percent: Int) -> Bool {
    Int.random(in: 0..<100, using: &self) < percent
  }

  /// Returns one of several values, with equal probability.
  mutating func pick<Value>(_ first: Value, _ others: Value...) -> Value {
    let index = Int.random(in: 0...others.count, using: &self)
    return index == 0 ? first : others[index - 1]
  }
}
