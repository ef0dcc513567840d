// SPDX-License-Identifier: MIT

import FoundationEssentials
import Reports
import Litmus

/// The scripts that a command was given.
enum ScriptFiles {
  /// Reads files, and the *.yaml files of directories, in the order of their names; all before any is used.
  ///
  /// - Throws: one line with the place of what is wrong.
  static func read(_ paths: [String]) throws -> [Script] {
    var scripts: [Script] = []
    for path in paths {
      let found = try files(path)
      guard !found.isEmpty else {
        throw ReportError(description: "\(path): there is no *.yaml file in it")
      }
      for file in found { scripts.append(try read(file)) }
    }
    return scripts
  }

  private static func files(_ path: String) throws -> [String] {
    var isDirectory = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory
    else {
      return [path]
    }
    return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
      .filter { $0.hasSuffix(".yaml") }.map { "\(path)/\($0)" }
  }

  private static func read(_ path: String) throws -> Script {
    let bytes = try InputFile.contents(of: path, atMost: ScriptReader.mostBytes + 1)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ReportError(description: "\(path):1:1: the script is not UTF-8")
    }
    return try ScriptReader.read(path: path, text: text)
  }
}
