// SPDX-License-Identifier: MIT

internal import DRMDrivers

/// How one kernel driver spells the common operations, at one version.
protocol Driver: AnyObject, Sendable {
  /// The kernel's name for it.
  var name: String { get }
  /// What it offers at its version.
  var features: Features { get }

  /// How its kernel reads a sync operation.
  var dialect: SyncDialect { get }

  /// Whether BOs are made on the primary node only.
  var needsPrimaryNode: Bool { get }
  /// What a person must know about what is said of this driver; nil where it was compared with the real one.
  var caveat: String? { get }

  /// Answers since which version a feature exists, nil where it never did.
  func version(offering feature: Features) -> DriverVersion?

  func coherency(in file: DRMFile) throws(DRMError) -> Coherency
  func properties(in file: DRMFile) throws(DRMError) -> [DeviceProperty]
  /// Which cores there are, as masks.
  func cores(in file: DRMFile) throws(DRMError) -> (shader: UInt64, tiler: UInt64)
  func createBuffer(
    size: UInt64, mapping: CPUMapping, options: BufferOptions, in file: DRMFile
  ) throws(DRMError) -> (handle: GEMHandle, size: UInt64)
  func setLabel(
    _ label: UInt64, of handle: GEMHandle, in file: DRMFile
  ) throws(DRMError)
  func fakeOffset(of handle: GEMHandle, in file: DRMFile) throws(DRMError) -> FakeOffset
  func info(of handle: GEMHandle, in file: DRMFile) throws(DRMError) -> BufferInfo
  /// How one sync is issued, nil where the driver at its version has no such call.
  var syncCall: SyncCall? { get }
  func sync(_ batch: borrowing SyncBatch, in file: DRMFile) throws(DRMError)
}

extension Driver {
  var dialect: SyncDialect { .merged }
  var needsPrimaryNode: Bool { false }
  var caveat: String? { nil }
  var syncCall: SyncCall? { nil }

  // Of a driver that has been at 1.0 ever since, and tells nothing of its device.

  func version(offering feature: Features) -> DriverVersion? {
    features.contains(feature) ? DriverVersion(1, 0) : nil
  }

  func coherency(in file: DRMFile) throws(DRMError) -> Coherency { .neverReported }
  func properties(in file: DRMFile) throws(DRMError) -> [DeviceProperty] { [] }

  // What a driver without the feature is never asked: the client requires it first.

  func setLabel(
    _ label: UInt64, of handle: GEMHandle, in file: DRMFile
  ) throws(DRMError) {
    throw missing(.label, in: file)
  }

  func info(of handle: GEMHandle, in file: DRMFile) throws(DRMError) -> BufferInfo {
    throw missing(.queryBuffer, in: file)
  }

  func cores(in file: DRMFile) throws(DRMError) -> (shader: UInt64, tiler: UInt64) {
    throw missing(.queryDevice, in: file)
  }

  func sync(_ batch: borrowing SyncBatch, in file: DRMFile) throws(DRMError) {
    throw missing(.syncBuffer, in: file)
  }

  private func missing(_ operation: DRMError.Operation, in file: DRMFile) -> DRMError {
    DRMError(
      operation: operation, reason: .notOffered(driver: name), subject: .node(file.path))
  }

  /// Refuses an operation that the driver does not have at this version, before any call.
  func require(
    _ feature: Features,
    _ operation: DRMError.Operation,
    in file: DRMFile
  ) throws(DRMError) {
    guard !features.contains(feature) else { return }
    let reason: DRMError.Reason =
      if let since = version(offering: feature) {
        .needs(driver: name, since: since)
      } else {
        .notOffered(driver: name)
      }
    throw DRMError(operation: operation, reason: reason, subject: .node(file.path))
  }
}
