// SPDX-License-Identifier: MIT

internal import DRMKernel

/// Does a mock machine's cache maintenance as the DMA API of arm64 does it, and keeps a record of it, oldest
/// first.
final class MaintenanceLog {
  private(set) var records: [MaintenanceRecord] = []

  /// For the device: lines are cleaned, whichever way the data goes.
  func syncForDevice(_ mapping: DMAMapping, _ range: Range<UInt64>) {
    maintain(.clean, mapping, range)
  }

  /// For the CPU: lines are dropped, unless the device only read.
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
