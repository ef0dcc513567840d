// SPDX-License-Identifier: MIT

/// What one write of a script is called, and the bytes it leaves.
public struct ScriptWrite: Hashable, Sendable {
  /// As the script names it, or its place.
  public let name: String

  /// Creates a write.
  public init(name: String) {
    self.name = name
  }

  /// The byte that write `number` leaves at an offset of its buffer: never zero, and for any two of 255 writes
  /// in a row another one.
  public static func byte(of number: Int, at offset: UInt64) -> UInt8 {
    // The round past 255 writes moves with the offset, so that even then few bytes agree by chance.
    let round = number / 255
    return UInt8(1 + (number + round * Int(truncatingIfNeeded: offset % 7)) % 255)
  }
}
