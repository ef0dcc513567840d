// SPDX-License-Identifier: MIT

internal import Yams

/// A piece of a script's text, with its place.
struct SourceNode {
  private let node: Node
  private let file: String

  init(_ node: Node, file: String) {
    self.node = node
    self.file = file
  }

  var position: SourcePosition {
    SourcePosition(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
  }

  /// Returns an error at this place.
  func error(_ message: String) -> ScriptError { ScriptError(position, message) }

  /// Answers the text of a scalar, or throws that it is not `what`.
  func string(_ what: String) throws(ScriptError) -> String {
    guard case .scalar(let scalar) = node, !scalar.string.isEmpty else {
      throw error("this is not \(what)")
    }
    return scalar.string
  }

  var isList: Bool {
    if case .sequence = node { true } else { false }
  }

  /// Answers the elements of a list.
  func items(_ what: String) throws(ScriptError) -> [SourceNode] {
    guard case .sequence(let sequence) = node else { throw error("this is not \(what)") }
    return sequence.map { SourceNode($0, file: file) }
  }

  /// Answers the pairs of a mapping.
  func pairs(_ what: String) throws(ScriptError) -> [(key: SourceNode, value: SourceNode)] {
    guard case .mapping(let mapping) = node else { throw error("this is not \(what)") }
    return mapping.map { (SourceNode($0.key, file: file), SourceNode($0.value, file: file)) }
  }

  /// Answers one of the words a field may have.
  func word<Word: RawRepresentable & CaseIterable>(
    _ type: Word.Type = Word.self
  ) throws(ScriptError) -> Word where Word.RawValue == String {
    let known = Word.allCases.map(\.rawValue).joined(separator: ", ")
    guard let word = Word(rawValue: try string("one of \(known)")) else {
      throw error("this is not one of \(known)")
    }
    return word
  }

  /// Answers a number of bytes: decimal or 0x, with K, M or G for powers of 1024.
  func bytes() throws(ScriptError) -> UInt64 {
    let what = "a number of bytes, such as 4096, 0x40 or 64K"
    var text = Substring(try string(what))
    var shift: UInt64 = 0
    if let unit = ["K": 10, "M": 20, "G": 30][text.suffix(1)] as UInt64? {
      shift = unit
      text = text.dropLast()
    }
    let number = text.hasPrefix("0x") ? UInt64(text.dropFirst(2), radix: 16) : UInt64(text)
    guard let number, number <= UInt64.max >> shift else { throw error("this is not \(what)") }
    return number << shift
  }
}
