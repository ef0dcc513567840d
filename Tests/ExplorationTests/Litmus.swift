// SPDX-License-Identifier: MIT

import Exploration
import FoundationEssentials
import Scripting
import Testing

/// A script of Tests/Litmus, and what its first lines say of it.
struct Litmus: Sendable, CustomTestStringConvertible {
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

  static let all: [Litmus] = {
    do {
      let directory = "\(#filePath)".replacing("ExplorationTests/Litmus.swift", with: "Litmus")
      let names = try FileManager.default.contentsOfDirectory(atPath: directory)
      return try names.filter { $0.hasSuffix(".yaml") }.sorted().map { name in
        let path = "\(directory)/\(name)"
        let data = FileManager.default.contents(atPath: path) ?? Data()
        let text = String(decoding: data, as: UTF8.self)
        return Litmus(
          name: name, script: try ScriptReader.read(path: name, text: text),
          finding: remark("finding", in: text).flatMap(FindingName.init(rawValue:)),
          policy: remark("policy", in: text).flatMap(SyncPolicy.init(rawValue:)) ?? .merged)
      }
    } catch {
      Issue.record(error)
      return []
    }
  }()

  /// What a comment line `# NAME: TEXT` says.
  private static func remark(_ name: String, in text: String) -> String? {
    let prefix = "# \(name): "
    return text.split(separator: "\n").first { $0.hasPrefix(prefix) }
      .map { String($0.dropFirst(prefix.count)) }
  }
}
