// SPDX-License-Identifier: MIT

import ArgumentParser
@_spi(ProposedSync) import DRM

/// How a kernel reads sync operations, as `--dialect` says it.
enum DialectOption: String, ExpressibleByArgument, CaseIterable {
  case merged
  case seriesV4 = "series-v4"

  var abi: SyncABI {
    switch self {
    case .merged: .merged
    case .seriesV4: .seriesV4
    }
  }
}
