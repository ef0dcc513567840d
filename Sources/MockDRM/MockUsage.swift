// SPDX-License-Identifier: MIT

/// How much of a mock kernel is in use.
public struct MockUsage: Hashable, Sendable {
  /// Descriptors of nodes and dma-bufs.
  public let descriptors: Int
  /// Open files of nodes.
  public let files: Int
  /// GEM handles, in all files.
  public let handles: Int
  /// BOs, whoever keeps them alive.
  public let buffers: Int
  /// CPU mappings.
  public let mappings: Int
  /// Jobs that have not ended.
  public let jobs: Int

  /// A kernel that nobody uses.
  public static let none = MockUsage(
    descriptors: 0,
    files: 0,
    handles: 0,
    buffers: 0,
    mappings: 0,
    jobs: 0
  )
}
