// SPDX-License-Identifier: MIT

/// One piece of cache maintenance that a kernel did on a range of a BO.
///
/// A sync of a WC BO, of a coherent device's BO or of a BO without pages leaves no record.
public struct MaintenanceRecord: Hashable, Sendable {
  /// A kind of cache maintenance.
  public enum Action: String, Hashable, Sendable {
    /// Dirty lines were written back: arm64 does it for a device, in every DMA direction.
    case clean
    /// Lines were invalidated: arm64 does it for the CPU, except after `DMA_TO_DEVICE`.
    case invalidate
  }

  /// What was done.
  public let action: Action
  /// The device whose DMA mapping was used: the path of a render node, or an exporter such as `udmabuf`.
  public let device: String
  /// The number of the BO, from 1, in the order in which the device got its BOs.
  public let buffer: Int
  /// The requested bytes, from the start of the BO, before they are widened to lines.
  public let range: Range<UInt64>

  /// Creates a record.
  public init(action: Action, device: String, buffer: Int, range: Range<UInt64>) {
    self.action = action
    self.device = device
    self.buffer = buffer
    self.range = range
  }

  /// Returns the maintained bytes: the range, widened to whole cache lines of `granule` bytes.
  public func lines(ofSize granule: UInt64) -> Range<UInt64> {
    let start = range.lowerBound / granule * granule
    let end = (range.upperBound + granule - 1) / granule * granule
    return start..<end
  }
}

/// The reason why cache maintenance could not be observed.
public enum MaintenanceError: Error, Hashable, Sendable, CustomStringConvertible {
  /// It cannot be observed at all, such as by a process that may not read the kernel's trace events.
  case unavailable(String)
  /// The kernel's trace could no longer be read.
  case unreadable(String)
  /// The kernel's trace buffer had no room for so many events: nothing follows from the others.
  case lostEvents(Int)

  /// `the kernel's trace lost 37 events`.
  public var description: String {
    switch self {
    case .unavailable(let reason): "cannot observe cache maintenance: \(reason)"
    case .unreadable(let reason): "the kernel's trace cannot be read: \(reason)"
    case .lostEvents(let count): "the kernel's trace lost \(count) events"
    }
  }
}

/// Reports the cache maintenance of a kernel: a mock from its record, Linux from its `dma:*` trace events.
public protocol MaintenanceObserver: Sendable {
  /// Starts to observe; BOs that exist already are not known.
  ///
  /// A kernel's trace has what the calling thread does, and threads that it starts later.
  ///
  /// - Throws: `unavailable`.
  func begin() throws(MaintenanceError)

  /// Returns what was done since the last call or since the start, oldest first.
  ///
  /// - Throws: `unreadable`; `lostEvents` where some of it may be missing, from then on until the next start.
  func take() throws(MaintenanceError) -> [MaintenanceRecord]

  /// Stops to observe.
  func end()
}
