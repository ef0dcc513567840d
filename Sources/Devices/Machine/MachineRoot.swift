// SPDX-License-Identifier: MIT

internal import CDRM
package import DRMKernel

#if canImport(Glibc)
  internal import Glibc
#endif

/// A directory with the files of a Linux machine: `/`, or a copy of some of them.
///
/// No link leads out of it, nothing but regular files is opened, and every read has a bound.
package struct MachineRoot: Sendable {
  /// Empty for `/`.
  package let path: String

  package static let mostBytes = 64 << 10
  static let mostNames = 8192

  var isLive: Bool { path.isEmpty }

  /// Creates a root; `/` is the machine of this process.
  package init(_ path: String) {
    var path = Substring(path)
    while path.last == "/" { path.removeLast() }
    self.path = String(path)
  }

  /// Returns a path without links, `.` and `..`, below the root.
  package func resolve(_ path: String) throws(Errno) -> String {
    var pending = Array(path.split(separator: "/").reversed())
    var done: [Substring] = []
    var links = 0
    while let part = pending.popLast() {
      if part == "." { continue }
      if part == ".." {
        _ = done.popLast()
        continue
      }
      done.append(part)
      guard let target = target(of: Self.joined(done)) else { continue }
      links += 1
      guard links <= 40, pending.count < 256 else { throw Errno(rawValue: ELOOP) }
      done = target.hasPrefix("/") ? [] : done.dropLast()
      pending += target.split(separator: "/").reversed()
    }
    return Self.joined(done)
  }

  /// Returns where a link leads to, below the root, whether or not there is something; nil for anything else.
  func target(ofLink path: String) -> String? {
    guard let slash = path.lastIndex(of: "/"),
      let directory = try? resolve(String(path[..<slash])),
      target(of: directory + path[slash...]) != nil
    else { return nil }
    return try? resolve(path)
  }

  private static func joined(_ parts: [Substring]) -> String {
    parts.isEmpty ? "/" : parts.reduce(into: "") { $0 += "/" + $1 }
  }

  /// Returns the target of a link, whose directory has no link in its path; nil for anything else.
  package func target(of path: String) -> String? {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = unsafe bytes.withUnsafeMutableBytes { buffer in
      unsafe buffer.withMemoryRebound(to: CChar.self) { characters in
        unsafe characters.baseAddress.map {
          unsafe readlink(self.path + path, $0, characters.count)
        } ?? -1
      }
    }
    return count > 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : nil
  }

  /// Reads the start of a regular file.
  package func text(_ path: String, atMost count: Int = mostBytes) throws(Errno) -> String {
    String(decoding: try bytes(path, atMost: count), as: UTF8.self)
  }

  /// Reads the first bytes of a regular file.
  func bytes(_ path: String, atMost count: Int) throws(Errno) -> [UInt8] {
    var bytes: [UInt8] = []
    try read(path) { chunk in
      bytes += chunk.prefix(count - bytes.count)
      return bytes.count < count
    }
    return bytes
  }

  /// Reads the lines of a large regular file that a predicate accepts, as ``lines(_:with:where:)`` does.
  package func lines(
    _ path: String, where isWanted: (String) -> Bool
  ) throws(Errno) -> [String] {
    try lines(path, with: nil, where: isWanted)
  }

  /// Reads the lines of a large regular file that a predicate accepts, at most 1000 of its first 32 MiB.
  ///
  /// A NUL ends a line too, and empty lines do not count. With `needles`, only lines with one of them are looked at.
  func lines(
    _ path: String, with needles: Needles?, where isWanted: (String) -> Bool
  ) throws(Errno) -> [String] {
    var lines: [String] = []
    var rest: [UInt8] = []
    var total = 0
    try read(path) { chunk in
      total += chunk.count
      rest += chunk
      let isEnd = { (byte: UInt8) in byte == 0x0a || byte == 0 }
      let end = rest.lastIndex(where: isEnd).map { $0 + 1 } ?? 0
      if needles?.areIn(rest[..<end]) != false {
        for part in rest[..<end].split(whereSeparator: isEnd) {
          guard needles?.areIn(part.prefix(1024)) != false else { continue }
          let line = String(decoding: part.prefix(1024), as: UTF8.self)
          if isWanted(line) { lines.append(line) }
        }
      }
      // A line without an end counts with its start only.
      rest = Array(rest[end...].prefix(1024))
      return total < 32 << 20 && lines.count < 1000
    }
    let last = String(decoding: rest, as: UTF8.self)
    if !last.isEmpty, isWanted(last) { lines.append(last) }
    return lines
  }

  /// Reads a regular file chunk by chunk, until `body` returns false.
  package func read(_ path: String, _ body: (ArraySlice<UInt8>) -> Bool) throws(Errno) {
    let path = self.path + (try resolve(path))
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { throw Errno(rawValue: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .EINVAL }
    let descriptor = unsafe open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    defer { close(descriptor) }
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes { buffer in
        unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      }
      guard count >= 0 else { throw Errno(rawValue: errno) }
      guard count > 0, body(chunk[..<count]) else { return }
    }
  }

  /// The names in a directory, sorted.
  package struct Listing {
    package var names: [String] = []
    /// The names that are directories themselves, and not links to some.
    package var directories: [String] = []
    /// Whether the directory has more names than were read.
    package var isCut = false
  }

  /// Lists a directory, at most ``mostNames`` names of it.
  package func names(_ path: String) throws(Errno) -> Listing {
    guard let stream = unsafe opendir(self.path + (try resolve(path))) else {
      throw Errno(rawValue: errno)
    }
    defer { _ = unsafe closedir(stream) }
    var listing = Listing()
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
          unsafe String(cString: $0)
        }
      }
      guard name != ".", name != ".." else { continue }
      guard listing.names.count < Self.mostNames else {
        listing.isCut = true
        break
      }
      listing.names.append(name)
      let kind = unsafe Int(entry.pointee.d_type)
      // Some file systems do not report the kind.
      if kind == DT_DIR || (kind == DT_UNKNOWN && (try? status("\(path)/\(name)"))?.kind == "d") {
        listing.directories.append(name)
      }
    }
    listing.names.sort()
    listing.directories.sort()
    return listing
  }

  /// Returns the permissions of a file, with what opening it for reading and writing returns if `opens`.
  func status(_ path: String, opens: Bool = false) throws(Errno) -> FileStatus {
    let path = self.path + (try resolve(path))
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { throw Errno(rawValue: errno) }
    let kind: Character =
      switch status.st_mode & S_IFMT {
      case S_IFCHR: "c"
      case S_IFDIR: "d"
      case S_IFREG: "-"
      default: "?"
      }
    var found = FileStatus(
      kind: kind, mode: status.st_mode & 0o777, user: status.st_uid, group: status.st_gid)
    found.list = Self.grants(of: path)
    if opens, kind == "c" {
      let descriptor = unsafe open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
      found.opened = Errno(rawValue: descriptor < 0 ? errno : 0)
      if descriptor >= 0 { close(descriptor) }
    }
    return found
  }

  private static func grants(of path: String) -> [FileStatus.Grant] {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = unsafe bytes.withUnsafeMutableBytes { buffer in
      unsafe buffer.baseAddress.map { unsafe cdrm_access_list(path, $0, buffer.count) } ?? -1
    }
    return count > 0 ? FileStatus.grants(in: Array(bytes.prefix(Int(count)))) : []
  }

  /// Returns the newest MiB of the kernel's log.
  static func kernelLog() throws(Errno) -> ArraySlice<UInt8> {
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = unsafe bytes.withUnsafeMutableBytes { buffer in
      unsafe buffer.withMemoryRebound(to: CChar.self) { characters in
        unsafe characters.baseAddress.map { unsafe cdrm_kernel_log($0, characters.count) } ?? -1
      }
    }
    guard count >= 0 else { throw Errno(rawValue: CInt(-count)) }
    return bytes.prefix(Int(count))
  }
}
