// SPDX-License-Identifier: MIT

/// For whom bytes are made ready, in the form of the series: `DRM_GEM_OBJECT_CPU_ACCESS`,
/// `DRM_GEM_OBJECT_DEV_ACCESS`.
public enum SyncAccessor: String, CaseIterable, Hashable, Sendable {
  case cpu
  case device
}

/// What they are going to do to the bytes: `DRM_GEM_OBJECT_READ_ACCESS`, `DRM_GEM_OBJECT_WRITE_ACCESS`.
public enum SyncAccess: String, CaseIterable, Hashable, Sendable {
  case read
  case write
  case readWrite = "read_write"
}

extension SyncKind {
  /// What drivers as merged are asked for instead; nil where nothing is to be done.
  ///
  /// Before a device's access lines are cleaned, whichever way its data goes. Before a read by the CPU they are
  /// dropped, and cleaned first, for no merged kind only drops; before its writes nothing is wrong with them.
  public init?(for accessor: SyncAccessor, _ access: SyncAccess) {
    switch (accessor, access) {
    case (.device, _): self = .flush
    case (.cpu, .read), (.cpu, .readWrite): self = .flushAndInvalidate
    case (.cpu, .write): return nil
    }
  }
}
