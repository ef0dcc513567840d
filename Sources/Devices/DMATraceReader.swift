// SPDX-License-Identifier: MIT

internal import DRMKernel

/// Translates `dma:*` trace events into cache maintenance of BOs.
///
/// A device maps the pages of a BO as a list of segments; later events name their addresses. Memory that a
/// device mapped in one piece is not a BO: page tables, and memory of other drivers.
struct DMATraceReader {
  /// Memory that a device has mapped.
  private struct Mapping {
    let device: String
    /// The number of the BO; nil for memory that is not a BO.
    let number: Int?
    let segments: [Segment]
  }

  /// Consecutive addresses of a BO, and their offset in it.
  private struct Segment {
    let address: UInt64
    let size: UInt64
    let offset: UInt64
  }

  // What to call each device, by its name in sysfs.
  private let devices: [String: String]
  private var mappings: [Mapping] = []
  private var counts: [String: Int] = [:]

  /// The number of events that are not known whole: nothing follows from the others.
  private(set) var unreadEvents = 0

  /// Creates a reader that leaves out other devices.
  init(devices: [String: String]) {
    self.devices = devices
  }

  /// Returns the maintenance that a line reports; none where it is not about a BO.
  mutating func read(_ line: Substring) -> [MaintenanceRecord] {
    // The kernel writes this for an event whose text is longer than its buffer.
    if line.hasSuffix("[LINE TOO BIG]") { unreadEvents += 1 }
    guard let event = DMATraceEvent(line), let device = devices[event.device] else { return [] }
    let records: [MaintenanceRecord]
    switch event.name {
    case "dma_map_sg":
      records = map(event, device)
    case "dma_unmap_sg":
      records = unmap(event, device)
    case "dma_map_page", "dma_map_phys":
      mappings.append(
        Mapping(device: device, number: nil, segments: Self.consecutive(event.segments)))
      records = []
    case "dma_unmap_page", "dma_unmap_phys":
      _ = removeMapping(of: device, isBuffer: false, at: event.segments.first?.address)
      records = []
    case "dma_sync_single_for_device", "dma_sync_sg_for_device":
      records = self.records(.clean, event, device)
    case "dma_sync_single_for_cpu", "dma_sync_sg_for_cpu":
      records = event.direction == "TO_DEVICE" ? [] : self.records(.invalidate, event, device)
    default: return []
    }
    if !event.isWhole { unreadEvents += 1 }
    return records
  }

  /// Adds a mapping, which cleans unless the caller syncs by itself.
  private mutating func map(_ event: DMATraceEvent, _ device: String) -> [MaintenanceRecord] {
    counts[device, default: 0] += 1
    mappings.append(
      Mapping(
        device: device, number: counts[device], segments: Self.consecutive(event.segments)))
    return event.skipsSync ? [] : records(.clean, event, device)
  }

  /// Removes a mapping, which invalidates unless the device only read or the caller syncs by itself.
  private mutating func unmap(_ event: DMATraceEvent, _ device: String) -> [MaintenanceRecord] {
    guard let mapping = removeMapping(of: device, isBuffer: true, at: event.physical.first),
      let number = mapping.number, !event.skipsSync, event.direction != "TO_DEVICE"
    else { return [] }
    return mapping.segments.map { segment in
      MaintenanceRecord(
        action: .invalidate, device: device, buffer: number,
        range: segment.offset..<segment.offset + segment.size)
    }
  }

  /// Removes the newest mapping of a BO, or of other memory, that starts at an address.
  private mutating func removeMapping(
    of device: String, isBuffer: Bool, at address: UInt64?
  ) -> Mapping? {
    let index = mappings.lastIndex {
      $0.device == device && ($0.number != nil) == isBuffer && $0.segments.first?.address == address
    }
    return index.map { mappings.remove(at: $0) }
  }

  /// Places segments one after another.
  private static func consecutive(_ segments: [(address: UInt64, size: UInt64)]) -> [Segment] {
    var offset: UInt64 = 0
    return segments.map { address, size in
      defer { offset &+= size }
      return Segment(address: address, size: size, offset: offset)
    }
  }

  /// Translates addresses into bytes of the BO whose mapping has them; the newest mapping wins.
  private mutating func records(
    _ action: MaintenanceRecord.Action, _ event: DMATraceEvent, _ device: String
  ) -> [MaintenanceRecord] {
    var isKnown = true
    let records = event.segments.compactMap { address, size -> MaintenanceRecord? in
      for mapping in mappings.reversed() where mapping.device == device {
        for segment in mapping.segments
        where address >= segment.address && address - segment.address < segment.size {
          guard let number = mapping.number else { return nil }
          let start = segment.offset &+ (address - segment.address)
          return MaintenanceRecord(
            action: action, device: device, buffer: number, range: start..<max(start, start &+ size)
          )
        }
      }
      isKnown = false
      return nil
    }
    // Only a BO is synced as a list: the event of its mapping is missing, such as one that was too large to record.
    if event.name.hasPrefix("dma_sync_sg_"), !isKnown { unreadEvents += 1 }
    return records
  }
}
