// SPDX-License-Identifier: MIT

public import DRM
internal import DRMKernel

/// Tries every way of access to every kind of memory, with all its syncs, without each one and without any.
public struct AccessTrial {
  private let machine: AccessMachine

  // A word is never zero and never read twice; the line moves, so that no trial finds what another left.
  private static let firstLine: UInt64 = 4096

  /// Prepares trials on a machine whose device runs jobs.
  public init(_ machine: AccessMachine) {
    self.machine = machine
  }

  /// Runs them all; what the machine lacks is left out and told.
  ///
  /// - Parameter progress: told what is going to be tried.
  public func run(
    progress: (String) -> Void
  ) throws(DRMError) -> (outcomes: [AccessOutcome], missing: [String]) {
    var outcomes: [AccessOutcome] = []
    var missing: [String] = []
    for memory in AccessMemory.allCases {
      progress(memory.rawValue)
      guard try bench(memory) != nil else {
        missing.append("\(memory.rawValue): not on this machine")
        continue
      }
      if memory.isImported { outcomes.append(try firstUse(memory)) }
      for way in AccessWay.allCases where way.isOffered(for: memory) {
        do throws(DRMError) {
          for direction in [AccessOutcome.Direction.toDevice, .fromDevice, .ownWrites] {
            if let outcome = try trial(memory, way, direction) { outcomes.append(outcome) }
          }
        } catch {
          // A CPU that lets no process maintain caches, or a driver without the call.
          guard error.errno == nil else { throw error }
          missing.append("\(memory.rawValue).\(way.rawValue): \(error)")
        }
      }
    }
    return (outcomes, missing)
  }

  private func bench(
    _ memory: AccessMemory, _ omitter: SyncOmitter? = nil
  ) throws(DRMError) -> AccessBench? {
    try AccessBench(memory, on: machine, kernel: omitter.map { .substitute($0) } ?? machine.kernel)
  }

  /// One way in one direction: whole, then without each sync, then without any.
  private func trial(
    _ memory: AccessMemory, _ way: AccessWay, _ direction: AccessOutcome.Direction
  ) throws(DRMError) -> AccessOutcome? {
    let omitter = SyncOmitter(machine.kernel)
    let watch = try? MaintenanceNotes(machine)
    defer { watch?.end() }
    guard let bench = try bench(memory, omitter) else { return nil }
    var number: UInt64 = 0
    func tryOut(_ omission: SyncOmission) throws(DRMError) -> Attempt {
      number += 1
      // Far enough from the last line that no prefetch brings this one in with it.
      let line = Self.firstLine + number * 4 * TestLine.size
      return try Self.tolerant(of: omission) { () throws(DRMError) in
        try attempt(
          bench, omitter, way, direction, line: line, word: 0x1_0000 + number * 0x101, omission,
          watch)
      }
    }
    let whole = try tryOut(.nothing)
    var uses: [AccessOutcome.SyncUse] = []
    for (number, name) in whole.syncs.enumerated() {
      uses.append(
        AccessOutcome.SyncUse(name: name, isNeeded: !(try tryOut(.one(number)).isFresh)))
    }
    let isStaleWithout = whole.syncs.isEmpty ? !whole.isFresh : !(try tryOut(.all).isFresh)
    return AccessOutcome(
      memory: memory, way: way, direction: direction, isFresh: whole.isFresh, syncs: uses,
      isStaleWithout: isStaleWithout, maintenance: whole.maintenance)
  }

  /// Takes a refusal for stale bytes where something was left out: some exporters refuse an END without a START.
  private static func tolerant(
    of omission: SyncOmission, _ attempt: () throws(DRMError) -> Attempt
  ) throws(DRMError) -> Attempt {
    do throws(DRMError) {
      return try attempt()
    } catch {
      guard omission != .nothing, error.errno != nil else { throw error }
      return Attempt(isFresh: false, syncs: [], maintenance: nil)
    }
  }

  private struct Attempt {
    let isFresh: Bool
    let syncs: [String]
    let maintenance: String?
  }

  private func attempt(
    _ bench: AccessBench, _ omitter: SyncOmitter, _ way: AccessWay,
    _ direction: AccessOutcome.Direction, line: UInt64, word: UInt64, _ omission: SyncOmission,
    _ watch: MaintenanceNotes?
  ) throws(DRMError) -> Attempt {
    // Both sides know the line, and agree on it, before it is changed.
    try bench.write(word | 1 << 40, line: line, by: way)
    _ = try bench.deviceReads(line: line)
    _ = try bench.read(line: line, by: way)
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
    case .toDevice: try bench.write(word, line: line, by: way)
    case .fromDevice, .ownWrites, .firstUse: found = try bench.read(line: line, by: way)
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

  /// Imports memory that the CPU has written and nobody has flushed: the device must read what was written.
  private func firstUse(_ memory: AccessMemory) throws(DRMError) -> AccessOutcome {
    var number: UInt64 = 0
    func tryOut(_ omission: SyncOmission) throws(DRMError) -> Attempt {
      number += 1
      let word = 0x1_0000 + number * 0x101
      return try Self.tolerant(of: omission) { () throws(DRMError) in
        let omitter = SyncOmitter(machine.kernel)
        omitter.arm(omitting: omission)
        let bench = try AccessBench(
          memory, on: machine, kernel: .substitute(omitter), written: (word, Self.firstLine))
        let syncs = omitter.disarm()
        let found = try bench?.deviceReads(line: Self.firstLine)
        return Attempt(isFresh: found == word, syncs: syncs, maintenance: nil)
      }
    }
    let whole = try tryOut(.nothing)
    var uses: [AccessOutcome.SyncUse] = []
    for (number, name) in whole.syncs.enumerated() {
      uses.append(
        AccessOutcome.SyncUse(name: name, isNeeded: !(try tryOut(.one(number)).isFresh)))
    }
    return AccessOutcome(
      memory: memory, way: nil, direction: .firstUse, isFresh: whole.isFresh, syncs: uses,
      isStaleWithout: whole.syncs.isEmpty ? !whole.isFresh : !(try tryOut(.all).isFresh),
      maintenance: nil)
  }
}
