// SPDX-License-Identifier: MIT

/// Cache maintenance that a process does without the kernel, by address.
public enum CacheOperation: Hashable, Sendable {
  /// Dirty lines reach memory: `dc cvac`.
  case clean
  /// Dirty lines reach memory, and all are dropped: `dc civac`, `clflush`.
  case cleanAndInvalidate
}
