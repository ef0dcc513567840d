// SPDX-License-Identifier: MIT

internal import Litmus

/// What is decided of a script.
public struct Exploration: Sendable {
  /// The answer.
  public enum Verdict: Hashable, Sendable {
    /// Every read shows the last write ordered before it, whatever caches and devices do.
    case proved
    /// Something can go wrong.
    case finding
    /// The bound was reached first; in runs of bytes looked at.
    case undecided(bound: Int)
    /// A step cannot be carried out on this platform.
    case impossible(step: Int, reason: String)
  }

  public let verdict: Verdict
  /// In the order of the script; one of each name for each read.
  public let findings: [Finding]
  /// How many more reads can go wrong, for which no schedule was looked for or found.
  public let furtherReads: Int
  /// Of a proved script; nil where it was not looked for, since that would have taken too long.
  public let advice: [Advice]?
  /// How many reads were decided.
  public let reads: Int
  /// How many operations there were, and how many runs of bytes they met.
  public let operations: Int
  public let visits: Int
  /// How many bytes the script's syncs maintain, by range or through dma-bufs.
  public let maintainedBytes: UInt64
  /// Every read that can go wrong.
  public let badReads: Set<ReadID>

  /// What a proof takes for granted.
  public static let assumptions = [
    "one level of cache, in lines that are absent, clean or dirty",
    "any line may be written back, dropped or fetched at any time",
    "a job accesses memory at any time between its submission and the end of a wait that covers it",
    "devices have no caches of their own, and barriers are where they must be",
  ]
}
