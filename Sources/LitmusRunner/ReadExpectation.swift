// SPDX-License-Identifier: MIT

/// What a read must find.
struct ReadExpectation: Hashable {
  /// The last writes ordered before it, piece by piece.
  let pieces: [WriteHistory.Piece]
  /// The one that the script names; nil where it names none.
  let named: WriteHistory.Writer?

  /// Whether the script names another write than the last one ordered before: then nothing it finds is right.
  var isRace: Bool {
    guard let named else { return false }
    return pieces.contains { $0.writer != named && $0.writer != .unknown }
  }
}
