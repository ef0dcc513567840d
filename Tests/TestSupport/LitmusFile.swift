// SPDX-License-Identifier: MIT

internal import FoundationEssentials
public import Litmus

/// A script of Tests/Litmus.
public struct LitmusFile: Hashable, Sendable, CustomStringConvertible {
  /// The name of the file.
  public let name: String
  private let text: String

  /// All scripts, by name; a test checks their number.
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
  /// - Throws: the error in the script.
  public func script() throws(ScriptError) -> Script {
    try ScriptReader.read(path: name, text: text)
  }

  /// Whether a comment line contains `proved`.
  public var isSaidToBeProved: Bool { text.contains("# proved") }

  /// Returns the text of a comment line `# NAME: TEXT`; nil without one.
  public func remark(_ name: String) -> String? {
    let prefix = "# \(name): "
    return text.split(separator: "\n").first { $0.hasPrefix(prefix) }
      .map { String($0.dropFirst(prefix.count)) }
  }
}
