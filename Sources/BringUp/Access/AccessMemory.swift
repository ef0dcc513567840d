// SPDX-License-Identifier: MIT

/// Whose memory is accessed, and how it is mapped.
public enum AccessMemory: String, CaseIterable, Hashable, Sendable {
  /// A BO of the device's own, mapped write-back or write-combining.
  case writeBack = "wb"
  case writeCombining = "wc"
  /// A BO imported from another GPU's driver, mapped write-back there.
  case otherGPU = "other_gpu"
  case udmabuf
  case systemHeap = "system_heap"

  /// Whether it is another exporter's.
  public var isImported: Bool {
    switch self {
    case .writeBack, .writeCombining: false
    case .otherGPU, .udmabuf, .systemHeap: true
    }
  }
}
