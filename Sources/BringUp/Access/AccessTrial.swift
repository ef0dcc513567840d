// SPDX-License-Identifier: MIT

public import DRM
internal import DRMConformance
internal import DRMDrivers
internal import DRMKernel

/// Tries every access path on every kind of memory: with all syncs, without each one, without any.
public struct AccessTrial {
  private let device: DRMDevice
  private let isInterrupted: () -> Bool

  // A trial uses a new word and a new cache line, so that it cannot find what another one left.
  private static let firstLine: UInt64 = 4096

  /// Prepares trials on a device that runs jobs.
  ///
  /// - Parameter isInterrupted: called before each trial; once true, the remaining ones are left out.
  public init(on device: DRMDevice, isInterrupted: @escaping () -> Bool = { false }) {
    self.device = device
    self.isInterrupted = isInterrupted
  }

  /// Runs all trials; what the machine lacks is in `missing`, with the reason.
  ///
  /// - Parameter progress: called with the name of each kind of memory before its trials.
  public func run(
    progress: (String) -> Void
  ) throws(DRMError) -> (outcomes: [AccessOutcome], missing: [String]) {
    var outcomes: [AccessOutcome] = []
    var missing: [String] = []
    for memory in AccessMemory.allCases where !isInterrupted() {
      progress(memory.rawValue)
      guard try bench(memory, device.kernel) != nil else {
        missing.append("\(memory.rawValue): not on this machine")
        continue
      }
      if memory.isImported { outcomes.append(try firstUse(memory)) }
      for path in AccessPath.allCases where path.isOffered(for: memory) {
        do throws(DRMError) {
          for direction in [AccessOutcome.Direction.toDevice, .fromDevice, .ownWrites]
          where !isInterrupted() {
            if let outcome = try trial(memory, path, direction) { outcomes.append(outcome) }
          }
        } catch {
          // The CPU has no cache instructions for user space, or the driver lacks the call.
          guard error.errno == nil else { throw error }
          missing.append("\(memory.rawValue).\(path.rawValue): \(error)")
        }
      }
    }
    return (outcomes, missing)
  }

  private func bench(
    _ memory: AccessMemory, _ kernel: Kernel, written: AccessBench.Written? = nil
  ) throws(DRMError) -> AccessBench? {
    try AccessBench(memory, on: device, kernel: kernel, written: written)
  }

  /// Tries one path in one direction; nil where the machine has no such memory.
  private func trial(
    _ memory: AccessMemory, _ path: AccessPath, _ direction: AccessOutcome.Direction
  ) throws(DRMError) -> AccessOutcome? {
    let omitter = SyncOmitter(device.kernel)
    let watch = try? MaintenanceNotes(device)
    defer { watch?.end() }
    guard let bench = try bench(memory, .substitute(omitter)) else { return nil }
    return try outcome(memory, path, direction) { number, omission throws(DRMError) in
      // Far enough from the last line that no prefetch fills this one.
      let line = Self.firstLine + number * 4 * TestLine.size
      return try attempt(
        bench, omitter, path, direction, line: line, word: Self.word(number), omission, watch)
    }
  }

  /// Imports memory with unflushed CPU writes: the device must read what was written.
  private func firstUse(_ memory: AccessMemory) throws(DRMError) -> AccessOutcome {
    try outcome(memory, nil, .firstUse) { number, omission throws(DRMError) in
      let word = Self.word(number)
      let omitter = SyncOmitter(device.kernel)
      omitter.arm(omitting: omission)
      let bench = try bench(memory, .substitute(omitter), written: (word, Self.firstLine))
      let syncs = omitter.disarm()
      let found = try bench?.deviceReads(line: Self.firstLine)
      return Attempt(isFresh: found == word, syncs: syncs, maintenance: nil)
    }
  }

  private static func word(_ number: UInt64) -> UInt64 { 0x1_0000 + number * 0x101 }

  private struct Attempt {
    let isFresh: Bool
    let syncs: [String]
    let maintenance: String?
  }

  /// Makes an attempt with all syncs, one without each of them, and one without any.
  ///
  /// - Parameter attempt: gets the number of the attempt, from 1, and what to leave out.
  private func outcome(
    _ memory: AccessMemory, _ path: AccessPath?, _ direction: AccessOutcome.Direction,
    _ attempt: (UInt64, SyncOmission) throws(DRMError) -> Attempt
  ) throws(DRMError) -> AccessOutcome {
    var number: UInt64 = 0
    func attemptOnce(_ omission: SyncOmission) throws(DRMError) -> Attempt {
      number += 1
      do throws(DRMError) {
        return try attempt(number, omission)
      } catch {
        // A refusal without a sync counts as stale: some exporters refuse an END without a START.
        guard omission != .nothing, error.errno != nil else { throw error }
        return Attempt(isFresh: false, syncs: [], maintenance: nil)
      }
    }
    let whole = try attemptOnce(.nothing)
    var uses: [AccessOutcome.SyncUse] = []
    for (number, name) in whole.syncs.enumerated() {
      let isFresh = try attemptOnce(.one(number)).isFresh
      uses.append(AccessOutcome.SyncUse(name: name, isNeeded: !isFresh))
    }
    let isFreshWithout = whole.syncs.isEmpty ? whole.isFresh : try attemptOnce(.all).isFresh
    return AccessOutcome(
      memory: memory, path: path, direction: direction, isFresh: whole.isFresh, syncs: uses,
      isStaleWithout: !isFreshWithout,
      needsNoSyncByRule: memory == .writeCombining || device.description.isCoherent == true,
      maintenance: whole.maintenance)
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

/// Notes the cache maintenance that a kernel does during an access.
private final class MaintenanceNotes {
  private let observer: any MaintenanceObserver
  private let path: String

  /// Starts to observe; nil where nothing reports maintenance.
  init?(_ device: DRMDevice) throws(Errno) {
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
