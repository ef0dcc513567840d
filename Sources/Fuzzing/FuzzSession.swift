// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import Dispatch

/// The fuzzing of one device with several seeds, on one thread or on several.
public struct FuzzSession: Sendable {
  /// The seeds, the number of calls and the number of threads.
  public struct Options: Sendable {
    /// The first seed; the others are the numbers after it.
    public var seed: UInt64
    public var seeds: Int
    /// The number of calls in all.
    public var calls: Int
    /// The number of threads that share the device; 1 where it is compared.
    public var threads: Int

    /// Creates options; every count is at least 1.
    public init(seed: UInt64, seeds: Int = 1, calls: Int, threads: Int = 1) {
      self.seed = seed
      self.seeds = seeds
      self.calls = calls
      self.threads = threads
    }
  }

  /// The coverage of a session, and the difference that ended it.
  public struct Result: Sendable {
    public let coverage: FuzzCoverage
    /// The difference with the seed of its calls; nil where there was none.
    public let difference: (seed: UInt64, Lockstep.Difference)?
  }

  private let world: FuzzWorld
  private let device: Lockstep.Side
  private let reference: (@Sendable () -> Lockstep.Side)?
  private let isInterrupted: @Sendable () -> Bool

  /// Creates a session.
  ///
  /// - Parameters:
  ///   - world: what the device's machine has.
  ///   - device: the kernel to test.
  ///   - reference: creates a kernel to compare with; nil for none.
  ///   - isInterrupted: returns whether to stop early.
  public init(
    _ world: FuzzWorld, _ device: Lockstep.Side,
    against reference: (@Sendable () -> Lockstep.Side)?,
    isInterrupted: @escaping @Sendable () -> Bool
  ) {
    self.world = world
    self.device = device
    self.reference = reference
    self.isInterrupted = isInterrupted
  }

  /// Runs all seeds, or up to the first difference or interruption.
  ///
  /// - Parameter report: called during a run on one thread, with a seed and its number of calls so far.
  public func run(_ options: Options, report: (UInt64, Int) -> Void) -> Result {
    var coverage = FuzzCoverage()
    for index in 0..<options.seeds where !isInterrupted() {
      let seed = options.seed &+ UInt64(index)
      let calls = Self.share(index, of: options.calls, among: options.seeds)
      if options.threads > 1 {
        coverage.add(runThreads(options.threads, seed: seed, calls: calls))
        continue
      }
      let difference = Lockstep(world, device, against: reference).run(
        seed: seed, calls: calls, coverage: &coverage, isInterrupted: isInterrupted,
        report: { report(seed, $0) })
      if let difference { return Result(coverage: coverage, difference: (seed, difference)) }
    }
    return Result(coverage: coverage, difference: nil)
  }

  /// Runs calls of their own on several threads that share the device.
  private func runThreads(_ threads: Int, seed: UInt64, calls: Int) -> FuzzCoverage {
    let total = Guarded(FuzzCoverage())
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
      var own = FuzzCoverage()
      _ = Lockstep(world, device, against: nil).run(
        seed: seed &+ UInt64(thread) << 32, calls: Self.share(thread, of: calls, among: threads),
        coverage: &own, isInterrupted: isInterrupted)
      total.withLock { $0.add(own) }
    }
    return total.withLock { $0 }
  }

  /// Returns a part of a number of calls; the first part has the remainder.
  private static func share(_ index: Int, of calls: Int, among parts: Int) -> Int {
    calls / parts + (index == 0 ? calls % parts : 0)
  }
}

extension FuzzSession.Result {
  /// Returns the result as text: the coverage by call, or the calls that lead to the difference.
  ///
  /// - Parameter title: the device, and what it is compared with.
  public func text(_ title: String) -> String {
    let percent = { (part: Int) in part * 100 / max(coverage.calls, 1) }
    var text =
      "\(title.printable): \(coverage.calls) calls, \(percent(coverage.successes)) % successes, "
      + "\(percent(coverage.busyCalls)) % with 2 files and 8 BOs alive\n"
    guard let (seed, difference) = difference else { return text + coverage.table() }
    text += "difference with seed \(seed):\n"
    for (number, recorded) in difference.calls.enumerated() {
      text += "  \(number + 1). \("\(recorded)".printable)\n"
    }
    return text + "  \(difference.description.printable)\n"
  }
}
