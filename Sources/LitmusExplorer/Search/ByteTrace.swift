// SPDX-License-Identifier: MIT

internal import DRMKernel

/// One way a byte's history may go, up to a read that shows the wrong bytes.
struct ByteTrace {
  enum Action: Hashable {
    /// A point of the history, by its index, with what becomes of a dirty line it invalidates.
    case point(Int, InvalidationOutcome)
    /// A job's access, by its index.
    case event(Int)
    case evict
    case fill
  }

  struct Entry {
    let action: Action
    /// The point before which it happens, or which it is; the number of points after all.
    let point: Int
    let before: LineValue
    let after: LineValue
  }

  let entries: [Entry]
  /// What the read shows.
  let seen: Int
}
