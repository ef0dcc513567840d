// SPDX-License-Identifier: MIT

/// A word as a POSIX shell reads it back unchanged.
public enum ShellWord {
  /// Quotes a word, whatever it holds.
  public static func quoted(_ word: String) -> String {
    "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
      + "'"
  }
}
