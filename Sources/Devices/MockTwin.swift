// SPDX-License-Identifier: MIT

public import DRM
internal import DRMDrivers
public import DRMKernel
internal import MockDRM

/// Mock machines with the same devices as one that is there, to compare answers with.
public struct MockTwin: Sendable {
  /// What the mock of the device itself is called.
  public let label: String
  /// Which of the mock's nodes stands for which of the machine's.
  public let paths: [String: String]
  private let profiles: [MockProfile]

  /// Plans a machine like the one a device is in.
  ///
  /// The named mock says the driver, and whatever option it has; coherency, version, kernel and page size
  /// are the device's, and so is whether invalidated bytes can be lost.
  ///
  /// - Throws: for a mock of another driver, or several of them.
  public init(of device: DRMDevice, like mocks: MockSelector) throws(DeviceError) {
    guard let mock = mocks.profiles.first, mocks.profiles.count == 1 else {
      throw DeviceError.usage("--against takes one mock device")
    }
    let description = device.description
    guard mock.driver.rawValue == description.driver else {
      throw DeviceError.usage(
        "\(description.label) is a \(description.driver), which mock:\(mock) cannot stand for")
    }
    let kernel = KernelRelease(description.kernel)?.version ?? mock.kernel
    var caches = mock.caches
    if !description.location.losesDirtyLines { caches.invalidate = .writeBack }
    let twin = MockProfile(
      mock.driver, kernel: kernel,
      minor: description.minor.map { min($0, mock.driver.newestMinor) },
      isCoherent: description.isCoherent ?? mock.isCoherent, pageSize: description.pageSize,
      caches: caches, policy: mock.policy, fault: mock.fault)
    var profiles = [twin]
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
    label = "mock:\(twin)"
    let mine = MockKernel(profiles).devices()
    var paths: [String: String] = [:]
    for (device, index) in places {
      if let render = device.renderNode { paths[render] = mine[index].renderNode }
      if let primary = device.primaryNode { paths[primary] = mine[index].primaryNode }
    }
    self.paths = paths
  }

  /// Makes such a machine, with nothing in use.
  public func makeKernel() -> Kernel { .substitute(MockKernel(profiles)) }
}
