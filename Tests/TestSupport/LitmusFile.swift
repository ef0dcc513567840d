// SPDX-License-Identifier: MIT

internal import FoundationEssentials
public import Litmus

/// A script of Tests/Litmus as it stands there.
public struct LitmusFile: Hashable, Sendable, CustomStringConvertible {
  public let name: String
  private let text: String

  /// All there are, by name; a test asks for how many.
  public static let all: [LitmusFile] = {
    let directory = "\(#filePath)".replacing("TestSupport/LitmusFile.swift", with: "Litmus")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    return names.filter { $0.hasSuffix(".yaml") }.sorted().map { name in
      let data = FileManager.default.contents(atPath: "\(directory)/\(name)") ?? Data()
      return LitmusFile(name: name, text: String(decoding: data, as: UTF8.self))
    }
  }()

  public var description: String { name }

  /// Reads the script.
  ///
  /// - Throws: what is wrong with it.
  public func script() throws(ScriptError) -> Script {
    try ScriptReader.read(path: name, text: text)
  }

  /// Whether a comment line says that it is proved.
  public var isSaidToBeProved: Bool { text.contains("# proved") }

  /// Answers what a comment line `# NAME: TEXT` says; nil where there is none.
  public func remark(_ name: String) -> String? {
    let prefix = "# \(name): "
    return text.split(separator: "\n").first { $0.hasPrefix(prefix) }
      .map { String($0.dropFirst(prefix.count)) }
  }
}
