// SPDX-License-Identifier: MIT

internal import FoundationEssentials

/// A file that a command reads.
public enum InputFile {
  /// Reads all of it, or no more of its begin than is wanted.
  ///
  /// - Throws: a one-line error that names the file.
  public static func contents(
    of path: String, atMost count: Int? = nil
  ) throws(ReportError) -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ReportError(description: "\(path): there is no such file, or it cannot be read")
    }
    return Array(count.map { data.prefix($0) } ?? data)
  }
}
