// SPDX-License-Identifier: MIT

/// What the word at offset 4 of a sync operation means to the kernel.
///
/// Request codes, sizes and offsets are the same in both, so a kernel cannot be asked which one it speaks,
/// and takes the other's words for its own: `series-v4` is for who booted such a kernel.
public enum SyncDialect: String, CaseIterable, Hashable, Sendable {
  /// A type, flush or flush-and-invalidate: Linux 7.0 and later.
  case merged
  /// Flags, for whom and for which access: version 4 of the series, October 2025.
  ///
  /// Cached maps came with panthor 1.6 and panfrost 1.5 there.
  case seriesV4 = "series-v4"
}

/// The flags of the series: bits of the word where the merged interface has a type.
enum SeriesFlags {
  private static let forDevice: UInt32 = 1 << 0
  private static let read: UInt32 = 1 << 1
  private static let write: UInt32 = 1 << 2

  static func word(for accessor: SyncAccessor, _ access: SyncAccess) -> UInt32 {
    let bits =
      switch access {
      case .read: read
      case .write: write
      case .readWrite: read | write
      }
    return accessor == .device ? forDevice | bits : bits
  }

  /// Cleans, as the merged flush does.
  static let flush = forDevice | read
  /// The two operations that clean and then drop, which is what the merged flush-and-invalidate does.
  static let clean = forDevice | read | write
  static let invalidate = read
}

/// The words of the operations that a sync is spelled with, of which the second may be absent.
typealias SyncWords = (first: UInt32, second: UInt32?)

extension SyncDialect {
  /// Answers the words for a kind.
  func words(for kind: SyncKind) -> SyncWords {
    switch (self, kind) {
    case (.merged, _): (kind.rawValue, nil)
    case (.seriesV4, .flush): (SeriesFlags.flush, nil)
    case (.seriesV4, .flushAndInvalidate): (SeriesFlags.clean, SeriesFlags.invalidate)
    }
  }

  /// Answers the word for an access; nil where nothing is to be asked for.
  func word(for accessor: SyncAccessor, _ access: SyncAccess) -> UInt32? {
    switch self {
    case .merged: SyncKind(for: accessor, access)?.rawValue
    case .seriesV4: SeriesFlags.word(for: accessor, access)
    }
  }
}
