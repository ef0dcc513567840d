// SPDX-License-Identifier: MIT

internal import DRMConformance
internal import Reports

#if canImport(Glibc)
  internal import Glibc
#endif

/// What a result folder keeps of one attempt, from its begin to its end; nothing where there is no folder.
struct AttemptRecord {
  // What the folders of all attempts may have together, in bytes.
  private static let mostBytes = 256 << 20

  private let item: Plan.Item
  private let number: Int
  private let result: ResultFolder?
  private let folder: ItemFolder?

  /// Writes that the attempt begins.
  init(
    _ item: Plan.Item, _ number: Int, in result: ResultFolder?
  ) throws(ResultFolderError) {
    (self.item, self.number, self.result) = (item, number, result)
    folder = try result?.makeItemFolder(item.number, attempt: number)
    try result?.append(.began(item: item.number, attempt: number))
  }

  /// The file for the calls; nil where there is no folder.
  var trace: String? { folder?.trace }

  /// Writes the result, and keeps the folder of an attempt that failed.
  func end(
    _ row: ResultRow, _ output: [UInt8], _ incidents: Incidents?
  ) throws(ResultFolderError) {
    guard let result, let folder else { return }
    let isGood = row.verdict.isGood
    if !isGood {
      try folder.write(JSON.line(result.plan.devices[item.device]), to: folder.device)
      if !output.isEmpty { try folder.write(output, to: folder.standardError) }
      if let incidents { try keep(incidents, in: folder) }
    }
    try result.append(.ended(item: item.number, attempt: number, row: row))
    if isGood {
      try result.remove(folder)
    } else {
      try result.prune(to: Self.mostBytes)
    }
  }

  /// Keeps the kernel's log, and the core dumps of the GPU, which are then freed.
  private func keep(_ incidents: Incidents, in folder: ItemFolder) throws(ResultFolderError) {
    var notes = incidents.notes
    for dump in incidents.dumps {
      do throws(CoreDump.Failure) {
        let saved = try dump.save(to: folder.coredump(dump.name))
        if saved.isCut {
          notes.append("\(dump.name): only the first \(saved.bytes) bytes are kept")
        }
        try dump.free()
      } catch {
        notes.append("\(error)")
      }
    }
    let lines = notes.map { "note: \($0)\n" }.joined() + (incidents.log?.text ?? "")
    if !lines.isEmpty { try folder.write(lines, to: folder.log) }
  }
}
