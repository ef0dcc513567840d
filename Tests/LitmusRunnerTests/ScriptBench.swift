// SPDX-License-Identifier: MIT

@_spi(ProposedSync) import DRM
import DRMKernel
import Foundation
import MockDRM
import LitmusRunner
import Litmus

/// A mock machine for scripts; its first device is the one asked for.
struct ScriptBench {
  let mock: MockKernel
  let machine: ScriptMachine

  init(
    _ drivers: [MockProfile.Driver] = [.panthor], caches: CachePolicy = CachePolicy(),
    isCoherent: Bool = false, minor: Int? = nil, hasHeap: Bool = true, isModelled: Bool = true,
    policy: DriverPolicy = .merged, jobs: JobExecution = .modelled
  ) {
    let profiles = drivers.enumerated().map { index, driver in
      MockProfile(
        driver, minor: index == 0 ? minor : nil, isCoherent: isCoherent && index == 0,
        hasHeap: hasHeap, caches: caches, policy: policy)
    }
    mock = MockKernel(profiles)
    // vgem makes its BOs on the primary node only.
    let nodes = drivers.enumerated().map { index, driver in
      ScriptMachine.Node(
        path: driver == .vgem ? "/dev/dri/card\(index)" : "/dev/dri/renderD\(128 + index)",
        driver: driver.rawValue)
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
  /// The observations as a report shows them.
  var seen: [String] { observations.map(\.description) }
}
