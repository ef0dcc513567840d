// SPDX-License-Identifier: MIT

@_spi(ProposedSync) import DRM
import DRMDrivers
import DRMKernel
import Foundation
import MockDRM
import LitmusRunner
import Litmus

/// A mock machine for scripts; its first device is the device under test.
struct ScriptBench {
  let mock: MockKernel
  let machine: ScriptMachine

  init(
    _ drivers: [DRMDriver] = [.panthor], caches: CachePolicy = CachePolicy(),
    isCoherent: Bool = false, minor: Int? = nil, hasHeap: Bool = true, isModelled: Bool = true,
    policy: DriverPolicy = .merged, jobs: JobExecution = .modelled
  ) {
    let profiles = drivers.enumerated().compactMap { index, driver in
      MockProfile.Driver(rawValue: driver.name).map {
        MockProfile(
          $0, minor: index == 0 ? minor : nil, isCoherent: isCoherent && index == 0,
          hasHeap: hasHeap, caches: caches, policy: policy)
      }
    }
    mock = MockKernel(profiles)
    let nodes = drivers.enumerated().map { index, driver in
      let name =
        switch driver.facts.bufferNode {
        case .render: "renderD\(128 + index)"
        case .primary: "card\(index)"
        }
      return DeviceDescription(path: "/dev/dri/\(name)", driver: driver.name)
    }
    machine = ScriptMachine(
      kernel: .substitute(mock), device: nodes[0], neighbours: Array(nodes.dropFirst()),
      model: isModelled ? mock : nil, jobs: jobs,
      abi: policy == .seriesV4 ? .seriesV4 : .merged)
  }

  func run(_ text: String, _ schedule: Schedule? = nil) throws -> ScriptResult {
    try run(ScriptReader.read(path: "test.yaml", text: text), schedule)
  }

  func run(_ script: Script, _ schedule: Schedule? = nil) -> ScriptResult {
    ScriptRunner(machine).run(script, schedule: schedule)
  }
}

extension ScriptResult {
  /// The observations as text of a report.
  var seen: [String] { observations.map(\.description) }
}
