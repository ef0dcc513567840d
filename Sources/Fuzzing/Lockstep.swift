// SPDX-License-Identifier: MIT

public import CallTrace
public import DRMKernel

/// Plays generated calls on a kernel, and on a second one at the same time, and compares every outcome.
public struct Lockstep: Sendable {
  /// A kernel with the paths of its nodes.
  public struct Side: Sendable {
    let name: String
    let kernel: Kernel
    let paths: [String: String]

    /// Creates a side.
    ///
    /// - Parameter paths: paths to open in place of those of the first side.
    public init(name: String, kernel: Kernel, paths: [String: String] = [:]) {
      self.name = name
      self.kernel = kernel
      self.paths = paths
    }

    func player() -> CallPlayer { CallPlayer(kernel, paths: paths) }
  }

  /// A call with different outcomes on the two sides.
  public struct Difference: Sendable {
    /// The calls up to the different one, with the outcomes of the first side.
    public let calls: [RecordedCall]
    /// The difference, in one line.
    public let description: String

    /// The call and the difference without numbers.
    var signature: String {
      (calls.last?.call.name ?? "") + description.filter { !$0.isNumber }
    }
  }

  /// The number of calls after which everything is closed and generation starts anew.
  static let episodeLength = 2000

  private let world: FuzzWorld
  private let first: Side
  private let second: (@Sendable () -> Side)?

  /// Creates a comparison.
  ///
  /// - Parameters:
  ///   - world: what the machines have.
  ///   - first: the kernel to test.
  ///   - second: creates the kernel to compare with, anew for each episode; nil for none.
  public init(_ world: FuzzWorld, _ first: Side, against second: (@Sendable () -> Side)?) {
    self.world = world
    self.first = first
    self.second = second
  }

  /// Generates and plays a number of calls, or up to the first difference or interruption.
  ///
  /// - Parameter report: called after each episode with the number of calls so far.
  public func run(
    seed: UInt64, calls limit: Int, coverage: inout FuzzCoverage,
    isInterrupted: () -> Bool = { false }, report: (Int) -> Void = { _ in }
  ) -> Difference? {
    var episode: UInt64 = 0
    let end = coverage.calls + limit
    while coverage.calls < end, !isInterrupted() {
      let length = min(Self.episodeLength, end - coverage.calls)
      let found = runEpisode(
        seed: seed &+ episode &* 0x1_0000_0001, calls: length, &coverage)
      if let (steps, seen) = found { return shrink(steps, seen, isInterrupted: isInterrupted) }
      episode += 1
      report(coverage.calls)
    }
    return nil
  }

  /// Plays one episode, and returns its steps if the outcome of the last one differs.
  private func runEpisode(
    seed: UInt64, calls: Int, _ coverage: inout FuzzCoverage
  ) -> (steps: [FuzzStep], seen: String)? {
    var grammar = FuzzGrammar(seed: seed, world: world)
    var translator = StepTranslator()
    let pair = Pair(first, second?())
    var steps: [FuzzStep] = []
    for _ in 0..<calls {
      let step = grammar.next()
      let call = translator.call(of: step)
      let (outcome, difference) = pair.play(call) { coverage.count(call, $0, grammar.model) }
      steps.append(step)
      if let difference { return (steps, "\(RecordedCall(call, outcome)): \(difference)") }
      grammar.note(step, outcome)
      translator.note(step, outcome)
    }
    return nil
  }

  /// Removes steps as long as the remaining ones end in the same kind of difference.
  ///
  /// Another kind need not be a fault: without an earlier call, a later one may use a number that each kernel
  /// chooses freely.
  ///
  /// - Parameter isInterrupted: called before each attempt; once true, the fewest steps so far are the result.
  func shrink(
    _ steps: [FuzzStep], _ seen: String, isInterrupted: () -> Bool = { false }
  ) -> Difference? {
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
      while index < kept.count, !isInterrupted() {
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

  /// Plays steps on two unused kernels, and returns the first difference.
  private func difference(_ steps: [FuzzStep]) -> Difference? {
    guard let second = second?() else { return nil }
    var translator = StepTranslator()
    let pair = Pair(first, second)
    var calls: [RecordedCall] = []
    for step in steps {
      let call = translator.call(of: step)
      let (outcome, difference) = pair.play(call)
      calls.append(RecordedCall(call, outcome))
      if let difference { return Difference(calls: calls, description: difference) }
      translator.note(step, outcome)
    }
    return nil
  }
}

/// The players of one episode.
private struct Pair {
  private let names: (String, String)
  private let first: CallPlayer
  private let second: CallPlayer?

  init(_ first: Lockstep.Side, _ second: Lockstep.Side?) {
    names = (first.name, second?.name ?? "")
    self.first = first.player()
    self.second = second?.player()
  }

  /// Makes a call on both sides, and returns the first outcome with the difference from the second.
  ///
  /// Values that describe the GPU's hardware are not compared.
  func play(
    _ call: Call, count: (CallOutcome) -> Void = { _ in }
  ) -> (outcome: CallOutcome, difference: String?) {
    let outcome = first.play(call)
    count(outcome)
    guard let other = second?.play(call), outcome != other else { return (outcome, nil) }
    let difference = call.difference(
      call.withoutHardwareValues(outcome), call.withoutHardwareValues(other), names: names)
    return (outcome, difference)
  }
}
