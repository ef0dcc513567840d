// SPDX-License-Identifier: MIT

/// Reads scripts.
public enum ScriptReader {
  /// The size limit of a script, in bytes.
  public static let mostBytes = 64 << 20

  /// Reads a script and resolves every name in it.
  ///
  /// - Parameters:
  ///   - path: the script's name in errors and results.
  ///   - bytes: the file's contents: UTF-8, with or without a byte order mark.
  /// - Throws: the first error, with its line and column.
  public static func read(path: String, bytes: [UInt8]) throws(ScriptError) -> Script {
    guard bytes.count <= mostBytes else {
      throw ScriptError(
        SourcePosition(file: path), "the script is longer than \(mostBytes >> 20) MiB")
    }
    var iterator = bytes.makeIterator()
    var parser = Unicode.UTF8.ForwardParser()
    var (line, column) = (1, 1)
    reading: while true {
      switch parser.parseScalar(from: &iterator) {
      case .valid(let scalar):
        let isNewline = scalar.count == 1 && scalar.first == UInt8(ascii: "\n")
        (line, column) = isNewline ? (line + 1, 1) : (line, column + 1)
      case .emptyInput: break reading
      case .error:
        throw ScriptError(
          SourcePosition(file: path, line: line, column: column), "the script is not UTF-8")
      }
    }
    return try read(path: path, text: String(decoding: bytes, as: UTF8.self))
  }

  /// Reads a script from text; see ``read(path:bytes:)``.
  public static func read(path: String, text: String) throws(ScriptError) -> Script {
    let start = SourcePosition(file: path)
    guard text.utf8.count <= mostBytes else {
      throw ScriptError(start, "the script is longer than \(mostBytes >> 20) MiB")
    }
    let byteOrderMark: Unicode.Scalar = "\u{feff}"
    let isMarked = text.unicodeScalars.first == byteOrderMark
    let text = isMarked ? String(text.unicodeScalars.dropFirst()) : text
    guard let root = try ScriptYAML(path: path, text: text).root() else {
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
}
