// SPDX-License-Identifier: MIT

import DRM
import DRMConformance
import DRMDrivers
import DRMKernel
import MockDRM
import Testing

/// Returns a machine with a device of the profile, and devices of other drivers to share BOs with.
func machine(_ profile: MockProfile) -> MockKernel {
  MockKernel(
    [profile]
      + others(profile).map {
        MockProfile($0, kernel: profile.kernel, pageSize: profile.pageSize, hasHeap: true)
      })
}

private func others(_ profile: MockProfile) -> [MockProfile.Driver] {
  [profile.driver == .panthor ? .panfrost : .panthor, .vgem]
}

/// Returns the nodes of the other devices.
func neighbours(_ profile: MockProfile) -> [DeviceDescription] {
  zip(["/dev/dri/renderD129", "/dev/dri/card2"], others(profile)).map { path, driver in
    DeviceDescription(path: path, driver: driver.rawValue)
  }
}

/// Returns the node on which BOs are created: for vgem, the primary node.
func node(_ profile: MockProfile) -> String {
  profile.driver == .vgem ? "/dev/dri/card0" : "/dev/dri/renderD128"
}

/// Returns the device of the profile.
func device(_ profile: MockProfile, _ mock: MockKernel) -> DRMDevice {
  DRMDevice(
    DeviceDescription(
      label: "mock:\(profile)", path: node(profile), driver: profile.driver.rawValue,
      pageSize: profile.pageSize),
    kernel: .substitute(mock), neighbours: neighbours(profile), maintenance: MockMaintenance(mock))
}

@Suite struct MockAgreementTests {
  static let profiles =
    [MockProfile.Driver.panthor, .panfrost].flatMap { driver in
      (0...driver.newestMinor).flatMap { minor in
        [false, true].flatMap { isCoherent in
          [4096, 16384].map {
            MockProfile(driver, minor: minor, isCoherent: isCoherent, pageSize: $0)
          }
        }
      }
    } + [
      MockProfile(.vgem), MockProfile(.vgem, kernel: .v6_12), MockProfile(.powervr),
      MockProfile(.panthor, kernel: .v6_12), MockProfile(.panfrost, kernel: .v7_2),
    ]

  @Test(arguments: [
    (
      MaintenanceError.lostEvents(37), false, Verdict.undecided, "the kernel's trace lost 37 events"
    ),
    (.unreadable("EIO"), false, .undecided, "the kernel's trace cannot be read: EIO"),
    (.unavailable("EPERM"), true, .skip, "cannot observe cache maintenance: EPERM"),
  ])
  func aCheckWithoutAllEventsIsUndecided(
    _ error: MaintenanceError, _ failsFirst: Bool, _ verdict: Verdict, _ reason: String
  ) {
    let mock = MockKernel([MockProfile(.panthor)])
    let whole = device(MockProfile(.panthor), mock)
    let lossy = DRMDevice(
      whole.description, kernel: whole.kernel, neighbours: whole.neighbours,
      maintenance: LossyObserver(mock, error, failsFirst: failsFirst))
    let checks = CheckCatalog.all.filter { $0.id.contains(".maintenance.") }
    let judged = CheckRunner(checks).run(on: whole) { _ in }.filter { $0.verdict == .pass }
    let ids = Set(judged.map(\.id))
    let results = CheckRunner(checks).run(on: lossy) { _ in }.filter { ids.contains($0.id) }
    #expect(!results.isEmpty)
    for result in results {
      #expect(result.verdict == verdict, "\(result.id)")
      #expect(result.reason == reason, "\(result.id)")
    }
  }

  @Test(arguments: profiles)
  func everyCheckPassesOrIsSkipped(_ profile: MockProfile) {
    let mock = machine(profile)
    let results = CheckRunner(CheckCatalog.all, provokesWarnings: true)
      .run(on: device(profile, mock)) { _ in }
    for result in results where result.verdict != .pass {
      #expect(result.verdict == .skip, "\(result.id): \(result.reason ?? "")")
      #expect(result.reason?.isEmpty == false)
    }
    #expect(results.count { $0.verdict == .pass } >= 60)
    #expect(mock.usage == .none)
  }

  @Test func everyCheckRunsSomewhere() {
    var ran: Set<String> = []
    for profile in Self.profiles {
      let results = CheckRunner(CheckCatalog.all, provokesWarnings: true)
        .run(on: device(profile, machine(profile))) { _ in }
      ran.formUnion(results.lazy.filter { $0.verdict == .pass }.map(\.id))
    }
    #expect(ran.count == CheckCatalog.all.count)
  }

  @Test func interruptedRunKeepsTheResultsSoFar() {
    let profile = MockProfile(.panthor)
    let calls = Guarded(0)
    let runner = CheckRunner(CheckCatalog.all) {
      calls.withLock { calls in
        calls += 1
        return calls > 10
      }
    }
    let results = runner.run(on: device(profile, machine(profile))) { _ in }
    #expect(results.count == 10)
    #expect(results.allSatisfy { $0.verdict == .pass || $0.verdict == .skip })
  }
}

/// An observer that fails when it starts, or later.
private final class LossyObserver: MaintenanceObserver {
  private let mock: MockMaintenance
  private let error: MaintenanceError
  private let failsFirst: Bool

  init(_ mock: MockKernel, _ error: MaintenanceError, failsFirst: Bool) {
    self.mock = MockMaintenance(mock)
    self.error = error
    self.failsFirst = failsFirst
  }

  func begin() throws(MaintenanceError) {
    guard !failsFirst else { throw error }
    mock.begin()
  }

  func take() throws(MaintenanceError) -> [MaintenanceRecord] { throw error }

  func end() { mock.end() }
}
