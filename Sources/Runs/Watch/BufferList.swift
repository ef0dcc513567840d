// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import Devices

/// The BOs that a process created and that exist, from the files `dri/*/gems` of debugfs.
///
/// panthor and panfrost have such files. Their columns differ between releases and are found by the header; the
/// creator is the first, `COMMAND/PID` in a fixed width, since a command may have spaces in it. The PIDs are those
/// of the first PID namespace: from inside a container no BO is found.
struct BufferList: Hashable {
  /// The BOs of one device.
  struct Count: Hashable {
    var buffers = 0
    var bytes: UInt64 = 0
  }

  /// The BOs by the name of the folder below `dri`.
  private(set) var counts: [String: Count] = [:]

  private static let folder = "/sys/kernel/debug/dri"

  /// Creates a list without BOs.
  init() {}

  /// Lists the folders with a file `gems`; a folder's other name is a link, and does not count.
  static func folders(in root: MachineRoot) throws(Errno) -> [String] {
    let directories = try root.names(folder).directories
    return directories.filter { name in
      ((try? root.names("\(folder)/\(name)").names) ?? []).contains("gems")
    }
  }

  /// Reads the BOs that a process created.
  init(createdBy process: Int32, folders: [String], in root: MachineRoot) {
    for name in folders {
      var table = Table(process: process)
      // No line is kept: the predicate counts those it is asked about.
      _ = try? root.lines("\(Self.folder)/\(name)/gems") { line in
        table.read(line)
        return false
      }
      if table.count.buffers > 0 { counts[name] = table.count }
    }
  }

  /// The number of BOs of all devices.
  var count: Int { counts.values.reduce(0) { $0 + $1.buffers } }

  /// Returns the BOs that exist and did not before.
  func leaks(since before: BufferList) -> [Incident] {
    counts.sorted { $0.key < $1.key }.compactMap { name, count in
      let earlier = before.counts[name] ?? Count()
      guard count.buffers > earlier.buffers else { return nil }
      let buffers = count.buffers - earlier.buffers
      let bytes = count.bytes > earlier.bytes ? count.bytes - earlier.bytes : 0
      return Incident(
        .leak, "left \(buffers) BO\(buffers == 1 ? "" : "s") of \(ByteCount(bytes)) in dri/\(name)")
    }
  }

  /// The reader of one file.
  struct Table {
    let process: Int32
    private(set) var count = Count()
    private var creatorWidth: Int?
    // The index of the size among the columns after the creator.
    private var sizeIndex: Int?

    init(process: Int32) { self.process = process }

    /// Reads the next line: a legend, the header, a rule, a BO, or the totals.
    mutating func read(_ line: String) {
      guard let creatorWidth else { return readHeader(line) }
      let bytes = line.utf8
      guard bytes.count > creatorWidth, !line.hasPrefix("---"), !line.hasPrefix("===") else {
        return
      }
      let edge = bytes.index(bytes.startIndex, offsetBy: creatorWidth)
      let creator = Substring(bytes[..<edge]).split(separator: " ").last ?? ""
      guard let slash = creator.lastIndex(of: "/"),
        Int32(creator[creator.index(after: slash)...]) == process
      else { return }
      count.buffers += 1
      let values = Substring(bytes[edge...]).split(separator: " ", maxSplits: 16)
      guard let sizeIndex, sizeIndex < values.count, let size = UInt64(values[sizeIndex]) else {
        return
      }
      let (sum, overflow) = count.bytes.addingReportingOverflow(size)
      count.bytes = overflow ? .max : sum
    }

    private mutating func readHeader(_ line: String) {
      guard line.hasPrefix("created-by ") else { return }
      let spaces = line.utf8.dropFirst(10).prefix { $0 == UInt8(ascii: " ") }.count
      creatorWidth = 10 + spaces
      sizeIndex = line.utf8.dropFirst(10 + spaces).split(separator: UInt8(ascii: " ")).firstIndex {
        $0.elementsEqual("size".utf8)
      }
    }
  }
}
