// SPDX-License-Identifier: MIT

internal import DRMDrivers
public import DRM
internal import DRMKernel

/// Runs checks on devices, one after another, and tells what happens as it happens.
public struct CheckRunner: Sendable {
  private let checks: [Check]
  private let provokesWarnings: Bool
  private let allowsJobs: Bool
  private let isInterrupted: @Sendable () -> Bool

  /// Creates a runner.
  ///
  /// - Parameters:
  ///   - checks: what to run, in that order.
  ///   - provokesWarnings: whether to run checks that make a kernel print a WARN.
  ///   - allowsJobs: whether checks may submit jobs.
  ///   - isInterrupted: asked before each check; once true, the rest is reported as incomplete.
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

  /// Runs the checks that concern a device's driver, each with a file of its own.
  ///
  /// Where none does, each is reported as skipped: a run that says nothing would look like a success.
  public func run(on device: DRMDevice, tell: (RunEvent) -> Void) -> [CheckResult] {
    let concerned = checks.filter { $0.concerns(device.description.driver) }
    return (concerned.isEmpty ? checks : concerned).map { check in
      tell(.started(check, device))
      let result = isInterrupted() ? .interrupted(check) : run(check, on: device)
      tell(.ended(result, device))
      return result
    }
  }

  private func run(_ check: Check, on device: DRMDevice) -> CheckResult {
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
        // Observations end with the body: what the probe cleans up afterwards is no answer.
        defer {
          expected = probe.expected
          observed = observer.all.map(String.init(describing:))
        }
        observer.begin()
        try check.body(probe)
      }
    } catch {
      (verdict, reason) = (.fail, "\(error)")
    }
    if verdict == .pass, expected.isEmpty {
      (verdict, reason) = (.fail, "the check judged nothing")
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
      return "makes the kernel print a WARN; allow it with --provoke-warnings"
    }
    for requirement in check.requires {
      if let reason = requirement.reasonToSkip(on: probe) { return reason }
    }
    return nil
  }
}

extension CheckResult {
  fileprivate static func interrupted(_ check: Check) -> CheckResult {
    CheckResult(
      id: check.id,
      verdict: .incomplete,
      expected: [],
      observed: [],
      seconds: 0,
      reason: "interrupted before it ran"
    )
  }
}

extension Check {
  /// Whether the statement is about a driver, or about all of them.
  fileprivate func concerns(_ driver: String) -> Bool {
    requires.allSatisfy { requirement in
      if case .driver(let name) = requirement { name == driver } else { true }
    }
  }
}
