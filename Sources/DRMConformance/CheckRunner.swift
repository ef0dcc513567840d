// SPDX-License-Identifier: MIT

public import DRM
internal import DRMDrivers
internal import DRMKernel

/// An event of a run, reported as it happens.
public enum RunEvent: Sendable {
  case started(Check, DRMDevice)
  case ended(CheckResult, DRMDevice)
}

/// Runs checks on devices, one after another.
public struct CheckRunner: Sendable {
  private let checks: [Check]
  private let provokesWarnings: Bool
  private let allowsJobs: Bool
  private let isInterrupted: @Sendable () -> Bool

  /// Creates a runner.
  ///
  /// - Parameters:
  ///   - checks: the checks, in the order in which they run.
  ///   - provokesWarnings: whether to run checks that make a kernel print a WARN.
  ///   - allowsJobs: whether checks may submit jobs.
  ///   - isInterrupted: called before each check; once true, no further check runs.
  public init(
    _ checks: [Check],
    provokesWarnings: Bool = false,
    allowsJobs: Bool = true,
    isInterrupted: @escaping @Sendable () -> Bool = { false }
  ) {
    self.checks = checks
    self.provokesWarnings = provokesWarnings
    self.allowsJobs = allowsJobs
    self.isInterrupted = isInterrupted
  }

  /// Returns the checks that a run on a device reports: those that apply to its driver.
  ///
  /// Where no check applies, it is all of them, each of which is skipped: an empty report would look like a success.
  public func checks(for device: DRMDevice) -> [Check] {
    let applicable = checks.filter { $0.applies(to: device.description.driver) }
    return applicable.isEmpty ? checks : applicable
  }

  /// Runs the checks for a device, each with an open file of its own.
  public func run(on device: DRMDevice, report: (RunEvent) -> Void) -> [CheckResult] {
    var results: [CheckResult] = []
    for check in checks(for: device) where !isInterrupted() {
      report(.started(check, device))
      let result = run(check, on: device)
      report(.ended(result, device))
      results.append(result)
    }
    return results
  }

  /// Runs one check, with an open file of its own.
  public func run(_ check: Check, on device: DRMDevice) -> CheckResult {
    let clock = ContinuousClock()
    let start = clock.now
    let observer = ObservingKernel(device.kernel)
    var expected: [String] = []
    var observed: [String] = []
    var verdict = Verdict.pass
    var reason: String?
    do {
      let probe = try Probe(device, allowsJobs: allowsJobs, observer: observer)
      if let skip = reasonToSkip(check, on: probe) {
        (verdict, reason) = (.skip, skip)
      } else {
        // Observations end with the body: they do not include what the probe releases afterwards.
        defer {
          expected = probe.expected
          observed = observer.all.map(String.init(describing:))
        }
        observer.begin()
        try check.body(probe)
      }
    } catch let error as MaintenanceError {
      if case .unavailable = error { verdict = .skip } else { verdict = .undecided }
      reason = "\(error)"
    } catch {
      (verdict, reason) = (.fail, "\(error)")
    }
    if verdict == .pass, expected.isEmpty {
      (verdict, reason) = (.fail, "the check judged no result")
    }
    return CheckResult(
      id: check.id,
      verdict: verdict,
      expected: expected,
      observed: observed,
      seconds: (clock.now - start) / .seconds(1),
      reason: reason
    )
  }

  private func reasonToSkip(_ check: Check, on probe: Probe) -> String? {
    if check.provokesWarning, !provokesWarnings {
      return "makes the kernel print a WARN (allow it with --provoke-warnings)"
    }
    for requirement in check.requires {
      if let reason = requirement.reasonToSkip(on: probe) { return reason }
    }
    return nil
  }
}

extension Check {
  /// Returns whether the statement is about this driver, or about every driver.
  fileprivate func applies(to driver: String) -> Bool {
    requires.allSatisfy { requirement in
      if case .driver(let own) = requirement { own.name == driver } else { true }
    }
  }
}
