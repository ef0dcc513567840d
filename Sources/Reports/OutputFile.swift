// SPDX-License-Identifier: MIT

internal import FoundationEssentials

/// A file that is either written whole or not at all.
public enum OutputFile {
  /// Writes beside the file and renames over it.
  ///
  /// - Throws: a one-line error that names the file.
  public static func write(_ text: String, to path: String) throws(ReportError) {
    do {
      try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw ReportError(description: "\(path): cannot be written")
    }
  }
}
