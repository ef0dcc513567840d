// SPDX-License-Identifier: MIT

internal import DRMDrivers

/// The ioctls of one kernel driver, at one version of its uAPI.
protocol DriverUAPI: Sendable {
  /// The driver, its version and its ABI variant.
  var release: DriverRelease { get }

  /// Reads `selected_coherency`; called only where the driver reports it.
  func selectedCoherency(in file: DRMFile) throws(DRMError) -> UInt64
  func properties(in file: DRMFile) throws(DRMError) -> [DeviceProperty]
  /// Returns masks of the cores that the GPU has.
  func cores(in file: DRMFile) throws(DRMError) -> (shader: UInt64, tiler: UInt64)
  /// Returns the most queues of a group.
  func mostQueues(in file: DRMFile) throws(DRMError) -> Int
  func createBuffer(
    size: UInt64, mapping: CPUMapping, options: BufferOptions, in file: DRMFile
  ) throws(DRMError) -> (handle: GEMHandle, size: UInt64)
  /// Sets a label, by the address of its bytes; 0 removes it.
  func setLabel(_ label: UInt64, of handle: GEMHandle, in file: DRMFile) throws(DRMError)
  func fakeOffset(of handle: GEMHandle, in file: DRMFile) throws(DRMError) -> FakeOffset
  func info(of handle: GEMHandle, in file: DRMFile) throws(DRMError) -> BufferInfo
  /// Issues one sync; nil where the driver at its version has no such call.
  var syncCall: SyncCall? { get }
  func sync(_ batch: borrowing SyncBatch, in file: DRMFile) throws(DRMError)
}

extension DriverUAPI {
  var features: Features { release.features }
  var syncCall: SyncCall? { nil }

  func properties(in file: DRMFile) throws(DRMError) -> [DeviceProperty] { [] }

  /// Whether the device snoops, as the driver reports it from the version on that the catalog names.
  func coherency(in file: DRMFile) throws(DRMError) -> Coherency {
    guard let since = release.version(adding: .reportsCoherency) else { return .neverReported }
    guard features.contains(.reportsCoherency) else { return .notReported(before: since) }
    return Coherency(selected: try selectedCoherency(in: file))
  }

  // A driver without the feature is never called: the client requires the feature first.

  func selectedCoherency(in file: DRMFile) throws(DRMError) -> UInt64 {
    throw missing(.queryDevice, in: file)
  }

  func setLabel(_ label: UInt64, of handle: GEMHandle, in file: DRMFile) throws(DRMError) {
    throw missing(.label, in: file)
  }

  func info(of handle: GEMHandle, in file: DRMFile) throws(DRMError) -> BufferInfo {
    throw missing(.queryBuffer, in: file)
  }

  func cores(in file: DRMFile) throws(DRMError) -> (shader: UInt64, tiler: UInt64) {
    throw missing(.queryDevice, in: file)
  }

  func mostQueues(in file: DRMFile) throws(DRMError) -> Int {
    throw missing(.queryDevice, in: file)
  }

  func sync(_ batch: borrowing SyncBatch, in file: DRMFile) throws(DRMError) {
    throw missing(.syncBuffer, in: file)
  }

  private func missing(_ operation: DRMError.Operation, in file: DRMFile) -> DRMError {
    DRMError(
      operation: operation, reason: .notOffered(driver: release.driver),
      subject: .node(file.path))
  }

  /// Refuses an operation that the driver does not have at this version, before any call.
  func require(
    _ feature: Features, _ operation: DRMError.Operation, in file: DRMFile
  ) throws(DRMError) {
    guard !features.contains(feature) else { return }
    guard let since = release.version(adding: feature) else { throw missing(operation, in: file) }
    throw DRMError(
      operation: operation, reason: .needs(driver: release.driver, since: since),
      subject: .node(file.path))
  }
}

/// A driver at one version of its uAPI, with the features that the catalog lists for it.
struct DriverRelease: Sendable {
  let driver: DRMDriver
  let abi: SyncABI
  let features: Features

  /// Creates a release; of the version only the minor matters.
  init(_ driver: DRMDriver, _ version: DriverVersion, _ abi: SyncABI) {
    self.driver = driver
    self.abi = abi
    var features = driver.facts.features(ofMinor: version.minor)
    if abi == .seriesV4, let minor = driver.minorOfCachedMapsInSeries {
      features.subtract(.cachedMaps)
      if version.minor >= minor { features.formUnion(.cachedMaps) }
    }
    self.features = features
  }

  /// Returns the version that added a feature; nil where no version has it.
  func version(adding feature: Features) -> DriverVersion? {
    var minor = driver.facts.minor(adding: feature)
    if abi == .seriesV4, Features.cachedMaps.contains(feature) {
      minor = driver.minorOfCachedMapsInSeries
    }
    return minor.map { DriverVersion(1, $0) }
  }

  /// Makes the client's part for the driver.
  func makeUAPI() -> any DriverUAPI {
    switch driver {
    case .panthor: PanthorUAPI(release: self)
    case .panfrost: PanfrostUAPI(release: self)
    case .powervr: PowerVRUAPI(release: self)
    case .vgem: VGEMUAPI(release: self)
    }
  }
}

extension Features {
  /// What came with WB mappings, in the merged uAPI and in the series.
  fileprivate static let cachedMaps: Features = [
    .writeBackMapping, .explicitSync, .bufferQuery, .reportsCoherency,
  ]
}

extension DRMDriver {
  /// The minor version of ``Features/cachedMaps`` in version 4 of the series; another change has it since.
  fileprivate var minorOfCachedMapsInSeries: Int? {
    switch self {
    case .panthor: 6
    case .panfrost: 5
    case .powervr, .vgem: nil
    }
  }
}
