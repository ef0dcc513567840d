// SPDX-License-Identifier: MIT

internal import DRMKernel

#if canImport(Glibc)
  internal import Glibc
#endif

/// A file that a command writes: a regular one completely or not; `-` is stdout.
public struct OutputFile: Sendable {
  private let path: String
  /// The regular file to replace or to create, without links; nil for a device or a pipe.
  private let file: String?
  private let owner: Owner?

  private struct Owner {
    let user: uid_t
    let group: gid_t
    let mode: mode_t
  }

  /// Names the file, and finds out whether it can be written; a command does it before any work.
  ///
  /// - Parameter inputs: the files that the command reads, none of which may be this one.
  /// - Throws: an error of one line where the file cannot be written, or is an input.
  public init(_ path: String, inputs: [String] = []) throws(ReportError) {
    self.path = path
    guard path != "-" else {
      (file, owner) = (nil, nil)
      let flags = fcntl(STDOUT_FILENO, F_GETFL)
      guard flags >= 0, flags & O_ACCMODE != O_RDONLY else {
        throw ReportError(name, errno: EBADF)
      }
      return
    }
    guard let status = FileStatus(path) else {
      guard errno == ENOENT else { throw ReportError(path, errno: errno) }
      guard !FileStatus.isLink(path) else {
        throw ReportError(description: "\(path): a link to a file that does not exist")
      }
      (file, owner) = (try Self.resolved(path), nil)
      try probe()
      return
    }
    if let input = inputs.first(where: { FileStatus(input: $0)?.isSameFile(as: status) == true }) {
      throw ReportError(
        description: "\(path): is an input too\(input == path ? "" : " (\(input))")")
    }
    guard status.kind != S_IFDIR else { throw ReportError(path, errno: EISDIR) }
    guard unsafe access(path, W_OK) == 0 else { throw ReportError(path, errno: errno) }
    guard status.kind == S_IFREG else {
      (file, owner) = (nil, nil)
      return
    }
    guard let target = unsafe realpath(path, nil) else { throw ReportError(path, errno: errno) }
    defer { unsafe free(target) }
    file = unsafe String(cString: target)
    owner = Owner(user: status.user, group: status.group, mode: status.mode & 0o7777)
    try probe()
  }

  /// The name of the file in messages: `stdout` for `-`.
  public var name: String { isStandardOutput ? "stdout" : path }

  /// Whether the file is stdout.
  public var isStandardOutput: Bool { path == "-" }

  /// Whether both write the same regular file, or both stdout.
  public func isSameFile(as other: OutputFile) -> Bool {
    isStandardOutput ? other.isStandardOutput : file != nil && file == other.file
  }

  /// Writes to a new file and renames it; a device or a pipe is written directly.
  ///
  /// - Throws: an error of one line that names the file.
  public func write(_ text: String) throws(ReportError) {
    guard let file else {
      let descriptor =
        isStandardOutput ? dup(STDOUT_FILENO) : unsafe open(path, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw ReportError(name, errno: errno, exitCode: 1) }
      return try write(text, to: descriptor)
    }
    let (descriptor, temporary) = try makeTemporary(exitCode: 1)
    do throws(ReportError) {
      if let owner {
        // Only root can keep the owner of another user's file.
        _ = fchown(descriptor, owner.user, owner.group)
        _ = fchmod(descriptor, owner.mode)
      }
      try write(text, to: descriptor)
      guard unsafe rename(temporary, file) == 0 else {
        throw ReportError(path, errno: errno, exitCode: 1)
      }
    } catch {
      _ = unsafe unlink(temporary)
      throw error
    }
  }

  /// Writes and closes.
  private func write(_ text: String, to descriptor: CInt) throws(ReportError) {
    var failure: CInt = 0
    do throws(DRMKernel.Errno) {
      try writeAll(Array(text.utf8), to: descriptor)
    } catch {
      failure = error.rawValue
    }
    if close(descriptor) != 0, failure == 0 { failure = errno }
    guard failure == 0 else { throw ReportError(name, errno: failure, exitCode: 1) }
  }

  /// Creates and removes a file where the output will be.
  private func probe() throws(ReportError) {
    let (descriptor, temporary) = try makeTemporary(exitCode: 2)
    _ = close(descriptor)
    _ = unsafe unlink(temporary)
  }

  /// Creates a file beside the output with a short name that no other file has.
  private func makeTemporary(exitCode: Int32) throws(ReportError) -> (CInt, name: String) {
    let directory = Self.directory(of: file ?? path)
    for number in 0..<100 {
      let name = "\(directory)/.gemsync-\(getpid())-\(number)"
      let descriptor = unsafe open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor >= 0 { return (descriptor, name) }
      guard errno == EEXIST else { break }
    }
    throw ReportError(path, errno: errno, exitCode: exitCode)
  }

  /// Returns a path of a new file without links and without `.` and `..`.
  private static func resolved(_ path: String) throws(ReportError) -> String {
    guard let real = unsafe realpath(directory(of: path), nil) else {
      throw ReportError(path, errno: errno)
    }
    defer { unsafe free(real) }
    let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    guard !name.isEmpty else { throw ReportError(path, errno: path.isEmpty ? ENOENT : EISDIR) }
    return unsafe "\(String(cString: real))/\(name)"
  }

  private static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}

/// The identity and the kind of a file, from `stat(2)`.
private struct FileStatus {
  private let device: dev_t
  private let number: ino_t
  let mode: mode_t
  let user: uid_t
  let group: gid_t

  var kind: mode_t { mode & S_IFMT }

  /// Follows links; nil with `errno` set where there is no such file.
  init?(_ path: String) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  /// Finds out about an input, which may be stdin.
  init?(input path: String) {
    guard path == "-" else {
      self.init(path)
      return
    }
    var status = stat()
    guard unsafe fstat(STDIN_FILENO, &status) == 0 else { return nil }
    self.init(status)
  }

  private init(_ status: stat) {
    (device, number, mode) = (status.st_dev, status.st_ino, status.st_mode)
    (user, group) = (status.st_uid, status.st_gid)
  }

  /// A device, such as `/dev/null`, may be input and output.
  func isSameFile(as other: FileStatus) -> Bool {
    device == other.device && number == other.number && kind != S_IFCHR
  }

  static func isLink(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }
}
