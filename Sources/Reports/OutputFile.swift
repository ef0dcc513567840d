// SPDX-License-Identifier: MIT

internal import FoundationEssentials

/// A file for results: written whole or not at all, where it is an ordinary one.
public struct OutputFile: Sendable {
  private let path: String

  /// Looks at the place before any work is done.
  ///
  /// - Throws: a one-line error where nothing can be written there.
  public init(_ path: String) throws(ReportError) {
    let manager = FileManager.default
    let directory = URL(filePath: path).deletingLastPathComponent().path
    var isDirectory = false
    guard manager.fileExists(atPath: directory, isDirectory: &isDirectory), isDirectory,
      manager.isWritableFile(atPath: manager.fileExists(atPath: path) ? path : directory)
    else { throw ReportError(description: "\(path): cannot be written there") }
    self.path = path
  }

  /// Writes beside the file and renames over it; a device or a pipe is written to as it stands.
  ///
  /// - Throws: a one-line error that names the file.
  public func write(_ text: String) throws(ReportError) {
    let target = URL(filePath: path).resolvingSymlinksInPath()
    do {
      if isOrdinary(target.path) || !FileManager.default.fileExists(atPath: path) {
        try Data(text.utf8).write(to: target, options: .atomic)
      } else {
        try Data(text.utf8).write(to: URL(filePath: path))
      }
    } catch {
      throw ReportError(description: "\(path): could not be written", exitCode: 1)
    }
  }

  private func isOrdinary(_ path: String) -> Bool {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return attributes?[.type] as? FileAttributeType == .typeRegular
  }
}
