// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import FoundationEssentials
internal import Reports

#if canImport(Glibc)
  internal import Glibc
#endif

/// An open file or folder of a run, closed with its owner.
struct OpenFile: ~Copyable, Sendable {
  let path: String
  let number: CInt

  /// Opens a file; never waits for the other end of a pipe.
  ///
  /// - Parameter hint: what it means that there is no such file.
  init(_ path: String, _ flags: CInt, _ hint: String? = nil) throws(ReportError) {
    self.path = path
    number = unsafe open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0o666)
    guard number < 0 else { return }
    let error = ReportError(path.printable, errno: errno)
    guard errno == ENOENT || errno == ENOTDIR, let hint else { throw error }
    throw ReportError(description: "\(error) (\(hint))")
  }

  deinit { _ = close(number) }

  /// Opens a regular file, not a link to one, and reads it.
  ///
  /// - Parameter mostBytes: the size from which on it is refused.
  static func contents(
    of path: String, atMost mostBytes: Int, _ hint: String? = nil
  ) throws(ReportError) -> [UInt8] {
    let file = try OpenFile(path, O_RDONLY | O_NOFOLLOW, hint)
    return try file.contents(atMost: mostBytes)
  }

  /// Reads a regular file from its start.
  func contents(atMost mostBytes: Int) throws(ReportError) -> [UInt8] {
    var status = stat()
    guard unsafe fstat(number, &status) == 0 else { throw error(errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw ReportError(description: "\(path): not a regular file".printable)
    }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 256 << 10)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes { buffer in
        unsafe pread(number, buffer.baseAddress, buffer.count, off_t(bytes.count))
      }
      if count == 0 { return bytes }
      if count > 0 {
        bytes += chunk[..<count]
      } else if errno != EINTR {
        throw error(errno)
      }
      guard bytes.count <= mostBytes else {
        throw ReportError(description: "\(path): larger than \(mostBytes >> 20) MiB".printable)
      }
    }
  }

  /// Writes all bytes and syncs them.
  func write(_ text: String) throws(ReportError) { try write(Array(text.utf8)) }

  /// Writes all bytes and syncs them.
  func write(_ bytes: [UInt8]) throws(ReportError) {
    do throws(DRMKernel.Errno) {
      try writeAll(bytes, to: number)
    } catch {
      throw self.error(error.rawValue)
    }
    try sync()
  }

  func sync() throws(ReportError) {
    // Some file systems cannot sync a folder.
    guard fsync(number) == 0 || errno == EINVAL else { throw error(errno) }
  }

  /// Takes the file's lock, which ends with its last descriptor; returns false where another process has it.
  ///
  /// A process that was killed has the lock until all of it has ended. So has a child of it until its program starts.
  func lock() throws(ReportError) -> Bool {
    for _ in 0..<Self.lockAttempts {
      if flock(number, LOCK_EX | LOCK_NB) == 0 { return true }
      guard errno == EWOULDBLOCK || errno == EINTR else { throw error(errno) }
      _ = usleep(Self.lockPause)
    }
    return false
  }

  private static let lockAttempts = 50
  /// In microseconds.
  private static let lockPause: UInt32 = 20_000

  func error(_ errno: CInt) -> ReportError { ReportError(path.printable, errno: errno) }
}

/// Folders and all that is in them.
enum FolderTree {
  /// Creates a folder in one that exists.
  static func make(_ path: String) throws(ResultFolderError) {
    guard unsafe mkdir(path, 0o777) == 0 else { throw ResultFolderError(path, errno: errno) }
  }

  /// Removes a file, or a folder and all that is in it, without following links.
  static func remove(_ path: String) throws(ResultFolderError) {
    if unsafe unlink(path) == 0 || errno == ENOENT { return }
    let failure = errno
    guard failure == EISDIR || failure == EPERM, isFolder(path) else {
      throw ResultFolderError(path, errno: failure)
    }
    for name in names(in: path) { try remove("\(path)/\(name)") }
    guard unsafe rmdir(path) == 0 || errno == ENOENT else {
      throw ResultFolderError(path, errno: errno)
    }
  }

  /// The sum of the sizes of all files, in bytes.
  static func size(of path: String) -> Int {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return 0 }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return Int(status.st_size)
    case S_IFDIR:
      return names(in: path).reduce(0) { sum, name in
        let (total, isOverflow) = sum.addingReportingOverflow(size(of: "\(path)/\(name)"))
        return isOverflow ? .max : total
      }
    default: return 0
    }
  }

  /// The names in a folder, sorted; none where it cannot be read.
  static func names(in path: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: path))?.sorted() ?? []
  }

  /// Whether there is a folder, not a link to one.
  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
