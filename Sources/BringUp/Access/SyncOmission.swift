// SPDX-License-Identifier: MIT

/// Which syncs are left out on purpose.
enum SyncOmission: Equatable {
  case nothing
  /// The one with that number, from 0.
  case one(Int)
  case all
}
