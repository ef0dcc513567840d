// SPDX-License-Identifier: MIT

public import DRM

/// What happens in a run, for whoever shows it.
public enum RunEvent: Sendable {
  case started(Check, DRMDevice)
  case ended(CheckResult, DRMDevice)
}
