// SPDX-License-Identifier: MIT

/// What happens in a run, for whoever shows it.
public enum RunEvent: Sendable {
  case started(Check, CheckedDevice)
  case ended(CheckResult, CheckedDevice)
}
