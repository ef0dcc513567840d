// SPDX-License-Identifier: MIT

/// What is known of a device before anything is checked on it.
public struct DeviceDescription: Hashable, Sendable {
  /// Where the answers come from: figures of one are never shown as another's.
  public enum Location: String, Hashable, Sendable, Codable {
    case board
    case vm
    case mock

    /// Whether there are caches that what was not written back can be lost from: QEMU has none.
    public var losesDirtyLines: Bool { self != .vm }
  }

  public let label: String
  public let driver: String
  public let summary: String
  public let version: String
  /// Nil where the driver does not say it.
  public let isCoherent: Bool?
  /// Where the coherency is known from, or why it is not.
  public let coherencyOrigin: String
  public let features: [String]
  /// The running kernel's release; `mock` for a mock.
  public let kernel: String
  /// In bytes.
  public let pageSize: Int
  /// The size of a cache line in bytes.
  public let lineSize: Int
  /// Which rules of the 2025 series the driver follows: `merged` for every real one.
  public let policy: String
  public let location: Location
  /// Most specific first.
  public let compatible: [String]
  /// What a person must know about what is said of this driver; nil where nothing.
  public let caveat: String?
}
