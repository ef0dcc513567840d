// SPDX-License-Identifier: MIT

import DRM
import DRMKernel
import MockDRM
import TestSupport
import Testing

@testable import DRMConformance

/// Runs each check on kernels that return wrong results: no check may pass on all of them.
@Suite struct SubstituteKernelTests {
  /// Every check, with the first of these profiles on which it passes.
  static let cases: [(check: String, profile: MockProfile)] = CheckCatalog.all.map { check in
    let profile = [
      MockProfile(.panthor), MockProfile(.panthor, isCoherent: true),
      MockProfile(.panthor, minor: 6),
      MockProfile(.panthor, minor: 0), MockProfile(.panfrost), MockProfile(.panfrost, minor: 5),
      MockProfile(.panfrost, minor: 0), MockProfile(.panfrost, isCoherent: true),
      MockProfile(.vgem), MockProfile(.powervr),
    ].first { profile in
      run(check, on: profile) { _ in .pass }.verdict == .pass
    }
    return (check.id, profile ?? MockProfile(.panthor))
  }

  /// Returns the number of calls that open the node and evaluate the requirements of a check.
  ///
  /// The tests do not change the results of these calls, so that the body of the check runs.
  static func callsBeforeBody(_ check: Check, on profile: MockProfile) -> Int {
    let empty = Check(check.id, check.statement, check.requires) { _ in }
    let counting = Guarded(0)
    _ = run(empty, on: profile) { index in
      counting.withLock { $0 = max($0, index + 1) }
      return .pass
    }
    return counting.withLock { $0 }
  }

  @Test func everyCheckFailsOnSomeWrongKernel() throws {
    let wrong: [@Sendable (Int) -> InterposedKernel.Action] = [
      { _ in .answer(0) },
      { _ in .answer(Int(Errno.EINVAL.answer)) },
      { _ in .replace { $0 < 0 && $0 > -4096 ? $0 - 1 : $0 } },
    ]
    for (id, profile) in Self.cases {
      let check = try #require(CheckCatalog.all.first { $0.id == id })
      let opening = Self.callsBeforeBody(check, on: profile)
      let verdicts = wrong.map { action in
        Self.run(check, on: profile) { index in
          index < opening ? .pass : action(index)
        }.verdict
      }
      #expect(verdicts.contains(.fail), "\(id) passes on all of them")
    }
  }

  /// A check must not pass when the result of any single one of its calls is changed.
  @Test(arguments: cases.map(\.check))
  func everyResultMatters(_ id: String) throws {
    let check = try #require(CheckCatalog.all.first { $0.id == id })
    let profile = try #require(Self.cases.first { $0.check == id }).profile
    let counting = Guarded(0)
    let unchanged = Self.run(check, on: profile) { index in
      counting.withLock { $0 = max($0, index + 1) }
      return .pass
    }
    #expect(unchanged.verdict == .pass)
    let calls = counting.withLock { $0 }
    let opening = Self.callsBeforeBody(check, on: profile)
    try #require(calls > opening)
    for call in opening..<calls {
      for change in [oneOff, opposite] {
        let result = Self.run(check, on: profile) { index in
          index == call ? .replace(change) : .pass
        }
        #expect(result.verdict != .pass, "call \(call - opening) of \(id)")
      }
    }
  }

  private let oneOff: @Sendable (Int) -> Int = { answer in
    -4095..<0 ~= answer ? answer - 1 : -5
  }
  private let opposite: @Sendable (Int) -> Int = { answer in
    -4095..<0 ~= answer ? 0 : -22
  }

  private static func run(
    _ check: Check, on profile: MockProfile,
    _ decide: @escaping @Sendable (Int) -> InterposedKernel.Action
  ) -> CheckResult {
    let mock = machine(profile)
    let kernel = InterposedKernel(.substitute(mock), decide: decide)
    let device = device(profile, mock).answered(by: .substitute(kernel))
    let results = CheckRunner([check], provokesWarnings: true).run(on: device) { _ in }
    return results[0]
  }
}
