// SPDX-License-Identifier: MIT

internal import Yams

/// The YAML of a script: one document of plain nodes, nested no deeper than a script needs.
struct ScriptYAML {
  let path: String
  let text: String

  // Scripts need six levels. The parser itself fails at 1000, before its recursion is a danger.
  private static let mostDepth = 32
  // Fewer aliases cannot describe a document that takes long to compare.
  private static let mostAliases = 32
  private static let plainTags: Set<String> = [
    "tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map",
  ]
  private static let noAliases = "a script has no anchors and aliases"

  /// Parses the text; nil where it is empty.
  func root() throws(ScriptError) -> Node? {
    if let place = firstForbiddenCharacter() {
      throw error(place.line, place.column, "invalid YAML: control characters are not allowed")
    }
    if let place = firstAliasOfMany() { throw error(place.line, place.column, Self.noAliases) }
    let parser: Parser
    let root: Node?
    do {
      parser = try Self.parser(of: text)
      root = try parser.singleRoot()
    } catch let problem as YamlError {
      throw error(problem)
    } catch {
      throw self.error(1, 1, "invalid YAML")
    }
    // The nodes have their anchors as long as the parser exists.
    defer { withExtendedLifetime(parser) {} }
    if let root { try check(root, depth: 1) }
    return root
  }

  private static func parser(of text: String) throws -> Parser {
    try Parser(yaml: text, resolver: .basic, encoding: .utf8)
  }

  /// Rejects what YAML has and a script does not.
  private func check(_ node: Node, depth: Int) throws(ScriptError) {
    func reject(_ message: String) -> ScriptError {
      error(node.mark?.line ?? 1, node.mark?.column ?? 1, message)
    }
    guard depth <= Self.mostDepth else { throw reject("this is nested too deep for a script") }
    guard node.anchor == nil else { throw reject(Self.noAliases) }
    let tag = node.tag.description
    guard Self.plainTags.contains(tag) else {
      throw reject("a script has no tags such as \(tag.quoted)")
    }
    switch node {
    case .mapping(let mapping):
      for (key, value) in mapping {
        if case .scalar(let scalar) = key, scalar.string == "<<", scalar.style == .plain {
          throw error(key.mark?.line ?? 1, key.mark?.column ?? 1, "a script has no merge keys")
        }
        try check(key, depth: depth + 1)
        try check(value, depth: depth + 1)
      }
    case .sequence(let sequence):
      for item in sequence { try check(item, depth: depth + 1) }
    case .scalar, .alias: break
    }
  }

  /// Returns the first control character that is not white space.
  private func firstForbiddenCharacter() -> (line: Int, column: Int)? {
    var place = (line: 1, column: 1)
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x0a: place = (place.line + 1, 1)
      case 0x09, 0x0d, 0x20...0x7e, 0x85, 0xa0...0xfffd, 0x10000...0x10ffff: place.column += 1
      default: return place
      }
    }
    return nil
  }

  /// Returns the first of more than ``mostAliases`` words that look like aliases, wherever they stand.
  ///
  /// The parser compares keys with all their aliases expanded, which takes time exponential in their number.
  private func firstAliasOfMany() -> (line: Int, column: Int)? {
    let starts = Set(" \t\n\r,[{:-?".utf8)
    let ends = Set(" \t\n\r,[]{}*&".utf8)
    var (line, column) = (1, 0)
    var last = UInt8(ascii: "\n")
    var isAfterStar = false
    var isComment = false
    var isStart = true
    var first: (line: Int, column: Int)?
    var count = 0
    for byte in text.utf8 {
      if isAfterStar, !ends.contains(byte) {
        count += 1
        if first == nil { first = (line, column) }
        if count > Self.mostAliases { return first }
      }
      if byte & 0xc0 != 0x80 { column += 1 }
      if isStart, byte == UInt8(ascii: "#") { isComment = true }
      isStart = isStart && (byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t"))
      isAfterStar = byte == UInt8(ascii: "*") && starts.contains(last) && !isComment
      last = byte
      if byte == UInt8(ascii: "\n") {
        (line, column) = (line + 1, 0)
        (isComment, isStart) = (false, true)
      }
    }
    return nil
  }

  // MARK: - Errors

  private func error(_ line: Int, _ column: Int, _ message: String) -> ScriptError {
    ScriptError(
      SourcePosition(file: path, line: max(line, 1), column: max(column, 1)), message)
  }

  /// Reports a YAML error in one line; the library's own text shows the source in several.
  private func error(_ problem: YamlError) -> ScriptError {
    switch problem {
    case .scanner(_, let message, let mark, _), .parser(_, let message, let mark, _),
      .composer(_, let message, let mark, _):
      if message.hasPrefix("Maximum nesting level") {
        return error(mark.line, mark.column, "this is nested too deep for a script")
      }
      if message.hasPrefix("but found another document") {
        return error(mark.line, mark.column, "a script is one YAML document, and here is another")
      }
      return error(mark.line, mark.column, "invalid YAML: \(reason(message, at: mark))")
    case .duplicatedKeysInMapping(let names, let context):
      let name = names.first ?? ""
      let place = secondKey(name, after: context.mark) ?? context.mark
      return error(
        place.line, place.column,
        "invalid YAML: duplicate key \(name.quoted), which line \(context.mark.line) has already")
    default: return error(1, 1, "invalid YAML")
    }
  }

  /// Returns the parser's message, or a clearer one for a tab.
  private func reason(_ message: String, at mark: Mark) -> String {
    let lines = text.split(
      maxSplits: mark.line, omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    guard lines.indices.contains(mark.line - 1) else { return message }
    let character = lines[mark.line - 1].dropFirst(mark.column - 1).first
    return character == "\t" ? "a tab cannot indent or separate" : message
  }

  /// Finds the second key of a mapping that has a key twice, by a parse in which the first one has another name.
  private func secondKey(_ name: String, after first: Mark) -> Mark? {
    var scalars = Array(text.unicodeScalars)
    guard var index = index(of: first, in: scalars) else { return nil }
    if scalars[index] == "\"" || scalars[index] == "'" { index += 1 }
    guard scalars.indices.contains(index) else { return nil }
    // A noncharacter, which no script has in a name.
    scalars[index] = "\u{e000}"
    var changed = String.UnicodeScalarView()
    changed.append(contentsOf: scalars)
    do {
      guard let root = try Self.parser(of: String(changed)).singleRoot() else { return nil }
      return Self.key(name, besideKeyAt: first, in: root)
    } catch YamlError.duplicatedKeysInMapping(let names, let context) where names.contains(name) {
      return context.mark
    } catch {
      return nil
    }
  }

  private static func key(_ name: String, besideKeyAt place: Mark, in node: Node) -> Mark? {
    func isPlace(_ mark: Mark?) -> Bool {
      mark?.line == place.line && mark?.column == place.column
    }
    switch node {
    case .mapping(let mapping):
      if mapping.contains(where: { isPlace($0.key.mark) }) {
        return mapping.first { $0.key.string == name }?.key.mark
      }
      for (_, value) in mapping {
        if let found = key(name, besideKeyAt: place, in: value) { return found }
      }
    case .sequence(let sequence):
      for item in sequence {
        if let found = key(name, besideKeyAt: place, in: item) { return found }
      }
    case .scalar, .alias: break
    }
    return nil
  }

  private func index(of mark: Mark, in scalars: [Unicode.Scalar]) -> Int? {
    var (line, column) = (1, 1)
    for (index, scalar) in scalars.enumerated() {
      if line == mark.line, column == mark.column { return index }
      let isEnd =
        scalar == "\n" || scalar == "\r" && scalars[(index + 1)...].first != "\n"
      (line, column) = isEnd ? (line + 1, 1) : (line, column + 1)
    }
    return nil
  }
}
