// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import Litmus

/// A script, lowered to the operations on memory that it performs on a platform.
struct Program {
  /// A job's access to memory.
  struct DeviceAccess {
    let memory: Int
    let range: Range<UInt64>
    /// The number of the write; nil for a read.
    let write: Int?
    /// Whether it goes through the CPU's cache.
    let isSnooping: Bool
  }

  /// A step whose result differs from the one that its script expects.
  struct UnexpectedResult: Hashable {
    enum Kind: Hashable {
      /// A sync of a BO that the driver did not allocate.
      case syncOnImport
      /// An END without a START.
      case unbalanced
      case other
    }

    let step: Int
    /// The errno that the kernel returns; nil for success.
    let errno: Errno?
    let kind: Kind
  }

  var operations: [MicroOperation] = []
  /// The accesses of each job.
  var jobs: [[DeviceAccess]]
  /// The size of each memory in bytes, in whole pages; a memory has the number of the BO it was created as.
  var sizes: [Int: UInt64] = [:]
  var unexpectedResults: [UnexpectedResult] = []
  /// The first step that cannot be carried out, with the reason; nil where all can.
  var obstacle: (step: Int, reason: String)?
  /// START and END of CPU accesses, for each memory.
  var brackets: [Int: [(step: Int, isStart: Bool)]] = [:]
  /// The steps that map a memory for the CPU or for DMA: without them, a later step does it.
  var stepsWithState: Set<Int> = []

  /// Returns the number of bytes that syncs, START and END maintain.
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

/// One operation of a step on memory, or on what the CPU knows of jobs.
struct MicroOperation {
  enum Kind {
    /// Memory is allocated; its zeroes were written through the cache.
    case allocate(memory: Int)
    /// The CPU stores through the cache or past it.
    case store(memory: Int, Range<UInt64>, write: Int, isCached: Bool)
    /// The CPU loads through the cache or past it.
    case load(memory: Int, Range<UInt64>, isCached: Bool)
    case maintain(memory: Int, Range<UInt64>, Maintenance)
    case submit(job: Int)
    case wait(job: Int)
    /// Waits for all jobs whose fences are at the memory.
    case waitForFences(memory: Int)
  }

  /// A kind of cache maintenance.
  enum Maintenance: Hashable {
    case clean
    case cleanAndInvalidate
    /// Lines that are covered only in part are cleaned first.
    case invalidate
  }

  /// The index of the step it belongs to.
  let step: Int
  /// The index in the step's batch of syncs.
  let place: Int
  let kind: Kind
}
