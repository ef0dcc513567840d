// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import FoundationEssentials
public import Litmus

#if canImport(Glibc)
  internal import Glibc
#endif

/// A file that cannot be used, with the reason and the place in it.
public struct ReportError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String
  /// 2 for input that cannot be used, 1 for a result that could not be written.
  public let exitCode: Int32

  /// Creates an error.
  public init(description: String, exitCode: Int32 = 2) {
    self.description = description
    self.exitCode = exitCode
  }

  package init(_ path: String, errno: CInt, exitCode: Int32 = 2) {
    self.init(
      description: "\(path): \(DRMKernel.Errno(rawValue: errno).sentence)", exitCode: exitCode)
  }
}

/// A file that a command reads; `-` is stdin.
public enum InputFile {
  /// The largest file that is read, in bytes: a device such as `/dev/zero` has no end.
  private static let mostBytes = 1 << 30

  /// The name of a file in messages and results: `stdin` for `-`.
  public static func name(of path: String) -> String { path == "-" ? "stdin" : path }

  /// Finds stdin among the inputs of a command more than once.
  ///
  /// - Throws: an error of one line: what was read is not there again.
  public static func checkStandardInput(_ paths: [String]) throws(ReportError) {
    guard paths.count(where: { $0 == "-" }) > 1 else { return }
    throw ReportError(description: "-: stdin can be one input only")
  }

  /// Reads the file, or at most `count` bytes from its start.
  ///
  /// - Throws: an error of one line that names the file.
  public static func contents(
    of path: String, atMost count: Int? = nil
  ) throws(ReportError) -> [UInt8] {
    let name = name(of: path)
    let descriptor = path == "-" ? STDIN_FILENO : unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw ReportError(name, errno: errno) }
    defer { if descriptor != STDIN_FILENO { _ = close(descriptor) } }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 256 << 10)
    while bytes.count < count ?? .max {
      let length = unsafe chunk.withUnsafeMutableBytes { buffer in
        unsafe read(descriptor, buffer.baseAddress, buffer.count)
      }
      guard length != 0 else { return bytes }
      if length > 0 {
        bytes += chunk[..<length]
      } else if errno != EINTR {
        throw ReportError(name, errno: errno)
      }
      guard bytes.count <= mostBytes else {
        throw ReportError(description: "\(name): larger than \(mostBytes >> 30) GiB")
      }
    }
    return Array(bytes.prefix(count ?? .max))
  }
}

/// Scripts in files and directories, and what is wrong with those that cannot be read.
public struct ScriptFiles: Sendable {
  public private(set) var scripts: [Script] = []
  /// The error of each file that cannot be read, in one line with the file and the place in it.
  public private(set) var failures: [String] = []
  /// Every file that was read, or that could not be.
  public private(set) var paths: [String] = []

  /// Reads files, and the *.yaml files of directories in the order of their names.
  ///
  /// - Throws: an error of one line where stdin is given twice.
  public init(_ paths: [String]) throws(ReportError) {
    try InputFile.checkStandardInput(paths)
    for path in paths {
      do throws(ReportError) {
        for file in try Self.files(path) { read(file) }
      } catch {
        failures.append("\(error)")
      }
    }
  }

  /// Names the files that ``init(_:)`` would read, without reading them.
  public static func paths(in paths: [String]) -> [String] {
    paths.flatMap { (try? files($0)) ?? [] }
  }

  /// Adds the error of a script that can be read and not used.
  public mutating func fail(_ error: some Error) { failures.append("\(error)") }

  private mutating func read(_ path: String) {
    paths.append(path)
    do {
      scripts.append(try Self.script(path))
    } catch {
      failures.append("\(error)")
    }
  }

  private static func files(_ path: String) throws(ReportError) -> [String] {
    var isDirectory = false
    guard path != "-", FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory),
      isDirectory
    else { return [path] }
    guard unsafe access(path, R_OK | X_OK) == 0,
      let names = try? FileManager.default.contentsOfDirectory(atPath: path)
    else { throw ReportError(path, errno: errno) }
    let scripts = names.sorted().filter { $0.hasSuffix(".yaml") }
    guard !scripts.isEmpty else {
      throw ReportError(description: "\(path): there is no *.yaml file in it")
    }
    return scripts.map { "\(path)/\($0)" }
  }

  private static func script(_ path: String) throws -> Script {
    let bytes = try InputFile.contents(of: path, atMost: ScriptReader.mostBytes + 1)
    return try ScriptReader.read(path: InputFile.name(of: path), bytes: bytes)
  }
}

/// The time as files have it.
public enum TimeOfDay {
  /// The current time in UTC, such as `2026-03-01T12:00:00Z`.
  public static var now: String { Date().ISO8601Format() }
}
