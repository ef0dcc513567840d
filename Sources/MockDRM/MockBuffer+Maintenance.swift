// SPDX-License-Identifier: MIT

extension MockBuffer {
  /// Records a clean, and an invalidate after it, unless the device is coherent.
  ///
  /// A coherent device's DMA mapping needs no maintenance, so the DMA API does nothing.
  func recordMaintenance(_ range: Range<UInt64>, invalidates: Bool) {
    guard !device.profile.isCoherent else { return }
    device.maintenance.append(
      MaintenanceRecord(action: .clean, buffer: serial, range: range))
    if invalidates {
      device.maintenance.append(
        MaintenanceRecord(action: .invalidate, buffer: serial, range: range))
    }
  }
}
