// SPDX-License-Identifier: MIT

internal import Yams

/// Reads scripts.
public enum ScriptReader {
  /// The size limit of a script, in bytes.
  public static let mostBytes = 64 << 20

  /// Reads a script and resolves every name in it.
  ///
  /// - Parameters:
  ///   - path: the script's name in errors and results.
  ///   - text: the file's contents.
  /// - Throws: the first error, with its line and column.
  public static func read(path: String, text: String) throws(ScriptError) -> Script {
    let start = SourcePosition(file: path)
    guard text.utf8.count <= mostBytes else {
      throw ScriptError(start, "the script is longer than \(mostBytes >> 20) MiB")
    }
    if let place = NestingLimit.firstExcess(in: text) {
      throw ScriptError(
        SourcePosition(file: path, line: place.line, column: place.column),
        "this is nested too deep for a script")
    }
    guard let root = try compose(text, path) else {
      throw ScriptError(start, "the script is empty")
    }
    let source = SourceNode(root, file: path)
    let fields = try Fields(source, of: "a script", known: ["version", "about", "nodes", "steps"])
    let version = try fields.required("version")
    guard try version.string("a version") == "1" else {
      throw ScriptError(version.position, "the version is not 1, the only one that exists")
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
      throw ScriptError(SourcePosition(file: path), "\(error)")
    }
  }
}

extension ScriptError {
  /// Reports a YAML error in one line; the library's own text shows the source in several.
  fileprivate init(yaml error: YamlError, _ path: String) {
    var place = (line: 1, column: 1)
    var message = "it cannot be parsed"
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      (place, message) = ((mark.line, mark.column), problem)
    case .duplicatedKeysInMapping(let names, let context):
      place = (context.mark.line, context.mark.column)
      message = "duplicate key '\(names.first ?? "")'"
    case .reader(let problem, let offset, _, let text):
      (place, message) = (Self.place(of: offset ?? 0, in: text), problem)
    default: break
    }
    self.init(
      SourcePosition(file: path, line: max(place.line, 1), column: max(place.column, 1)),
      "invalid YAML: \(message)")
  }

  /// Returns the line and column of a byte.
  private static func place(of offset: Int, in text: String) -> (line: Int, column: Int) {
    var place = (line: 1, column: 1)
    for byte in text.utf8.prefix(offset) {
      place = byte == UInt8(ascii: "\n") ? (place.line + 1, 1) : (place.line, place.column + 1)
    }
    return place
  }
}

/// Finds text that is nested too deep, before the parser recurses for each level.
enum NestingLimit {
  // Scripts need five levels. An indentation of n columns holds at most n levels.
  private static let mostOpen = 32
  private static let mostIndentation = 128

  /// Returns the first position, counted from 1, where more brackets are open or a line is indented further
  /// than in any script.
  static func firstExcess(in text: String) -> (line: Int, column: Int)? {
    var line = 1
    var column = 0
    var open = 0
    var isIndenting = true
    for byte in text.utf8 {
      column += 1
      switch byte {
      case UInt8(ascii: "\n"):
        (line, column, isIndenting) = (line + 1, 0, true)
        continue
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        open += 1
        isIndenting = false
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        open = max(0, open - 1)
        isIndenting = false
      case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "?"): break
      default: isIndenting = false
      }
      if open > mostOpen || isIndenting && column > mostIndentation { return (line, column) }
    }
    return nil
  }
}
