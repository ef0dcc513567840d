// SPDX-License-Identifier: MIT

internal import Litmus

/// The result of exploring a script.
public struct Exploration: Sendable {
  /// The verdict on a script.
  public enum Verdict: Hashable, Sendable {
    /// Every read sees the last write ordered before it, under every behaviour of caches and devices.
    case proved
    /// A read can see wrong bytes, or a call returns an unexpected result.
    case finding
    /// The bound was reached first.
    case undecided(bound: Bound)
    /// The script has something that the exploration does not model.
    case unexplored(reason: String)
    /// A step cannot be carried out on this platform.
    case impossible(step: Int, reason: String)
  }

  /// A limit of the exploration.
  public enum Bound: Hashable, Sendable, CustomStringConvertible {
    /// Of visited runs of bytes.
    case visits(Int)
    /// Of the table of job order.
    case orderEntries(Int)

    public var description: String {
      switch self {
      case .visits(let most): "the bound of \(most) visits was reached first"
      case .orderEntries(let most):
        "its jobs times its queues are more than the bound of \(most) for the table of their order"
      }
    }
  }

  public let verdict: Verdict
  /// The findings in the order of the script; one of each name for each read.
  public let findings: [Finding]
  /// The number of other reads that can see wrong bytes, without a schedule: not searched for or not found.
  public let furtherReads: Int
  /// How many of these reads were searched for a schedule, up to the bounds of that search.
  public let readsWithoutSchedule: Int
  /// Advice on a proved script; nil where none was searched for.
  public let advice: SyncAdvice?
  /// The number of reads.
  public let reads: Int
  /// The number of operations.
  public let operations: Int
  /// The number of runs of bytes that the operations visited.
  public let visits: Int
  /// The number of bytes that the script's syncs maintain, by range or through dma-bufs.
  public let maintainedBytes: UInt64
  /// Every read that can see wrong bytes.
  public let badReads: Set<ReadID>

  init(
    verdict: Verdict, findings: [Finding], furtherReads: Int,
    readsWithoutSchedule: Int, advice: SyncAdvice?, reads: Int,
    operations: Int, visits: Int, maintainedBytes: UInt64, badReads: Set<ReadID>
  ) {
    self.verdict = verdict
    self.findings = findings
    self.furtherReads = furtherReads
    self.readsWithoutSchedule = readsWithoutSchedule
    self.advice = advice
    self.reads = reads
    self.operations = operations
    self.visits = visits
    self.maintainedBytes = maintainedBytes
    self.badReads = badReads
  }

  /// The result for a script that exceeds a bound before its analysis.
  init(_ script: Script, undecidedAt bound: Bound) {
    self.init(
      verdict: .undecided(bound: bound), findings: [], furtherReads: 0,
      readsWithoutSchedule: 0, advice: nil,
      reads: script.readCount, operations: 0, visits: 0, maintainedBytes: 0, badReads: [])
  }

  /// The bounds of the search for one schedule, in words.
  public static let scheduleBounds =
    "\(ScheduleSearch.mostVisits) states and \(ByteHistory.mostPending) pending accesses"

  /// The assumptions of a proof.
  public static let assumptions = [
    "one level of cache, in lines that are absent, clean or dirty",
    "any line may be evicted or fetched at any time",
    "a job accesses memory at any time between its submission and the end of a wait that covers it",
    "devices have no caches of their own, and barriers are where they must be",
  ]
}
/// A read of a script: by the CPU in a step, or by a job.
public enum ReadID: Hashable, Sendable {
  case cpu(step: Int)
  case device(job: Int, access: Int)
}
