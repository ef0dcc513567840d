// SPDX-License-Identifier: MIT

import DRM
import DRMKernel
import MockDRM
import TestSupport
import Testing

@testable import DRMConformance

/// No check may pass by itself: each is run where the kernel answers wrongly, and must notice.
@Suite struct SubstituteKernelTests {
  /// Checks with a profile on which they run.
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

  /// How many calls it takes to open a node and to see that it has what a check requires: those are answered
  /// truly, so that the check gets to run.
  static func callsToBegin(_ check: Check, on profile: MockProfile) -> Int {
    let empty = Check(check.id, check.statement, check.requires) { _ in }
    let counting = Guarded(0)
    _ = run(empty, on: profile) { index in
      counting.withLock { $0 = max($0, index + 1) }
      return .pass
    }
    return counting.withLock { $0 }
  }

  @Test func everyIdFailsOnSomeWrongKernel() throws {
    let wrong: [@Sendable (Int) -> InterposedKernel.Action] = [
      { _ in .answer(0) },
      { _ in .answer(Int(Errno.EINVAL.answer)) },
      { _ in .replace { $0 < 0 && $0 > -4096 ? $0 - 1 : $0 } },
    ]
    for (id, profile) in Self.cases {
      let check = try #require(CheckCatalog.all.first { $0.id == id })
      let opening = Self.callsToBegin(check, on: profile)
      let verdicts = wrong.map { action in
        Self.run(check, on: profile) { index in
          index < opening ? .pass : action(index)
        }.verdict
      }
      #expect(verdicts.contains(.fail), "\(id) passes on all of them")
    }
  }

  /// The stronger form: whichever single answer is changed, the check must not pass.
  @Test(arguments: cases.map(\.check))
  func everyAnswerMatters(_ id: String) throws {
    let check = try #require(CheckCatalog.all.first { $0.id == id })
    let profile = try #require(Self.cases.first { $0.check == id }).profile
    let counting = Guarded(0)
    let honest = Self.run(check, on: profile) { index in
      counting.withLock { $0 = max($0, index + 1) }
      return .pass
    }
    #expect(honest.verdict == .pass)
    let calls = counting.withLock { $0 }
    let opening = Self.callsToBegin(check, on: profile)
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
