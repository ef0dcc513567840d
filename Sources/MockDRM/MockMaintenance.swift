// SPDX-License-Identifier: MIT

public import DRMKernel

/// Watches the maintenance record of a mock kernel.
public final class MockMaintenance: MaintenanceObserver {
  private let kernel: MockKernel
  private let seen = Guarded(0)

  /// Watches a kernel.
  public init(_ kernel: MockKernel) {
    self.kernel = kernel
  }

  public func begin() {
    let count = kernel.maintenance.count
    seen.withLock { $0 = count }
  }

  public func take() -> [MaintenanceRecord] {
    let records = kernel.maintenance
    return seen.withLock { seen in
      defer { seen = records.count }
      return Array(records[seen...])
    }
  }

  public func end() {}
}
