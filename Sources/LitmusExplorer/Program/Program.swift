// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import Litmus

/// A script as the operations on memory that a machine makes of it.
struct Program {
  /// A job's access, as it reaches memory.
  struct DeviceAccess {
    let memory: Int
    let range: Range<UInt64>
    /// Which write it is, nil for a read.
    let write: Int?
    /// Whether it goes through the CPU's cache.
    let isSnooping: Bool
  }

  /// A step that ends otherwise than its script says.
  struct Misjudgement: Hashable {
    enum Kind: Hashable {
      /// A sync of a BO that the driver did not allocate.
      case syncOnImport
      /// An END that nothing began.
      case unbalanced
      case other
    }

    let step: Int
    /// What the kernel answers; nil for success.
    let answer: Errno?
    let kind: Kind
  }

  var operations: [MicroOperation] = []
  /// By job and access.
  var jobs: [[DeviceAccess]]
  /// Bytes of each memory, in whole pages; memory is named by the BO it was created as.
  var sizes: [Int: UInt64] = [:]
  var misjudgements: [Misjudgement] = []
  /// Why the script cannot be carried out from a step on; nil where it can.
  var obstacle: (step: Int, reason: String)?
  /// Begins and ends of CPU access by memory.
  var brackets: [Int: [(step: Int, isBegin: Bool)]] = [:]

  /// How many bytes syncs maintain, and begins and ends of CPU access.
  func maintainedBytes(in script: Script) -> UInt64 {
    operations.reduce(0) { total, operation in
      guard case .maintain(_, let range, _) = operation.kind else { return total }
      switch script.steps[operation.step].action {
      case .sync, .beginAccess, .endAccess: return total + UInt64(range.count)
      default: return total
      }
    }
  }
}
