// SPDX-License-Identifier: MIT

internal import DRMKernel

/// What was read of a machine: paths with their texts, link targets and permissions.
///
/// Everything that is known of a machine follows from this value, which `gemsync doctor --collect` saves.
public struct MachineRecord: Hashable, Sendable {
  /// What is recorded of one path.
  enum Entry: Hashable, Sendable {
    case text(String)
    case link(String)
    case file(FileStatus)
    /// The file exists; its content was not read.
    case present
    /// It is there, or may be, and could not be read.
    case failure(Errno)
  }

  private(set) var entries: [String: Entry] = [:]
  private var children: [String: Set<String>] = [:]
  /// What was not read because of a bound, one line each.
  public private(set) var omissions: [String] = []

  static let mostEntries = 10_000

  /// Creates a record of nothing.
  public init() {}

  mutating func add(_ path: String, _ entry: Entry) {
    guard entries.count < Self.mostEntries else {
      return omit("more than \(Self.mostEntries) entries")
    }
    entries[path] = entry
    var path = Substring(path)
    while let slash = path.lastIndex(of: "/"), !path.isEmpty {
      let name = String(path[path.index(after: slash)...])
      path = path[..<slash]
      guard children[String(path), default: []].insert(name).inserted else { return }
    }
  }

  mutating func omit(_ what: String) {
    if !omissions.contains(what) { omissions.append(what) }
  }

  /// Returns the text of a file; nil for a file that was not read.
  func text(_ path: String) -> String? {
    if case .text(let text) = entries[path] { text } else { nil }
  }

  /// Returns the lines of a file, without empty ones.
  func lines(_ path: String) -> [String] {
    text(path)?.split(whereSeparator: \.isNewline).map(String.init) ?? []
  }

  func linkTarget(_ path: String) -> String? {
    if case .link(let target) = entries[path] { target } else { nil }
  }

  /// Returns the last part of a link's target, which names a driver or a device.
  func linkName(_ path: String) -> String? {
    linkTarget(path)?.split(separator: "/").last.map(String.init)
  }

  func status(_ path: String) -> FileStatus? {
    if case .file(let status) = entries[path] { status } else { nil }
  }

  func failure(_ path: String) -> Errno? {
    if case .failure(let errno) = entries[path] { errno } else { nil }
  }

  /// Returns the names below a path, sorted.
  func names(_ path: String) -> [String] { children[path]?.sorted() ?? [] }

  /// Whether a path is recorded, or anything below it.
  func has(_ path: String) -> Bool {
    if case .failure = entries[path] { return false }
    return entries[path] != nil || children[path] != nil
  }

  /// Returns the values of `KEY=value` lines whose key has a prefix, in order.
  func values(_ path: String, _ prefix: String) -> [String] {
    lines(path).compactMap { line in
      guard line.hasPrefix(prefix), let equals = line.firstIndex(of: "=") else { return nil }
      return String(line[line.index(after: equals)...])
    }
  }
}

/// The text form: a line for each path, the lines of a text indented below it.
///
/// `PATH:` has a text, `PATH -> TARGET` is a link, `PATH = crw-rw---- 0:105` a file with its permissions, `PATH +` a
/// file that was not read, and `PATH ! EACCES` one that could not be read.
extension MachineRecord {
  static let heading = "gemsync machine 1"
  /// The size of the largest file that is read, in bytes.
  public static let mostBytes = 1 << 20

  /// A line of a collection that cannot be read.
  public struct ParseError: Error, Hashable, Sendable {
    public let line: Int
    public let reason: String
  }

  /// Writes the record; the same record gives the same bytes.
  public var collection: String {
    var text = Self.heading + "\n"
    for path in entries.keys.sorted() {
      let name = Self.encode(path, isPath: true)
      switch entries[path] {
      case .text(let content):
        text += name + ":\n"
        for line in content.split(whereSeparator: \.isNewline) {
          text += "  " + Self.encode(String(line), isPath: false) + "\n"
        }
      case .link(let target): text += "\(name) -> \(Self.encode(target, isPath: true))\n"
      case .file(let status): text += "\(name) = \(status)\n"
      case .present: text += "\(name) +\n"
      case .failure(let errno): text += "\(name) ! \(errno)\n"
      case nil: break
      }
    }
    return text + omissions.map { "# \($0)\n" }.joined()
  }

  /// Reads the bytes of a collection.
  ///
  /// - Throws: also for bytes that are not UTF-8.
  public init(collection bytes: [UInt8]) throws(ParseError) {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
      let index = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
      throw ParseError(line: index + 1, reason: "this is not UTF-8")
    }
    try self.init(collection: text)
  }

  /// Reads a collection; lines that start with `#` are comments, and a byte-order mark is skipped.
  public init(collection: String) throws(ParseError) {
    var collection = Substring(collection)
    if collection.unicodeScalars.first == "\u{feff}" { collection.unicodeScalars.removeFirst() }
    var open: (path: String, lines: [String])?
    var isFirst = true
    var number = 0
    for line in collection.split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    {
      number += 1
      if isFirst {
        guard line == Self.heading else {
          throw ParseError(line: number, reason: "the first line is not '\(Self.heading)'")
        }
        isFirst = false
      } else if line.hasPrefix("  ") {
        guard open != nil else { throw ParseError(line: number, reason: "text without a path") }
        open?.lines.append(try Self.decode(line.dropFirst(2), number))
      } else if !line.isEmpty, !line.hasPrefix("#") {
        close(&open)
        try read(line, number, &open)
      }
    }
    close(&open)
  }

  private mutating func close(_ open: inout (path: String, lines: [String])?) {
    if let (path, lines) = open { add(path, .text(lines.joined(separator: "\n"))) }
    open = nil
  }

  private mutating func read(
    _ line: Substring, _ number: Int, _ open: inout (path: String, lines: [String])?
  ) throws(ParseError) {
    let words = line.split(separator: " ", maxSplits: 2)
    guard line.first == "/", let first = words.first else {
      throw ParseError(line: number, reason: "this is no path")
    }
    guard words.count > 1 else {
      guard first.last == ":" else {
        throw ParseError(line: number, reason: "a path ends with ':', or has a value")
      }
      open = (try Self.decode(first.dropLast(), number), [])
      return
    }
    let path = try Self.decode(first, number)
    let value = words.count > 2 ? String(words[2]) : ""
    switch words[1] {
    case "->": add(path, .link(try Self.decode(Substring(value), number)))
    case "+" where value.isEmpty: add(path, .present)
    case "=":
      guard let status = FileStatus(value) else {
        throw ParseError(line: number, reason: "these are no permissions, such as crw-rw---- 0:105")
      }
      add(path, .file(status))
    case "!":
      guard let errno = Errno(name: value) else {
        throw ParseError(line: number, reason: "this is no errno, such as EACCES")
      }
      add(path, .failure(errno))
    default:
      throw ParseError(line: number, reason: "a path is followed by ':', '->', '=', '+' or '!'")
    }
  }

  /// Escapes what is not printable ASCII, the escape itself, and in a path also spaces.
  private static func encode(_ text: String, isPath: Bool) -> String {
    text.unicodeScalars.reduce(into: "") { result, scalar in
      let isPlain = 0x21...0x7e ~= scalar.value || (scalar == " " && !isPath)
      if isPlain, scalar != "\\" {
        result.unicodeScalars.append(scalar)
      } else {
        result += "\\u{" + String(scalar.value, radix: 16) + "}"
      }
    }
  }

  private static func decode(_ text: Substring, _ number: Int) throws(ParseError) -> String {
    guard text.contains("\\") else { return String(text) }
    var result = ""
    var rest = text
    while let character = rest.popFirst() {
      guard character == "\\" else {
        result.append(character)
        continue
      }
      guard rest.hasPrefix("u{"), let end = rest.firstIndex(of: "}"),
        let value = UInt32(rest[..<end].dropFirst(2), radix: 16),
        let scalar = Unicode.Scalar(value)
      else { throw ParseError(line: number, reason: "an escape is not like \\u{20}") }
      result.unicodeScalars.append(scalar)
      rest = rest[rest.index(after: end)...]
    }
    return result
  }
}
