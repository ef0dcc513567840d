// SPDX-License-Identifier: MIT

/// What is wrong with a script, and where.
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
