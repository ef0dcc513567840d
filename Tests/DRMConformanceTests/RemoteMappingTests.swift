// SPDX-License-Identifier: MIT

import DRM
import DRMConformance
import DRMKernel
import MockDRM
import TestSupport
import Testing

/// Every check works where mappings are not memory of this process.
@Suite struct RemoteMappingTests {
  @Test(arguments: MockAgreementTests.profiles)
  func everyCheckObservesTheSame(_ profile: MockProfile) {
    let direct = Self.results(profile, on: machine(profile)) { $0 }
    let mock = machine(profile)
    let remote = RemoteMappingKernel(.substitute(mock))
    let indirect = Self.results(profile, on: mock) { _ in .substitute(remote) }
    #expect(direct.count > 60 && direct.count == indirect.count)
    for (one, other) in zip(direct, indirect) {
      #expect(one.id == other.id)
      #expect(one.verdict == other.verdict, "\(one.id): \(other.reason ?? "")")
      #expect(one.expected == other.expected && one.observed == other.observed, "\(one.id)")
    }
    #expect(remote.transferred.fetched > 0 && remote.transferred.stored > 0)
    #expect(mock.usage == .none)
  }

  private static func results(
    _ profile: MockProfile, on mock: MockKernel, through kernel: (Kernel) -> Kernel
  ) -> [CheckResult] {
    let direct = device(profile, mock)
    let checked = direct.answered(by: kernel(direct.kernel))
    return CheckRunner(CheckCatalog.all, provokesWarnings: true).run(on: checked) { _ in }
  }
}
