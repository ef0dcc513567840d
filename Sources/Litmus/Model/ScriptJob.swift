// SPDX-License-Identifier: MIT

/// A job on a device: accesses in order, at any time between its submission and the end of a wait for it.
public struct ScriptJob: Sendable {
  public let name: String
  public let node: Int
  /// Jobs on one queue run one after the other.
  public let queue: Int
  /// Never empty.
  public let accesses: [ScriptAccess]
  /// Jobs that it waits for: those whose fences it was given, and the one before it on its queue.
  public let after: [Int]
  public let position: SourcePosition

  /// Creates a job.
  public init(
    name: String, node: Int, queue: Int, accesses: [ScriptAccess], after: [Int],
    position: SourcePosition
  ) {
    self.name = name
    self.node = node
    self.queue = queue
    self.accesses = accesses
    self.after = after
    self.position = position
  }
}
