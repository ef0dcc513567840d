// SPDX-License-Identifier: MIT

import DRMConformance
import DRMKernel
import MockDRM
import Testing

/// A profile's device, as the runner gets it.
func device(_ profile: MockProfile, _ mock: MockKernel) -> CheckedDevice {
  CheckedDevice(
    label: "mock:\(profile)", path: "/dev/dri/renderD128", driver: profile.driver.rawValue, kernel: .substitute(mock),
    pageSize: UInt64(profile.pageSize))
}

@Suite struct MockAgreementTests {
  static let profiles = (0...9).flatMap { minor in
    [false, true].flatMap { isCoherent in
      [4096, 16384].map {
        MockProfile(.panthor, minor: minor, isCoherent: isCoherent, pageSize: $0)
      }
    }
  }

  @Test(arguments: profiles)
  func everyCheckPassesOrIsSkipped(_ profile: MockProfile) {
    let mock = MockKernel([profile])
    let results = CheckRunner(CheckCatalog.all, provokesWarnings: true)
      .run(on: device(profile, mock)) { _ in }
    for result in results where result.verdict != .pass {
      #expect(result.verdict == .skip, "\(result.id): \(result.reason ?? "")")
      #expect(result.reason?.isEmpty == false)
    }
    #expect(results.count { $0.verdict == .pass } >= (profile.minor >= 7 ? 100 : 60))
    #expect(mock.usage == .none)
  }

  @Test func everyCheckRunsSomewhere() {
    var ran: Set<String> = []
    for profile in Self.profiles {
      let results = CheckRunner(CheckCatalog.all, provokesWarnings: true)
        .run(on: device(profile, MockKernel([profile]))) { _ in }
      ran.formUnion(results.lazy.filter { $0.verdict == .pass }.map(\.id))
    }
    #expect(ran.count == CheckCatalog.all.count)
  }

  @Test func interruptedRunKeepsWhatWasDone() {
    let profile = MockProfile(.panthor)
    let asked = Guarded(0)
    let runner = CheckRunner(CheckCatalog.all) {
      asked.withLock { asked in
        asked += 1
        return asked > 10
      }
    }
    let results = runner.run(on: device(profile, MockKernel([profile]))) { _ in }
    #expect(results.count == CheckCatalog.all.count)
    #expect(results.prefix(10).allSatisfy { $0.verdict != .incomplete })
    #expect(results.dropFirst(10).allSatisfy { $0.verdict == .incomplete })
  }
}
