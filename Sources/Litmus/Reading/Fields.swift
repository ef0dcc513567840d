// SPDX-License-Identifier: MIT

/// The fields of a mapping in a script.
struct Fields {
  private let values: [(name: String, value: SourceNode)]
  private let what: String
  /// The mapping itself.
  let source: SourceNode

  /// Reads a mapping that has known fields only.
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
          "\(what) has no field '\(name)'; known: \(known.sorted().joined(separator: ", "))")
      }
      values.append((name, value))
    }
    self.values = values
  }

  subscript(name: String) -> SourceNode? {
    values.first { $0.name == name }?.value
  }

  /// Answers a field that must be there.
  func required(_ name: String) throws(ScriptError) -> SourceNode {
    guard let value = self[name] else { throw source.error("\(what) needs '\(name)'") }
    return value
  }
}
