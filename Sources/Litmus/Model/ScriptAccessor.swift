// SPDX-License-Identifier: MIT

/// For whom a range is made ready.
public enum ScriptAccessor: String, CaseIterable, Hashable, Sendable {
  case cpu
  case device
}
