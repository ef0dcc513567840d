// SPDX-License-Identifier: MIT

public import LitmusExplorer
public import LitmusRunner
public import Litmus

/// Runs scripts on a device and asks the explorer what it says of them there.
public struct ScriptTrial {
  private let runner: ScriptRunner
  private let node: (String) -> NodeModel?
  private let lineSize: UInt64
  private let pageSize: UInt64
  private let explorer = Explorer()

  /// Prepares trials.
  ///
  /// - Parameters:
  ///   - node: what the device at a path is, as it says of itself; nil for a path that it does not know.
  public init(
    on machine: ScriptMachine, lineSize: UInt64, pageSize: UInt64,
    node: @escaping (String) -> NodeModel?
  ) {
    runner = ScriptRunner(machine)
    self.node = node
    self.lineSize = lineSize
    self.pageSize = pageSize
  }

  /// Runs a script.
  ///
  /// - Throws: a read that names a write it can never have to show.
  public func run(_ script: Script) throws(ScriptError) -> ScriptOutcome {
    let result = runner.run(script)
    let isWhole = result.skippedSteps == 0
    guard let platform = platform(of: script) else {
      return ScriptOutcome(
        path: script.path, agreement: .undecided, findings: [], result: result, isWhole: isWhole)
    }
    let exploration = try explorer.explore(script, on: platform)
    return ScriptOutcome(
      path: script.path, agreement: Self.agreement(exploration.verdict, result, isWhole),
      findings: Set(exploration.findings.compactMap(\.name?.rawValue)).sorted(), result: result,
      isWhole: isWhole)
  }

  private static func agreement(
    _ verdict: Exploration.Verdict, _ result: ScriptResult, _ isWhole: Bool
  ) -> ScriptOutcome.Agreement {
    switch (verdict, result.verdict) {
    case (.proved, .fail): .broken
    case (.finding, .fail): .shown
    // What was left out may be what goes right or wrong.
    case (.proved, .pass): isWhole ? .held : .undecided
    case (.finding, .pass): isWhole ? .notShown : .undecided
    case (.undecided, _), (.impossible, _), (_, .skip): .undecided
    }
  }

  private func platform(of script: Script) -> Platform? {
    guard let places = runner.places(for: script) else { return nil }
    var nodes: [NodeModel] = []
    for place in places {
      switch place {
      case .node(let path):
        guard let node = node(path) else { return nil }
        nodes.append(node)
      case .exporter(let name): nodes.append(NodeModel(driver: name))
      }
    }
    return Platform(nodes: nodes, lineSize: lineSize, pageSize: pageSize)
  }
}
