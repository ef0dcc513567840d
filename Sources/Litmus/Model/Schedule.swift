// SPDX-License-Identifier: MIT

public import DRMKernel

/// One execution of a script: what devices and caches do between the CPU's steps.
///
/// Accesses of jobs that it does not name run as late as they can. No line moves unless an event says so.
public struct Schedule: Hashable, Sendable {
  /// One event, at one moment.
  public struct Event: Hashable, Sendable {
    /// What happens.
    public enum Action: Hashable, Sendable {
      /// A job's next access runs, after everything that must run before it.
      case runAccess(job: Int)
      /// A line is written back where it is dirty, and leaves the cache.
      case evict(buffer: Int, range: Range<UInt64>)
      /// An absent line is fetched.
      case fill(buffer: Int, range: Range<UInt64>)
      /// Sets what the next step does to the dirty lines that it invalidates.
      case invalidation(InvalidationOutcome)
    }

    /// The index of the step before which it happens; the number of steps for an event after the last.
    public let step: Int
    /// Whether it happens inside that step, a START, between its maintenance and the end of its wait.
    public let isWhileWaiting: Bool
    public let action: Action

    /// Creates an event.
    public init(step: Int, isWhileWaiting: Bool = false, action: Action) {
      self.step = step
      self.isWhileWaiting = isWhileWaiting
      self.action = action
    }
  }

  /// The events, in the order in which they happen.
  public let events: [Event]

  /// Creates a schedule.
  public init(events: [Event] = []) {
    self.events = events
  }
}
