// SPDX-License-Identifier: MIT

public import DRMKernel

#if canImport(Glibc)
  internal import Glibc
#endif

/// In how many of a number of trials bytes were stale.
public struct StaleCount: Hashable, Sendable, CustomStringConvertible {
  public private(set) var stale: Int
  public private(set) var trials: Int

  /// Creates a count; without numbers it is empty.
  public init(_ stale: Int = 0, of trials: Int = 0) {
    self.stale = stale
    self.trials = trials
  }

  /// Adds one trial.
  mutating func add(isFresh: Bool) {
    trials += 1
    if !isFresh { stale += 1 }
  }

  /// Adds the trials of another count.
  static func += (count: inout StaleCount, other: StaleCount) {
    count.stale += other.stale
    count.trials += other.trials
  }

  /// The share of stale trials that `stale == 0` still allows, at 95 % confidence; from 0 to 1.
  ///
  /// It is the exact bound of the binomial distribution, 1 - 0.05^(1/n). It holds for independent trials
  /// only: it says nothing about conditions that none of the trials had.
  public var upperBound: Double {
    trials > 0 ? 1 - pow(0.05, 1 / Double(trials)) : 1
  }

  /// `37 of 100`.
  public var description: String { "\(stale) of \(trials)" }

  /// `below 3.0 %`: ``upperBound``, rounded up to a tenth of a percent.
  var boundText: String {
    let tenths = Int((upperBound * 1000).rounded(.up))
    return "below \(tenths / 10).\(tenths % 10) %"
  }
}

/// The result of one access path to one kind of memory.
public struct AccessOutcome: Hashable, Sendable {
  /// In which direction the bytes go.
  public enum Direction: String, CaseIterable, Hashable, Sendable {
    /// The CPU writes and the device reads.
    case toDevice = "to_device"
    /// The device writes and the CPU reads.
    case fromDevice = "from_device"
    /// The CPU reads, and must keep its own unflushed write to another cache line.
    case ownWrites = "own_writes"
    /// The device reads what the CPU wrote before the import and did not flush.
    case firstUse = "first_use"
  }

  /// One sync of an access, and whether it was needed.
  public struct SyncUse: Hashable, Sendable {
    /// Such as `BO_SYNC` or `START|WRITE`.
    public let name: String
    /// The trials without this sync that no call refused; if it is the only one, also those without any.
    public internal(set) var without: StaleCount
    /// What a later sync returned without this one, as END of a udmabuf without a START; nil for no error.
    public internal(set) var refusal: Errno?
    /// Whether bytes were stale, or a call was refused, without it.
    public var isNeeded: Bool { without.stale > 0 || refusal != nil }

    /// `BO_SYNC 37 of 100`, or `START|WRITE (EINVAL without it)`.
    var text: String {
      guard let refusal, without.stale == 0 else { return "\(name) \(without)" }
      return "\(name) (\(refusal) without it)"
    }
  }

  public let memory: AccessMemory
  /// Nil for the first use, which is before any access.
  public let path: AccessPath?
  public let direction: Direction
  /// The trials with every sync.
  public let whole: StaleCount
  /// The syncs in the order of their calls.
  public let syncs: [SyncUse]
  /// The trials without any sync; for a path with a single sync, also those without it alone.
  public let without: StaleCount
  /// Whether no sync is needed by rule: for a WC mapping, and for a device that is said to be coherent.
  public let needsNoSyncByRule: Bool
  /// The cache maintenance of the kernel, as text; nil where nothing reports it.
  public let maintenance: String?

  /// The outcome's name in results, such as `wb.sync.to_device`.
  public var id: String {
    ([memory.rawValue] + (path.map { [$0.rawValue] } ?? []) + [direction.rawValue])
      .joined(separator: ".")
  }

  /// Whether the bytes were always fresh with every sync.
  public var isFresh: Bool { whole.stale == 0 }

  /// Whether bytes were stale without any sync.
  public var isStaleWithout: Bool { without.stale > 0 }

  /// Whether no sync is needed by rule, and nothing was stale.
  ///
  /// A refuted claim of coherency takes its rule away, also that of WC: such a device maps all BOs cached.
  func followsRule(_ claim: BringUpVerdict.Claim) -> Bool {
    needsNoSyncByRule && claim != .refuted && isFresh && !isStaleWithout
  }

  /// The syncs of which at least one is needed: bytes were stale without any, but not without one alone.
  ///
  /// Empty where the trials show more than that, or less.
  var candidates: [SyncUse] {
    isFresh && isStaleWithout && syncs.allSatisfy { $0.without.stale == 0 } ? syncs : []
  }

  /// What is known about the syncs, such as `BO_SYNC: needed` or `one of START|WRITE, END|WRITE is needed`.
  func texts(_ claim: BringUpVerdict.Claim) -> [String] {
    guard !candidates.isEmpty else { return syncs.map { "\($0.name): \(text($0, claim))" } }
    return syncs.filter(\.isNeeded).map { "\($0.name): needed" }
      + ["\(candidates.oneOfText) is needed"]
  }

  /// Returns `needed`, `not needed` or `not observed to be needed`, or that nothing was shown.
  func text(_ use: SyncUse, _ claim: BringUpVerdict.Claim) -> String {
    // A refused call shows what it needs; stale bytes do not where they are stale with every sync too.
    guard isFresh || use.refusal != nil else { return "nothing shown: stale with all syncs too" }
    if use.isNeeded { return "needed" }
    return followsRule(claim) ? "not needed" : "not observed to be needed"
  }
}

extension [AccessOutcome.SyncUse] {
  /// `one of START|WRITE, END|WRITE`.
  var oneOfText: String { "one of " + map(\.name).joined(separator: ", ") }
}

/// The memory that is accessed: its exporter and its mapping.
public enum AccessMemory: String, CaseIterable, Hashable, Sendable {
  /// A BO of the device, mapped write-back.
  case writeBack = "wb"
  /// A BO of the device, mapped write-combining.
  case writeCombining = "wc"
  /// A BO imported from another GPU's driver, mapped write-back there.
  case otherGPU = "other_gpu"
  case udmabuf
  case systemHeap = "system_heap"

  /// Whether it is imported from another exporter.
  public var isImported: Bool {
    switch self {
    case .writeBack, .writeCombining: false
    case .otherGPU, .udmabuf, .systemHeap: true
    }
  }
}

/// The calls of the client by which the CPU accesses a BO.
public enum AccessPath: String, CaseIterable, Hashable, Sendable {
  /// `BufferObject.sync(_:_:)`.
  case sync
  /// `BufferObject.sync(for:_:_:)`, the form of the series.
  case proposed
  /// `SyncBatch` and `DRMNode.sync(_:)`.
  case batch
  /// `BufferObject.withAccess(_:_:through:_:)`.
  case access
  /// `DMABuf.withAccess(_:through:_:)`.
  case dmaBuf = "dma_buf"
  /// `BufferMapping.maintain(_:_:)`.
  case userland

  /// The paths to a kind of memory: drivers refuse a batch with imported BOs.
  static func all(to memory: AccessMemory) -> [AccessPath] {
    allCases.filter { $0 != .batch || !memory.isImported }
  }
}
