// SPDX-License-Identifier: MIT

internal import DRMDrivers

/// A statement about a kernel interface, and the code that decides whether it holds.
public struct Check: Sendable {
  /// Stable, dotted, `[a-z0-9_]` per part, such as `panthor.bo_sync.range_past_end`.
  public let id: String
  /// The fact, in one sentence.
  public let statement: String
  /// What the device must have; where it does not, the check is skipped with that reason.
  public let requires: [Requirement]
  /// Whether a correct kernel prints a WARN, which marks it as tainted until it reboots.
  public let provokesWarning: Bool
  let body: @Sendable (Probe) throws -> Void

  init(
    _ id: String, _ statement: String, _ requires: Requirement..., provokesWarning: Bool = false,
    body: @escaping @Sendable (Probe) throws -> Void
  ) {
    self.init(id, statement, requires, provokesWarning: provokesWarning, body: body)
  }

  init(
    _ id: String, _ statement: String, _ requires: [Requirement], provokesWarning: Bool = false,
    body: @escaping @Sendable (Probe) throws -> Void
  ) {
    self.id = id
    self.statement = statement
    self.requires = requires
    self.provokesWarning = provokesWarning
    self.body = body
  }

  /// A check of the outcome of one ioctl on the node.
  static func call<Argument: BitwiseCopyable & Sendable>(
    _ id: String, _ statement: String, _ request: UInt, _ argument: Argument, _ outcome: Outcome,
    _ requires: Requirement...
  ) -> Check {
    Check(id, statement, requires) { probe in try probe.call(request, argument, outcome) }
  }

  /// A check that a call has one outcome for each of some arguments.
  static func each<Argument: Sendable>(
    _ id: String, _ statement: String, _ arguments: [Argument], _ outcome: Outcome,
    _ requires: Requirement..., provokesWarning: Bool = false,
    call: @escaping @Sendable (Argument, Probe) -> CInt
  ) -> Check {
    Check(id, statement, requires, provokesWarning: provokesWarning) { probe in
      for argument in arguments { try probe.expect(call(argument, probe), outcome) }
    }
  }
}

extension [Check] {
  /// Returns the same checks with another requirement after their own.
  func requiring(_ requirement: Requirement) -> [Check] {
    map { check in
      Check(
        check.id, check.statement, check.requires + [requirement],
        provokesWarning: check.provokesWarning, body: check.body)
    }
  }
}

/// Returns checks of one driver: each requires that driver, then `further`, then its own requirements.
func checks(
  of driver: DRMDriver, requiring further: Requirement? = nil, _ checks: [Check]
) -> [Check] {
  let common = [.driver(driver)] + (further.map { [$0] } ?? [])
  return checks.map { check in
    Check(
      check.id, check.statement, common + check.requires,
      provokesWarning: check.provokesWarning, body: check.body)
  }
}
