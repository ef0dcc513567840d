// SPDX-License-Identifier: MIT

public import DRMKernel
public import CallTrace

/// Plays made-up calls on a kernel, and on another one side by side, and compares every answer.
public struct Lockstep {
  /// A kernel that answers.
  public struct Side {
    let name: String
    let kernel: Kernel
    /// Which path to open instead of one of the first side's.
    let paths: [String: String]

    /// Creates a side.
    public init(name: String, kernel: Kernel, paths: [String: String] = [:]) {
      self.name = name
      self.kernel = kernel
      self.paths = paths
    }

    func player() -> CallPlayer { CallPlayer(kernel, paths: paths) }
  }

  /// Where the two answered otherwise.
  public struct Difference: Sendable {
    /// The calls up to the one that differs, with what the first side answered.
    public let calls: [RecordedCall]
    /// What differs, in one line.
    public let description: String

    /// The call and what differs, whatever the numbers.
    var signature: String {
      (calls.last?.call.kindName ?? "") + description.filter { !$0.isNumber }
    }
  }

  /// How many calls are made before everything is closed and begun anew.
  static let episodeLength = 2000

  private let world: FuzzWorld
  private let first: Side
  private let second: (() -> Side)?

  /// Creates a pair.
  ///
  /// - Parameters:
  ///   - world: what the machines have.
  ///   - first: who is tested.
  ///   - second: makes the one it is compared with, anew for each episode; nil where there is none.
  public init(_ world: FuzzWorld, _ first: Side, against second: (() -> Side)?) {
    self.world = world
    self.first = first
    self.second = second
  }

  /// Makes up and plays calls until there were so many, one differs, or the run is interrupted.
  ///
  /// - Parameter tell: called after each episode with the number of calls so far.
  public func run(
    seed: UInt64, calls limit: Int, coverage: inout FuzzCoverage,
    isInterrupted: () -> Bool = { false }, tell: (Int) -> Void = { _ in }
  ) -> Difference? {
    var episode: UInt64 = 0
    let end = coverage.calls + limit
    while coverage.calls < end, !isInterrupted() {
      let length = min(Self.episodeLength, end - coverage.calls)
      let steps = runEpisode(
        seed: seed &+ episode &* 0x1_0000_0001, calls: length, &coverage)
      if let (steps, seen) = steps { return shrink(steps, seen) }
      episode += 1
      tell(coverage.calls)
    }
    return nil
  }

  /// Plays one episode, and answers its steps where the last of them differs.
  private func runEpisode(
    seed: UInt64, calls: Int, _ coverage: inout FuzzCoverage
  ) -> (steps: [FuzzStep], seen: String)? {
    var grammar = FuzzGrammar(seed: seed, world: world)
    var translator = StepTranslator()
    let player = first.player()
    let twin = second?()
    let other = twin?.player()
    var steps: [FuzzStep] = []
    for _ in 0..<calls {
      let step = grammar.next()
      let call = translator.call(of: step)
      let answer = player.play(call)
      steps.append(step)
      coverage.count(call, answer, grammar.model)
      if let other, let twin {
        let otherAnswer = other.play(call)
        let names = (first.name, twin.name)
        if let text = Self.difference(call, answer, otherAnswer, names) {
          return (steps, "\(RecordedCall(call, answer)): \(text)")
        }
      }
      grammar.note(step, answer)
      translator.note(step, answer)
    }
    return nil
  }

  /// Leaves steps out for as long as what is left still ends in the same kind of difference.
  ///
  /// Another one may be none: without some call, a later one may name what no kernel promises.
  func shrink(_ steps: [FuzzStep], _ seen: String) -> Difference? {
    var kept = steps
    guard var found = difference(kept) else {
      return Difference(
        calls: [],
        description: "seen once, and not again with the same \(steps.count) calls: \(seen)")
    }
    var chunk = max(1, kept.count / 2)
    while chunk >= 1 {
      var index = 0
      var isSmaller = false
      while index < kept.count {
        var candidate = kept
        candidate.removeSubrange(index..<min(index + chunk, kept.count))
        if !candidate.isEmpty, let shorter = difference(candidate),
          shorter.signature == found.signature
        {
          kept = Array(candidate.prefix(shorter.calls.count))
          found = shorter
          isSmaller = true
        } else {
          index += chunk
        }
      }
      if chunk == 1, !isSmaller { break }
      chunk = chunk == 1 ? 1 : chunk / 2
    }
    return found
  }

  /// Plays steps from nothing on both sides, and answers the first difference.
  private func difference(_ steps: [FuzzStep]) -> Difference? {
    guard let second = second?() else { return nil }
    var translator = StepTranslator()
    let player = first.player()
    let other = second.player()
    var calls: [RecordedCall] = []
    for step in steps {
      let call = translator.call(of: step)
      let answer = player.play(call)
      let otherAnswer = other.play(call)
      calls.append(RecordedCall(call, answer))
      let names = (first.name, second.name)
      if let text = Self.difference(call, answer, otherAnswer, names) {
        return Difference(calls: calls, description: text)
      }
      translator.note(step, answer)
    }
    return nil
  }

  /// Says where two answers differ; what tells which GPU gave them is none of the driver's rules.
  private static func difference(
    _ call: Call, _ answer: Answer, _ other: Answer, _ names: (String, String)
  ) -> String? {
    guard answer != other else { return nil }
    return call.difference(
      call.withoutSilicon(answer), call.withoutSilicon(other), names: names)
  }
}
