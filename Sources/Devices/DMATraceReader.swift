// SPDX-License-Identifier: MIT

internal import DRMKernel

/// Translates `dma:*` trace events into cache maintenance of BOs.
///
/// A device maps the pages of a BO as a list of segments; later events name their addresses. Memory that a
/// device never mapped as a list is not a BO: page tables, and memory of other drivers.
struct DMATraceReader {
  /// A BO that a device has mapped.
  private struct Mapping {
    let device: String
    let number: Int
    let segments: [Segment]
  }

  /// Consecutive addresses of a BO, and their offset in it.
  private struct Segment {
    let address: UInt64
    let size: UInt64
    let offset: UInt64
  }

  // The paths of nodes, by the names of their devices in sysfs.
  private let nodes: [String: String]
  private var mappings: [Mapping] = []
  private var counts: [String: Int] = [:]

  /// The number of events that the buffer had no room for, since the last ``forget()``.
  ///
  /// After a loss nothing is known for certain: the mapping of a BO may be among the lost events.
  private(set) var lostEvents = 0

  init(nodes: [String: String]) {
    self.nodes = nodes
  }

  /// Forgets every mapping, and the losses.
  mutating func forget() {
    lostEvents = 0
    mappings.removeAll()
    counts.removeAll()
  }

  /// Returns the maintenance that a line reports; none where it is not about a BO.
  mutating func read(_ line: Substring) -> [MaintenanceRecord] {
    lostEvents += DMATraceEvent.losses(in: line)
    guard let event = DMATraceEvent(line) else { return [] }
    let device = nodes[event.device] ?? event.device
    switch event.name {
    case "dma_map_sg":
      return map(event, device)
    case "dma_unmap_sg":
      return unmap(event, device)
    case "dma_sync_single_for_device", "dma_sync_sg_for_device":
      return records(.clean, event, device)
    case "dma_sync_single_for_cpu", "dma_sync_sg_for_cpu":
      return event.direction == "TO_DEVICE" ? [] : records(.invalidate, event, device)
    default: return []
    }
  }

  /// Adds a mapping, which cleans unless the caller syncs by itself.
  private mutating func map(_ event: DMATraceEvent, _ device: String) -> [MaintenanceRecord] {
    var offset: UInt64 = 0
    var segments: [Segment] = []
    for (address, size) in event.segments {
      segments.append(Segment(address: address, size: size, offset: offset))
      offset += size
    }
    counts[device, default: 0] += 1
    mappings.append(
      Mapping(device: device, number: counts[device, default: 0], segments: segments))
    return event.skipsSync ? [] : records(.clean, event, device)
  }

  /// Removes a mapping, which invalidates unless the device only read or the caller syncs by itself.
  private mutating func unmap(_ event: DMATraceEvent, _ device: String) -> [MaintenanceRecord] {
    guard let first = event.physical.first,
      let index = mappings.lastIndex(where: {
        $0.device == device && $0.segments.first?.address == first
      })
    else { return [] }
    let mapping = mappings.remove(at: index)
    guard !event.skipsSync, event.direction != "TO_DEVICE" else { return [] }
    return mapping.segments.map { segment in
      MaintenanceRecord(
        action: .invalidate, device: device, buffer: mapping.number,
        range: segment.offset..<segment.offset + segment.size)
    }
  }

  /// Translates addresses into bytes of the BO whose mapping has them; the newest mapping wins.
  private func records(
    _ action: MaintenanceRecord.Action, _ event: DMATraceEvent, _ device: String
  ) -> [MaintenanceRecord] {
    event.segments.compactMap { address, size in
      for mapping in mappings.reversed() where mapping.device == device {
        for segment in mapping.segments
        where address >= segment.address && address - segment.address < segment.size {
          let start = segment.offset + (address - segment.address)
          return MaintenanceRecord(
            action: action, device: device, buffer: mapping.number, range: start..<start + size)
        }
      }
      return nil
    }
  }
}
