// SPDX-License-Identifier: MIT

public import DRM
internal import DRMConformance
internal import DRMDrivers
internal import DRMKernel

/// Tries every access path on every kind of memory: with all syncs, without each one, without any.
public struct AccessTrial {
  private let device: DRMDevice
  private let trials: Int
  private let pressure: CachePressure?
  private let isInterrupted: () -> Bool

  /// Prepares trials on a device that runs jobs.
  ///
  /// - Parameters:
  ///   - trials: how often each access is tried with all syncs, without each one, and without any; at least 1.
  ///   - pressure: what provokes evictions before every other trial; nil for a model, which has its own.
  ///   - isInterrupted: called before each trial; once true, the trials so far are the result.
  public init(
    on device: DRMDevice, trials: Int, pressure: CachePressure? = nil,
    isInterrupted: @escaping () -> Bool = { false }
  ) {
    self.device = device
    self.trials = max(1, trials)
    self.pressure = pressure
    self.isInterrupted = isInterrupted
  }

  /// The results of trials, in the order in which they were made.
  public struct Results: Sendable {
    /// Something that was not tried to its end, such as `wb` or `wb.sync`, and why.
    public typealias Gap = (name: String, reason: String)

    public fileprivate(set) var outcomes: [AccessOutcome] = []
    /// What the machine, its driver or this process lacks.
    public fileprivate(set) var lacks: [Gap] = []
    /// Calls that failed.
    public fileprivate(set) var failures: [Gap] = []

    /// Runs a part of the trials, and returns whether it ran to its end: an error ends this part only.
    fileprivate mutating func add(
      _ name: String, _ part: (inout [AccessOutcome]) throws(DRMError) -> Void
    ) -> Bool {
      do throws(DRMError) {
        try part(&outcomes)
        return true
      } catch {
        if error.isLack {
          lacks.append((name, "\(error)"))
        } else {
          failures.append((name, "\(error)"))
        }
        return false
      }
    }
  }

  /// Runs all trials.
  ///
  /// - Parameters:
  ///   - memories: the kinds of memory to try.
  ///   - progress: called with the name of each memory and access, such as `wb.sync`, before its trials.
  public func run(
    _ memories: [AccessMemory] = AccessMemory.allCases, progress: (String) -> Void
  ) -> Results {
    var results = Results()
    for memory in memories where !isInterrupted() {
      progress(memory.rawValue)
      if let reason = AccessBench.lack(of: memory, on: device) {
        results.lacks.append((memory.rawValue, reason))
        continue
      }
      let exists = results.add(memory.rawValue) { outcomes throws(DRMError) in
        _ = try bench(memory, device.kernel)
        if memory.isImported, let outcome = try firstUse(memory) { outcomes.append(outcome) }
      }
      for path in AccessPath.all(to: memory) where exists {
        let name = "\(memory.rawValue).\(path.rawValue)"
        progress(name)
        _ = results.add(name) { outcomes throws(DRMError) in
          for direction in [AccessOutcome.Direction.toDevice, .fromDevice, .ownWrites]
          where !isInterrupted() {
            if let outcome = try trial(memory, path, direction) { outcomes.append(outcome) }
          }
        }
      }
    }
    return results
  }

  private func bench(
    _ memory: AccessMemory, _ kernel: Kernel, written: AccessBench.Written? = nil
  ) throws(DRMError) -> AccessBench? {
    try AccessBench(memory, on: device, kernel: kernel, written: written)
  }

  /// Tries one path in one direction; nil where the machine has no such memory, or after an interruption.
  private func trial(
    _ memory: AccessMemory, _ path: AccessPath, _ direction: AccessOutcome.Direction
  ) throws(DRMError) -> AccessOutcome? {
    let omitter = SyncOmitter(device.kernel)
    let watch = try? MaintenanceNotes(device)
    defer { watch?.end() }
    guard let bench = try bench(memory, .substitute(omitter)) else { return nil }
    return try outcome(memory, path, direction) { number, omission throws(DRMError) in
      try attempt(
        bench, omitter, path, direction, line: TrialLines.line(number),
        word: TrialLines.word(number), omission, watch)
    }
  }

  /// Imports memory with unflushed CPU writes: the device must read what was written.
  private func firstUse(_ memory: AccessMemory) throws(DRMError) -> AccessOutcome? {
    try outcome(memory, nil, .firstUse) { number, omission throws(DRMError) in
      let word = TrialLines.word(number)
      let omitter = SyncOmitter(device.kernel)
      omitter.arm(omitting: omission)
      let bench = try bench(memory, .substitute(omitter), written: (word, TrialLines.first))
      let syncs = omitter.disarm()
      let found = try bench?.deviceReads(line: TrialLines.first)
      return Attempt(isFresh: found == word, syncs: syncs)
    }
  }

  private struct Attempt {
    var isFresh = false
    var syncs: [String] = []
    var maintenance: String?
    /// What a sync returned because another one was left out.
    var refusal: Errno?
  }

  /// Makes rounds of attempts: one with all syncs, one without each of them, and one without any.
  ///
  /// Nil if it was interrupted before the first round.
  ///
  /// - Parameter attempt: gets the number of the attempt, from 0, and what to leave out.
  private func outcome(
    _ memory: AccessMemory, _ path: AccessPath?, _ direction: AccessOutcome.Direction,
    _ attempt: (UInt64, SyncOmission) throws(DRMError) -> Attempt
  ) throws(DRMError) -> AccessOutcome? {
    var number: UInt64 = 0
    func attemptOnce(_ omission: SyncOmission) throws(DRMError) -> Attempt {
      defer { number += 1 }
      do throws(DRMError) {
        return try attempt(number, omission)
      } catch {
        guard omission != .nothing, let errno = error.errno else { throw error }
        // A job that fails has read stale bytes. A refused sync shows no bytes.
        return Attempt(refusal: error.operation.isSync ? errno : nil)
      }
    }
    var whole = StaleCount()
    var without = StaleCount()
    var uses: [AccessOutcome.SyncUse] = []
    var maintenance: String?
    for round in 0..<trials where !isInterrupted() {
      if round % 2 == 1 { pressure?.evict() }
      let result = try attemptOnce(.nothing)
      whole.add(isFresh: result.isFresh)
      if round == 0 {
        uses = result.syncs.map { AccessOutcome.SyncUse(name: $0, without: StaleCount()) }
        maintenance = result.maintenance
      }
      for index in uses.indices {
        let attempt = try attemptOnce(.one(index))
        if let refusal = attempt.refusal {
          uses[index].refusal = refusal
        } else {
          uses[index].without.add(isFresh: attempt.isFresh)
        }
      }
      let bare = uses.isEmpty ? result : try attemptOnce(.all)
      if bare.refusal == nil { without.add(isFresh: bare.isFresh) }
    }
    guard whole.trials > 0 else { return nil }
    if uses.count == 1 {
      // To leave out the only sync is to leave out all: both are the same experiment.
      without += uses[0].without
      uses[0].without = without
    }
    return AccessOutcome(
      memory: memory, path: path, direction: direction, whole: whole, syncs: uses, without: without,
      needsNoSyncByRule: memory == .writeCombining || device.description.isCoherent == true,
      maintenance: maintenance)
  }

  private func attempt(
    _ bench: AccessBench, _ omitter: SyncOmitter, _ path: AccessPath,
    _ direction: AccessOutcome.Direction, line: UInt64, word: UInt64, _ omission: SyncOmission,
    _ watch: MaintenanceNotes?
  ) throws(DRMError) -> Attempt {
    // Before the change, CPU and device have both read the line, with the same bytes.
    try bench.write(word | 1 << 40, line: line, by: path)
    _ = try bench.deviceReads(line: line)
    _ = try bench.read(line: line, by: path)
    let other = line + 2 * TestLine.size
    switch direction {
    case .toDevice: break
    case .ownWrites: try bench.store(word, line: other)
    case .fromDevice, .firstUse: try bench.deviceWrites(word, line: line)
    }
    watch?.forget()
    omitter.arm(omitting: omission)
    var found: UInt64?
    switch direction {
    case .toDevice: try bench.write(word, line: line, by: path)
    case .fromDevice, .ownWrites, .firstUse: found = try bench.read(line: line, by: path)
    }
    let syncs = omitter.disarm()
    let maintenance = watch?.take()
    switch direction {
    case .toDevice: found = try bench.deviceReads(line: line)
    case .ownWrites: found = try bench.load(line: other)
    case .fromDevice, .firstUse: break
    }
    return Attempt(isFresh: found == word, syncs: syncs, maintenance: maintenance)
  }
}

extension DRMError {
  /// Whether the driver lacks the call at its version, or the CPU has no cache instructions for user space.
  fileprivate var isLack: Bool {
    switch reason {
    case .needs, .notOffered, .noUserlandMaintenance: true
    default: false
    }
  }
}

extension DRMError.Operation {
  /// Whether it is a sync: the driver's, or START or END of a dma-buf.
  fileprivate var isSync: Bool {
    switch self {
    case .syncBuffer, .beginAccess, .endAccess: true
    default: false
    }
  }
}

/// The word and the cache line of each attempt, so that it cannot take what an earlier one left for its own.
private enum TrialLines {
  static let first: UInt64 = 4096
  // Far enough from the next line that no prefetch fills it.
  private static let step = 4 * TestLine.size
  private static let count = (AccessBench.size - first) / step

  /// Lines repeat, the words in them do not.
  static func line(_ number: UInt64) -> UInt64 { first + number % count * step }

  static func word(_ number: UInt64) -> UInt64 { 0x1_0101 + number * 0x101 }
}

/// Notes the cache maintenance that a kernel does during an access.
private final class MaintenanceNotes {
  private let observer: any MaintenanceObserver
  private let path: String

  /// Starts to observe; nil where nothing reports maintenance.
  init?(_ device: DRMDevice) throws(MaintenanceError) {
    guard let observer = device.maintenance else { return nil }
    try observer.begin()
    self.observer = observer
    path = device.path
  }

  func end() { observer.end() }

  func forget() { _ = try? observer.take() }

  /// Returns the maintenance since the last call, as text.
  func take() -> String? {
    (try? observer.take()).map { MaintenanceText.text($0, own: path) }
  }
}
