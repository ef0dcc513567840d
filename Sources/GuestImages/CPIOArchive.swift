// SPDX-License-Identifier: MIT

/// A cpio archive in the `newc` format, which the kernel unpacks as its first root.
public struct CPIOArchive: Sendable {
  public private(set) var bytes: [UInt8] = []
  private var inode = 1
  private var directories: Set<String> = []

  /// Creates an empty archive.
  public init() {}

  /// Adds a file, and the directories above it where they are missing.
  ///
  /// - Parameters:
  ///   - path: from the root, without a leading slash.
  ///   - isExecutable: whether everyone may run it.
  public mutating func addFile(_ path: String, _ contents: [UInt8], isExecutable: Bool = false) {
    addDirectory(parent(of: path))
    append(path, mode: 0o100000 | (isExecutable ? 0o755 : 0o644), contents)
  }

  /// Adds a directory and those above it; nothing where it is there.
  public mutating func addDirectory(_ path: String) {
    guard !path.isEmpty, directories.insert(path).inserted else { return }
    addDirectory(parent(of: path))
    append(path, mode: 0o040755, [])
  }

  /// Ends the archive.
  public mutating func finish() {
    append("TRAILER!!!", mode: 0, [])
  }

  private func parent(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
  }

  private mutating func append(_ name: String, mode: Int, _ contents: [UInt8]) {
    let nameBytes = Array(name.utf8) + [0]
    // inode, mode, uid, gid, links, time, size, device and its target, name length, checksum.
    let fields = [
      inode, mode, 0, 0, 1, 0, contents.count, 0, 0, 0, 0, nameBytes.count, 0,
    ]
    inode += 1
    bytes += Array("070701".utf8)
    for field in fields {
      let digits = String(field, radix: 16)
      bytes += Array((String(repeating: "0", count: 8 - digits.count) + digits).utf8)
    }
    bytes += nameBytes
    pad()
    bytes += contents
    pad()
  }

  private mutating func pad() {
    while bytes.count % 4 != 0 { bytes.append(0) }
  }
}
