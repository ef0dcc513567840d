// SPDX-License-Identifier: MIT

/// How the jobs of a script come to run.
public enum JobExecution: Hashable, Sendable {
  /// They are submitted to the driver; what it cannot express is left out.
  case submitted
  /// A modelled machine is told, through its side door, which bytes to read and to write, and when.
  case modelled
  /// They are submitted where the drivers can do them all, and modelled otherwise.
  case either
  /// They are left out.
  case none
}
