// SPDX-License-Identifier: MIT

/// Why a file is no trace that can be read: one line, with its place once it is known.
public struct TraceError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  init(_ description: String) {
    self.description = description
  }

  func at(_ place: String) -> TraceError { TraceError("\(place): \(description)") }
}
