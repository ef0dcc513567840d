// SPDX-License-Identifier: MIT

internal import CDRM

/// Texts of which a line has to contain one: a fast test before a line is looked at closely.
struct Needles {
  private let texts: [[UInt8]]

  init(_ texts: [String]) { self.texts = texts.map { Array($0.utf8) } }

  /// Whether bytes contain one of the texts.
  func areIn(_ bytes: ArraySlice<UInt8>) -> Bool {
    unsafe bytes.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return false }
      for text in texts {
        let isFound = unsafe text.withUnsafeBytes { text in
          guard let first = text.baseAddress else { return true }
          return unsafe cdrm_contains(start, bytes.count, first, text.count)
        }
        if isFound { return true }
      }
      return false
    }
  }
}
