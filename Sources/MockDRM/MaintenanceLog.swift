// SPDX-License-Identifier: MIT

internal import DRMKernel

/// What cache maintenance a mock machine did, oldest first, as the DMA API of arm64 does it.
final class MaintenanceLog {
  private(set) var records: [MaintenanceRecord] = []

  /// For the device: lines are cleaned, whichever way the data goes.
  func syncForDevice(_ mapping: DMAMapping, _ range: Range<UInt64>) {
    append(.clean, mapping, range)
  }

  /// For the CPU: lines are dropped, unless the device only read.
  func syncForCPU(_ mapping: DMAMapping, _ range: Range<UInt64>, _ direction: DMADirection) {
    if direction != .toDevice { append(.invalidate, mapping, range) }
  }

  private func append(
    _ action: MaintenanceRecord.Action, _ mapping: DMAMapping, _ range: Range<UInt64>
  ) {
    guard !mapping.isCoherent else { return }
    records.append(
      MaintenanceRecord(
        action: action, device: mapping.device, buffer: mapping.buffer, range: range))
  }
}
