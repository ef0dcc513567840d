// SPDX-License-Identifier: MIT

/// What is going to be done to memory that is made ready.
public enum ScriptAccessType: String, CaseIterable, Hashable, Sendable {
  case read
  case write
  case readWrite = "read_write"
}
