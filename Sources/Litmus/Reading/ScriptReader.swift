// SPDX-License-Identifier: MIT

internal import Yams

/// Reads scripts.
public enum ScriptReader {
  /// In bytes; the longest script that is worth reading.
  public static let mostBytes = 64 << 20

  /// Reads a script and resolves every name in it.
  ///
  /// - Parameters:
  ///   - path: how errors and results name it.
  ///   - text: the file's contents.
  /// - Throws: the first thing that is wrong, with its line and column.
  public static func read(path: String, text: String) throws(ScriptError) -> Script {
    let start = SourcePosition(file: path, line: 1, column: 1)
    guard text.utf8.count <= mostBytes else {
      throw ScriptError(start, "the script is longer than \(mostBytes >> 20) MiB")
    }
    if let place = NestingLimit.firstExcess(in: text) {
      throw ScriptError(
        SourcePosition(file: path, line: place.line, column: place.column),
        "this is nested deeper than any script is")
    }
    guard let root = try compose(text, path) else {
      throw ScriptError(start, "the script is empty")
    }
    let source = SourceNode(root, file: path)
    let fields = try Fields(source, of: "a script", known: ["version", "about", "nodes", "steps"])
    let version = try fields.required("version")
    guard try version.string("a version") == "1" else {
      throw ScriptError(version.position, "the version is not 1, the only one there is")
    }
    let steps = try fields.required("steps")
    var assembly = ScriptAssembly(path: path, stepSources: try steps.items("a list of steps"))
    assembly.about = try fields["about"]?.string("one line of text") ?? ""
    try assembly.readNodes(fields["nodes"])
    for step in assembly.stepSources { try assembly.readStep(step) }
    guard !assembly.steps.isEmpty else { throw steps.error("the script has no steps") }
    return assembly.script
  }

  private static func compose(_ text: String, _ path: String) throws(ScriptError) -> Node? {
    do {
      return try Parser(yaml: text, resolver: .basic).singleRoot()
    } catch let error as YamlError {
      throw ScriptError(yaml: error, path)
    } catch {
      throw ScriptError(SourcePosition(file: path, line: 1, column: 1), "\(error)")
    }
  }
}

extension ScriptError {
  /// Says what YAML is wrong in one line; the library's own text shows the source over several.
  fileprivate init(yaml error: YamlError, _ path: String) {
    var place = (line: 1, column: 1)
    var message = "it cannot be parsed"
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      (place, message) = ((mark.line, mark.column), problem)
    case .duplicatedKeysInMapping(let names, let context):
      place = (context.mark.line, context.mark.column)
      message = "'\(names.first ?? "")' is there twice"
    case .reader(let problem, let offset, _, let text):
      (place, message) = (Self.place(of: offset ?? 0, in: text), problem)
    default: break
    }
    self.init(
      SourcePosition(file: path, line: max(place.line, 1), column: max(place.column, 1)),
      "this is no YAML: \(message)")
  }

  /// The line and column of a byte.
  private static func place(of offset: Int, in text: String) -> (line: Int, column: Int) {
    var place = (line: 1, column: 1)
    for byte in text.utf8.prefix(offset) {
      place = byte == UInt8(ascii: "\n") ? (place.line + 1, 1) : (place.line, place.column + 1)
    }
    return place
  }
}
