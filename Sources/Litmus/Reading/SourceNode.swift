// SPDX-License-Identifier: MIT

internal import Yams

/// A node of a script's YAML, with its position.
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

  /// Returns an error at this position.
  func error(_ message: String) -> ScriptError { ScriptError(position, message) }

  /// Returns the text of a scalar, or throws that it is not `what`.
  func string(_ what: String) throws(ScriptError) -> String {
    guard case .scalar(let scalar) = node, !scalar.string.isEmpty else {
      throw error("this is not \(what)")
    }
    return scalar.string
  }

  var isList: Bool {
    if case .sequence = node { true } else { false }
  }

  /// Returns the elements of a list.
  func items(_ what: String) throws(ScriptError) -> [SourceNode] {
    guard case .sequence(let sequence) = node else { throw error("this is not \(what)") }
    return sequence.map { SourceNode($0, file: file) }
  }

  /// Returns the pairs of a mapping.
  func pairs(_ what: String) throws(ScriptError) -> [(key: SourceNode, value: SourceNode)] {
    guard case .mapping(let mapping) = node else { throw error("this is not \(what)") }
    return mapping.map { (SourceNode($0.key, file: file), SourceNode($0.value, file: file)) }
  }

  /// Returns the field as one of the values of an enumeration.
  func choice<Choice: RawRepresentable & CaseIterable>(
    _ type: Choice.Type = Choice.self
  ) throws(ScriptError) -> Choice where Choice.RawValue == String {
    let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
    guard let choice = Choice(rawValue: try string("one of \(known)")) else {
      throw error("this is not one of \(known)")
    }
    return choice
  }

  /// Returns a number of 64 bits: decimal or 0x.
  func number() throws(ScriptError) -> UInt64 {
    let text = try string("a number")
    let number = text.hasPrefix("0x") ? UInt64(text.dropFirst(2), radix: 16) : UInt64(text)
    guard let number else { throw error("this is not a number of 64 bits, such as 1 or 0x40") }
    return number
  }

  /// Returns a number of bytes: decimal or 0x, with K, M or G for powers of 1024.
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

/// The fields of a mapping in a script.
struct Fields {
  private let values: [(name: String, value: SourceNode)]
  private let what: String
  /// The mapping itself.
  let source: SourceNode

  /// Reads a mapping and rejects unknown fields.
  init(
    _ source: SourceNode, of what: String, known: Set<String>
  ) throws(ScriptError) {
    self.what = what
    self.source = source
    var values: [(String, SourceNode)] = []
    for (key, value) in try source.pairs("\(what): a mapping of fields") {
      let name = try key.string("the name of a field")
      guard known.contains(name) else {
        throw key.error(
          "\(what) has no field \(name.quoted); known: \(known.sorted().joined(separator: ", "))")
      }
      values.append((name, value))
    }
    self.values = values
  }

  subscript(name: String) -> SourceNode? {
    values.first { $0.name == name }?.value
  }

  /// Returns a field, or throws that it is missing.
  func required(_ name: String) throws(ScriptError) -> SourceNode {
    guard let value = self[name] else { throw source.error("\(what) needs '\(name)'") }
    return value
  }
}
