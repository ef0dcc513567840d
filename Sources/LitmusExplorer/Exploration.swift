// SPDX-License-Identifier: MIT

/// The result of exploring a script.
public struct Exploration: Sendable {
  /// The verdict on a script.
  public enum Verdict: Hashable, Sendable {
    /// Every read sees the last write ordered before it, under every behaviour of caches and devices.
    case proved
    /// A read can see wrong bytes, or a call returns an unexpected result.
    case finding
    /// The bound was reached first; it counts visited runs of bytes.
    case undecided(bound: Int)
    /// The script has something that the exploration does not model.
    case unexplored(reason: String)
    /// A step cannot be carried out on this platform.
    case impossible(step: Int, reason: String)
  }

  public let verdict: Verdict
  /// The findings in the order of the script; one of each name for each read.
  public let findings: [Finding]
  /// The number of other reads that can see wrong bytes, without a schedule: not searched for or not found.
  public let furtherReads: Int
  /// Advice on a proved script; nil where the search would take too long.
  public let advice: [Advice]?
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
