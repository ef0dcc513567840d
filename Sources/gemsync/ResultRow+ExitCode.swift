// SPDX-License-Identifier: MIT

import DRMConformance
import Reports

extension [ResultRow] {
  /// 1 where anything did not pass, 77 where everything was skipped, else 0.
  var exitCode: Int32 {
    if contains(where: { $0.verdict != .pass && $0.verdict != .skip }) { return 1 }
    return contains { $0.verdict == .pass } ? 0 : 77
  }
}
