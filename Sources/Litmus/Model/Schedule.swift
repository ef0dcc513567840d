// SPDX-License-Identifier: MIT

public import DRMKernel

/// One way in which a script may go: what devices and caches do between the CPU's steps.
///
/// Accesses of jobs that it does not name run as late as they can, and caches do nothing else by themselves.
public struct Schedule: Hashable, Sendable {
  /// Something that happens, at one moment.
  public struct Event: Hashable, Sendable {
    /// What happens.
    public enum Action: Hashable, Sendable {
      /// A job's next access runs, and before it all that must have run.
      case runAccess(job: Int)
      /// A line is written back where it is dirty, and leaves the cache.
      case evict(buffer: Int, range: Range<UInt64>)
      /// An absent line is fetched.
      case fill(buffer: Int, range: Range<UInt64>)
      /// What becomes of dirty lines that are invalidated by the step that follows.
      case invalidation(InvalidationOutcome)
    }

    /// The step before which it happens, by its index; the number of steps for what happens after all.
    public let step: Int
    /// Whether it happens inside that step, which is a START, between its maintenance and the end of its wait.
    public let isWhileWaiting: Bool
    public let action: Action

    /// Creates an event.
    public init(step: Int, isWhileWaiting: Bool = false, action: Action) {
      self.step = step
      self.isWhileWaiting = isWhileWaiting
      self.action = action
    }
  }

  /// In the order in which they happen.
  public let events: [Event]

  /// Creates a schedule.
  public init(events: [Event] = []) {
    self.events = events
  }
}
