// SPDX-License-Identifier: MIT

internal import DRMKernel

/// The DMA API of a mock machine: maintains caches as arm64 does, and records each operation.
final class MaintenanceLog {
  /// The operations so far, oldest first.
  private(set) var records: [MaintenanceRecord] = []

  /// Cleans lines, whatever the direction: `arch_sync_dma_for_device`.
  func syncForDevice(_ mapping: DMAMapping, _ range: Range<UInt64>) {
    maintain(.clean, mapping, range)
  }

  /// Invalidates lines, except for `DMA_TO_DEVICE`: `arch_sync_dma_for_cpu`.
  func syncForCPU(_ mapping: DMAMapping, _ range: Range<UInt64>, _ direction: DMADirection) {
    if direction != .toDevice { maintain(.invalidate, mapping, range) }
  }

  private func maintain(
    _ action: MaintenanceRecord.Action, _ mapping: DMAMapping, _ range: Range<UInt64>
  ) {
    guard !mapping.isCoherent else { return }
    records.append(
      MaintenanceRecord(
        action: action, device: mapping.device, buffer: mapping.buffer, range: range))
    guard let memory = mapping.memory else { return }
    let bytes = Int(range.lowerBound)..<Int(range.upperBound)
    switch action {
    case .clean: memory.clean(bytes)
    case .invalidate: memory.invalidate(bytes)
    }
  }
}

/// The direction of a transfer in the DMA API: `enum dma_data_direction`.
enum DMADirection {
  /// The CPU writes, the device reads.
  case toDevice
  /// The device writes, the CPU reads.
  case fromDevice
  case bidirectional
}

/// A DMA mapping of a memory; cache maintenance needs one, and is skipped for a coherent device.
struct DMAMapping {
  /// The path of a render node, or the name of an exporter.
  let device: String
  let isCoherent: Bool
  /// The number of the BO on that device, in order of creation.
  let buffer: Int
  /// In bytes.
  let size: UInt64
  /// The memory whose lines are maintained; nil where it is freed together with the mapping.
  var memory: MockMemory?
}
