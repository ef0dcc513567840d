// SPDX-License-Identifier: MIT

import LitmusExplorer
import Litmus
import TestSupport
import Testing

/// A script of Tests/Litmus, and what its first lines say of it.
struct LitmusCase: Sendable, CustomTestStringConvertible {
  let name: String
  let script: Script
  /// Nil where it is proved.
  let finding: FindingName?
  /// Under which rules.
  let policy: SyncPolicy

  var testDescription: String { name }

  /// A platform for each driver that the script takes as the device asked for.
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
