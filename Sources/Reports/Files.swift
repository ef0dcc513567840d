// SPDX-License-Identifier: MIT

internal import FoundationEssentials
public import Litmus

/// A file that cannot be used, with the reason and the place in it.
public struct ReportError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String
  /// 2 for input that cannot be used, 1 for a result that could not be written.
  public let exitCode: Int32

  /// Creates an error.
  public init(description: String, exitCode: Int32 = 2) {
    self.description = description
    self.exitCode = exitCode
  }
}

/// A file that a command reads.
public enum InputFile {
  /// Reads the file, or at most `count` bytes from its start.
  ///
  /// - Throws: an error of one line that names the file.
  public static func contents(
    of path: String, atMost count: Int? = nil
  ) throws(ReportError) -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      let isThere = FileManager.default.fileExists(atPath: path)
      throw ReportError(
        description: "\(path): \(isThere ? "cannot be read" : "No such file or directory")")
    }
    return Array(count.map { data.prefix($0) } ?? data)
  }
}

/// A file that a command writes: a regular one completely or not.
public struct OutputFile: Sendable {
  private let path: String

  /// Names the file; a command does it before any work.
  ///
  /// - Throws: an error of one line where the file cannot be written.
  public init(_ path: String) throws(ReportError) {
    let manager = FileManager.default
    let directory = URL(filePath: path).deletingLastPathComponent().path
    var isDirectory = false
    guard manager.fileExists(atPath: directory, isDirectory: &isDirectory), isDirectory,
      manager.isWritableFile(atPath: manager.fileExists(atPath: path) ? path : directory)
    else { throw ReportError(description: "\(path): cannot be written") }
    self.path = path
  }

  /// Writes to a new file and renames it; a device or a pipe is written directly.
  ///
  /// - Throws: an error of one line that names the file.
  public func write(_ text: String) throws(ReportError) {
    let target = URL(filePath: path).resolvingSymlinksInPath()
    do {
      if isRegular(target.path) || !FileManager.default.fileExists(atPath: path) {
        try Data(text.utf8).write(to: target, options: .atomic)
      } else {
        try Data(text.utf8).write(to: URL(filePath: path))
      }
    } catch {
      throw ReportError(description: "\(path): cannot be written", exitCode: 1)
    }
  }

  private func isRegular(_ path: String) -> Bool {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return attributes?[.type] as? FileAttributeType == .typeRegular
  }
}

/// Scripts in files and directories.
public enum ScriptFiles {
  /// Reads files, and the *.yaml files of directories in the order of their names.
  ///
  /// - Throws: a `ReportError` or `ScriptError`: the file, the place in it and the reason, in one line.
  public static func read(_ paths: [String]) throws -> [Script] {
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
    return try ScriptReader.read(path: path, bytes: bytes)
  }
}

/// The time as files have it.
public enum TimeOfDay {
  /// The current time in UTC, such as `2026-03-01T12:00:00Z`.
  public static var now: String { Date().ISO8601Format() }
}
