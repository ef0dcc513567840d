// SPDX-License-Identifier: MIT

internal import DRMConformance
public import DRMDrivers
internal import DRMKernel
public import Reports

/// The names and patterns of a file, one in each line.
public struct TestList: Sendable {
  private let path: String
  private let lines: [(number: Int, pattern: NamePattern)]

  /// Reads a file.
  ///
  /// - Throws: an error of one line that names the file, and the line where that is wrong.
  public init(contentsOf path: String) throws(ReportError) {
    let bytes = try InputFile.contents(of: path, atMost: 16 << 20)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ReportError(description: "\(path): not UTF-8")
    }
    var lines: [(number: Int, pattern: NamePattern)] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let name = line.prefix { $0 != "#" }.filter { !$0.isWhitespace }
      guard !name.isEmpty else { continue }
      lines.append((index + 1, NamePattern(String(name))))
    }
    guard !lines.isEmpty else { throw ReportError(description: "\(path): names nothing") }
    (self.path, self.lines) = (path, lines)
  }

  /// Whether a line matches an id.
  public func contains(_ id: String) -> Bool { lines.contains { $0.pattern.matches(id) } }

  /// Finds lines that match no id: a typing error would reduce a run in silence.
  public func check(_ ids: [String]) throws(ReportError) {
    let ids = Set(ids)
    for (number, pattern) in lines where !ids.contains(where: { pattern.matches($0) }) {
      throw ReportError(
        description: "\(path):\(number): nothing is called '\(pattern.text.printable)'")
    }
  }
}

/// What failed in an earlier run, on each kind of device.
public struct FailedRows: Sendable {
  private struct Key: Hashable {
    let id: String
    let driver: String
    let coherent: Bool?
  }

  private let keys: Set<Key>

  /// Reads a report in JSON, or the folder of a run.
  public init(contentsOf path: String) throws(ReportError) {
    let report =
      FolderTree.isFolder(path)
      ? try ResultFolder.report(at: path) : try Report(contentsOf: path)
    let rows = report.results.filter { !$0.verdict.isGood }
    keys = Set(rows.map { Key(id: $0.id, driver: $0.driver, coherent: $0.coherent) })
    guard !keys.isEmpty else {
      throw ReportError(description: "\(path): nothing failed there, so there is nothing to run")
    }
  }

  /// Whether a check or script failed on a device of this kind.
  public func contains(_ id: String, on device: DeviceDescription) -> Bool {
    keys.contains(Key(id: id, driver: device.driver, coherent: device.isCoherent))
  }
}
