// SPDX-License-Identifier: MIT

public import DRM
internal import DRMDrivers
public import DRMKernel
internal import MockDRM

/// A mock machine with the devices of a given machine, to compare results with.
public struct ReferenceMock: Sendable {
  /// The name of the mock of the device, such as `mock:panthor,minor=7`.
  public let label: String
  /// The nodes of the mock, by the paths of the nodes that they replace.
  public let paths: [String: String]
  private let profiles: [MockProfile]

  /// Describes a mock of the machine that a device is in.
  ///
  /// Driver and options are those of the named mock. Coherency, version, kernel and page size are those of
  /// the device, and whether invalidation can lose bytes follows from its location.
  ///
  /// - Throws: for a mock of another driver, for several mocks, or for an option with another value than the device's.
  public init(of device: DRMDevice, like mocks: MockSelector) throws(DeviceError) {
    guard let mock = mocks.profiles.first, mocks.profiles.count == 1 else {
      throw DeviceError.usage("--against takes one mock device, not \(mocks.profiles.count)")
    }
    let description = device.description
    guard mock.driver.rawValue == description.driver else {
      throw DeviceError.usage(
        "--against \(mocks.names[0]): \(description.label) has the driver \(description.driver)")
    }
    let kernel = KernelRelease(description.kernel)?.version ?? mock.kernel
    var caches = mock.caches
    if !description.location.losesDirtyLines { caches.invalidate = .writeBack }
    let reference = MockProfile(
      mock.driver, kernel: kernel,
      minor: description.minor,
      isCoherent: description.isCoherent ?? mock.isCoherent, pageSize: description.pageSize,
      hasHeap: mock.hasHeap, caches: caches, policy: mock.policy, jobs: mock.jobs,
      fault: mock.fault)
    for option in mocks.options {
      let value = reference.value(of: option.optionName)
      guard mock.value(of: option.optionName) == value else {
        throw DeviceError.usage(
          "--against \(mocks.names[0]): '\(option)' cannot be compared with \(description.label), "
            + "whose value is \(value)")
      }
    }
    var profiles = [reference]
    var places: [(device: DeviceDescription, index: Int)] = [(description, 0)]
    for neighbour in device.neighbours {
      guard let driver = MockProfile.Driver(rawValue: neighbour.driver) else { continue }
      places.append((neighbour, profiles.count))
      profiles.append(
        MockProfile(
          driver, kernel: kernel, isCoherent: neighbour.isCoherent ?? false,
          pageSize: description.pageSize))
    }
    self.profiles = profiles
    label = "mock:\(reference)"
    let mocks = MockKernel(profiles).devices()
    var paths: [String: String] = [:]
    for (device, index) in places {
      if let render = device.renderNode { paths[render] = mocks[index].renderNode }
      if let primary = device.primaryNode { paths[primary] = mocks[index].primaryNode }
    }
    self.paths = paths
  }

  /// Creates a machine of this kind, with no open file.
  public func makeKernel() -> Kernel { .substitute(MockKernel(profiles)) }
}
