// SPDX-License-Identifier: MIT

internal import Scripting

/// What another way to decide says of a script.
enum Comparison {
  /// Says in what the explorer disagrees with a search; nil where it does not.
  static func disagreement(
    on script: Script, _ platform: Platform, _ verdict: Verdict
  ) -> String? {
    nil
  }
}
