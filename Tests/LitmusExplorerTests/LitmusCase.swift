// SPDX-License-Identifier: MIT

import LitmusExplorer
import Litmus
import TestSupport
import Testing

/// A script of Tests/Litmus, and the expectations in its first lines.
struct LitmusCase: Sendable, CustomTestStringConvertible {
  let name: String
  let script: Script
  /// Nil for a proved script.
  let finding: FindingName?
  /// The policy of the drivers.
  let policy: SyncPolicy

  var testDescription: String { name }

  /// A platform for each driver that the script accepts as the device under test.
  var platforms: [Platform] {
    script.nodes[0].drivers.map { driver in
      Platform(
        nodes: script.nodes.enumerated().map { index, node in
          NodeModel(driver: index == 0 ? driver : node.drivers[0], policy: policy)
        })
    }
  }

  static let all: [LitmusCase] = {
    do {
      return try LitmusFile.all.map { file in
        LitmusCase(
          name: file.name, script: try file.script(),
          finding: file.remark("finding").flatMap(FindingName.init(rawValue:)),
          policy: file.remark("policy").flatMap(SyncPolicy.init(rawValue:)) ?? .merged)
      }
    } catch {
      Issue.record(error)
      return []
    }
  }()
}
