// SPDX-License-Identifier: MIT

/// One sync of a script: a sync step's, one of a batch, or a CPU access bracket by the step that begins it.
struct SyncID: Hashable {
  let step: Int
  /// Its place in the batch.
  var index = 0
}

/// A change to one sync, to see what it is good for.
enum SyncChange {
  case drop(SyncID)
  case narrow(SyncID, to: Range<UInt64>)
}
