// SPDX-License-Identifier: MIT

import CDRM
import CallTrace
import DRM
import DRMConformance
import DRMDrivers
import DRMKernel
import MockDRM
import Testing

/// Makes calls on a kernel and returns them with their outcomes.
func recorded(_ calls: [Call], on kernel: Kernel) -> [RecordedCall] {
  let player = CallPlayer(kernel)
  return calls.map { RecordedCall($0, player.play($0)) }
}

/// Replays calls and returns every difference.
func replay(_ calls: [RecordedCall], on player: CallPlayer) -> [Replay.Difference] {
  var replay = Replay(player)
  return calls.indices.compactMap { replay.play(calls[$0], index: $0) }
}

/// Runs all checks on every device of a machine and returns their calls.
func recordedSuite(_ profiles: [MockProfile]) -> [RecordedCall] {
  let calls = Guarded<[RecordedCall]>([])
  let recorder = CallRecorder(.substitute(MockKernel(profiles))) { call in
    calls.withLock { $0.append(call) }
  }
  let devices = profiles.enumerated().map { index, profile in
    DeviceDescription(
      path: "/dev/dri/renderD\(128 + index)", driver: profile.driver.rawValue,
      pageSize: profile.pageSize)
  }
  for description in devices {
    let device = DRMDevice(
      description, kernel: .substitute(recorder),
      neighbours: devices.filter { $0 != description })
    let runner = CheckRunner(CheckCatalog.all, provokesWarnings: true, allowsJobs: false)
    _ = runner.run(on: device) { _ in }
  }
  return calls.withLock { $0 }
}
