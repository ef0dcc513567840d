// SPDX-License-Identifier: MIT

/// The last writer of each byte of a memory, as one reader must see it.
struct WriteHistory {
  /// The origin of bytes.
  enum Writer: Hashable {
    /// A new BO.
    case zeroes
    /// A write of the script, by its number.
    case write(Int)
    /// A job that did not run: these bytes are not judged.
    case unknown
  }

  /// Bytes with one writer.
  struct Piece: Hashable {
    var range: Range<UInt64>
    let writer: Writer
  }

  // In ascending order, without overlaps; the gaps are zeroes.
  private var pieces: [Piece] = []

  /// Notes that a range was written.
  mutating func record(_ writer: Writer, _ range: Range<UInt64>) {
    guard !range.isEmpty else { return }
    let first = index(of: range.lowerBound)
    var last = first
    var kept: [Piece] = []
    while last < pieces.count, pieces[last].range.lowerBound < range.upperBound {
      let piece = pieces[last]
      if piece.range.lowerBound < range.lowerBound {
        kept.append(Piece(range: piece.range.lowerBound..<range.lowerBound, writer: piece.writer))
      }
      if piece.range.upperBound > range.upperBound {
        kept.append(Piece(range: range.upperBound..<piece.range.upperBound, writer: piece.writer))
      }
      last += 1
    }
    let place = kept.firstIndex { $0.range.lowerBound >= range.upperBound } ?? kept.count
    kept.insert(Piece(range: range, writer: writer), at: place)
    pieces.replaceSubrange(first..<last, with: kept)
  }

  /// Returns the writers of a range, piece by piece, without gaps.
  func writers(of range: Range<UInt64>) -> [Piece] {
    var found: [Piece] = []
    var next = range.lowerBound
    for piece in pieces[index(of: range.lowerBound)...] {
      guard piece.range.lowerBound < range.upperBound else { break }
      if piece.range.lowerBound > next {
        found.append(Piece(range: next..<piece.range.lowerBound, writer: .zeroes))
      }
      let shown = piece.range.clamped(to: range)
      found.append(Piece(range: shown, writer: piece.writer))
      next = shown.upperBound
    }
    if next < range.upperBound {
      found.append(Piece(range: next..<range.upperBound, writer: .zeroes))
    }
    return found
  }

  /// Returns the index of the first piece that ends past an offset.
  private func index(of offset: UInt64) -> Int {
    var (low, high) = (0, pieces.count)
    while low < high {
      let middle = (low + high) / 2
      if pieces[middle].range.upperBound > offset { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
