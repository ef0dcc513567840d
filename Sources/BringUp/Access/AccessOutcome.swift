// SPDX-License-Identifier: MIT

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
    /// Whether bytes were stale without it.
    public let isNeeded: Bool
  }

  public let memory: AccessMemory
  /// Nil for the first use, which is before any access.
  public let path: AccessPath?
  public let direction: Direction
  /// Whether the bytes were fresh with every sync.
  public let isFresh: Bool
  /// The syncs in the order of their calls.
  public let syncs: [SyncUse]
  /// Whether bytes were stale without any sync.
  public let isStaleWithout: Bool
  /// Whether no sync is needed by rule: for a WC mapping, and for a device that reports coherency.
  public let needsNoSyncByRule: Bool
  /// The cache maintenance of the kernel, as text; nil where nothing reports it.
  public let maintenance: String?

  /// The outcome's name in results, such as `wb.sync.to_device`.
  public var id: String {
    ([memory.rawValue] + (path.map { [$0.rawValue] } ?? []) + [direction.rawValue])
      .joined(separator: ".")
  }

  /// Whether no sync is needed by rule, and nothing was stale.
  var followsRule: Bool { needsNoSyncByRule && isFresh && !isStaleWithout }

  /// Returns `needed`, `not needed` or `not observed to be needed`.
  func text(_ use: SyncUse) -> String {
    if use.isNeeded { return "needed" }
    return followsRule ? "not needed" : "not observed to be needed"
  }
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

  /// Whether the path exists for a kind of memory: drivers refuse a batch with imported BOs.
  func isOffered(for memory: AccessMemory) -> Bool { self != .batch || !memory.isImported }
}
