// SPDX-License-Identifier: MIT

/// A cpio archive in the `newc` format, which the kernel unpacks as its initramfs.
public struct CPIOArchive: Sendable {
  public private(set) var bytes: [UInt8] = []
  private var inode = 1
  private var directories: Set<String> = []

  /// Creates an empty archive.
  public init() {}

  /// Adds a file, and its missing parent directories.
  ///
  /// - Parameters:
  ///   - path: relative to the root, without a leading slash.
  ///   - isExecutable: whether the mode is 0755, not 0644.
  public mutating func addFile(_ path: String, _ contents: [UInt8], isExecutable: Bool = false) {
    addDirectory(parent(of: path))
    append(path, mode: 0o100000 | (isExecutable ? 0o755 : 0o644), contents)
  }

  /// Adds a directory and its missing parents.
  public mutating func addDirectory(_ path: String) {
    guard !path.isEmpty, directories.insert(path).inserted else { return }
    addDirectory(parent(of: path))
    append(path, mode: 0o040755, [])
  }

  /// Appends the trailer.
  public mutating func finish() {
    append("TRAILER!!!", mode: 0, [])
  }

  private func parent(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
  }

  private mutating func append(_ name: String, mode: Int, _ contents: [UInt8]) {
    let nameBytes = Array(name.utf8) + [0]
    // inode, mode, uid, gid, links, time, size, device (2), represented device (2), name length, checksum.
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

/// A word of a POSIX shell command.
public enum ShellWord {
  /// Quotes a word, so that a shell reads it back unchanged.
  public static func quoted(_ word: String) -> String {
    "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
      + "'"
  }
}
