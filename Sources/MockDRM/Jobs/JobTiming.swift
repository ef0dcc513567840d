// SPDX-License-Identifier: MIT

/// When jobs run that nobody tells to.
public enum JobTiming: String, CaseIterable, Hashable, Sendable {
  /// When somebody waits for them.
  case late
  /// As soon as all that they wait for has ended, before their submission returns.
  case early
}
