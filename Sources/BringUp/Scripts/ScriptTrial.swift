// SPDX-License-Identifier: MIT

public import LitmusExplorer
public import LitmusRunner
public import Litmus

/// The result of a script on a device, compared with what the explorer decided.
public struct ScriptOutcome: Sendable {
  /// How both results compare.
  public enum Agreement: String, Hashable, Sendable {
    /// The script is proved, and passed.
    case held
    /// The script can fail, and did.
    case shown
    /// The script can fail, and passed this time.
    case notShown = "not_shown"
    /// The script is proved, and failed: the device does not match its description, or the model is wrong.
    case broken
    /// The script was not run, not run completely, or not decided.
    case undecided
  }

  /// The script's name in results.
  public let id: String
  public let agreement: Agreement
  /// The names of what can go wrong.
  public let findings: [String]
  public let result: ScriptResult
}

/// Runs scripts on a device, and compares the results with the explorer's.
public struct ScriptTrial {
  private let runner: ScriptRunner
  private let node: (String) -> NodeModel?
  private let lineSize: UInt64
  private let pageSize: UInt64
  private let explorer = Explorer()

  /// Prepares trials.
  ///
  /// - Parameters:
  ///   - node: returns the model of the device at a path; nil for an unknown path.
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
  /// - Throws: an error for a read that names a write it can never see.
  public func run(_ script: Script) throws(ScriptError) -> ScriptOutcome {
    let result = runner.run(script)
    guard let platform = platform(of: script) else {
      return ScriptOutcome(
        id: script.id, agreement: .undecided, findings: [], result: result)
    }
    let exploration = try explorer.explore(script, on: platform)
    return ScriptOutcome(
      id: script.id, agreement: Self.agreement(exploration.verdict, result),
      findings: Set(exploration.findings.compactMap(\.name?.rawValue)).sorted(), result: result)
  }

  private static func agreement(
    _ verdict: Exploration.Verdict, _ result: ScriptResult
  ) -> ScriptOutcome.Agreement {
    let isWhole = result.skippedSteps == 0
    return switch (verdict, result.verdict) {
    case (.proved, .fail): .broken
    case (.finding, .fail): .shown
    // The steps that were left out may be the ones that matter.
    case (.proved, .pass): isWhole ? .held : .undecided
    case (.finding, .pass): isWhole ? .notShown : .undecided
    case (.undecided, _), (.unexplored, _), (.impossible, _), (_, .skip): .undecided
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
