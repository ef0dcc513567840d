// SPDX-License-Identifier: MIT

/// An error in a script, with its position.
public struct ScriptError: Error, Hashable, CustomStringConvertible, Sendable {
  public let position: SourcePosition
  public let message: String

  /// Creates an error.
  public init(_ position: SourcePosition, _ message: String) {
    self.position = position
    self.message = message
  }

  public var description: String { "\(position): \(message)" }
}

/// A position in a script file; prints as editors parse it, `FILE:LINE:COLUMN`.
public struct SourcePosition: Hashable, Sendable, CustomStringConvertible {
  public let file: String
  /// Counted from 1.
  public let line: Int
  /// Counted from 1.
  public let column: Int

  /// Creates a position; without line and column, the start of the file.
  public init(file: String, line: Int = 1, column: Int = 1) {
    self.file = file
    self.line = line
    self.column = column
  }

  public var description: String { "\(file):\(line):\(column)" }
}
