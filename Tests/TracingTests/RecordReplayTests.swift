// SPDX-License-Identifier: MIT

import DRMConformance
import DRMKernel
import MockDRM
import Testing
import Tracing

/// What was recorded on one kernel is played on another.
@Suite struct RecordReplayTests {
  @Test func theWholeSuiteReplaysOnAFreshMock() {
    let calls = recordedSuite(MockProfile.all)
    #expect(calls.count > 4000)
    let mock = MockKernel(MockProfile.all)
    let player = CallPlayer(.substitute(mock))
    for (index, recorded) in calls.enumerated() {
      let answer = player.play(recorded.call)
      guard answer != recorded.answer else { continue }
      Issue.record("\(index): \(recorded.call) \(recorded.answer) \(answer)")
      break
    }
    player.end()
    #expect(mock.usage == .none)
  }
}

/// Runs all checks on every device of a machine and answers the calls they made.
func recordedSuite(_ profiles: [MockProfile]) -> [RecordedCall] {
  let calls = Guarded<[RecordedCall]>([])
  let recorder = CallRecorder(.substitute(MockKernel(profiles))) { call in
    calls.withLock { $0.append(call) }
  }
  for (index, profile) in profiles.enumerated() {
    let device = CheckedDevice(
      label: "mock:\(profile)", path: "/dev/dri/renderD\(128 + index)",
      driver: profile.driver.rawValue, kernel: .substitute(recorder),
      pageSize: UInt64(profile.pageSize),
      neighbours: profiles.indices.filter { $0 != index }.map {
        .init(path: "/dev/dri/renderD\(128 + $0)", driver: profiles[$0].driver.rawValue)
      })
    _ = CheckRunner(CheckCatalog.all, provokesWarnings: true).run(on: device) { _ in }
  }
  return calls.withLock { $0 }
}
