// SPDX-License-Identifier: MIT

/// What the driver says of a BO; never changes over the BO's life.
public struct BufferInfo: Hashable, Sendable {
  /// The mapping it was created for; `.writeCombining` for an imported BO, of which nothing is known.
  public let mapping: CPUMapping
  /// Whether the memory belongs to another exporter: syncs then go through its dma-buf.
  public let isImported: Bool
}
