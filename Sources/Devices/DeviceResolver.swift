// SPDX-License-Identifier: MIT

public import DRMKernel
internal import CDRM
internal import DRM
internal import MockDRM

/// Finds the devices that a selector means.
public struct DeviceResolver: Sendable {
  private let kernel: Kernel
  private let system: SystemTree

  /// Creates a resolver.
  ///
  /// - Parameters:
  ///   - kernel: who answers at hardware nodes.
  ///   - system: what the system tells of itself.
  public init(kernel: Kernel = .host, system: SystemTree = SystemTree()) {
    self.kernel = kernel
    self.system = system
  }

  /// Resolves a selector to at least one device that can be used.
  ///
  /// - Throws: a one-line error with its exit code; never falls back silently.
  public func resolve(
    _ selector: DeviceSelector,
    requiresHardware: Bool = false
  ) throws(DeviceError) -> Selection {
    switch selector {
    case .mock(let mocks):
      guard !requiresHardware else {
        throw DeviceError.usage("--require-hardware excludes a mock device")
      }
      return Selection(devices: try open(mocks), ignored: [], notice: nil)
    case .path(let path):
      return Selection(devices: [try open(path)], ignored: [], notice: nil)
    case .driver(let name):
      return try matching("the driver \(name)") { $0.description.driver == name }
    case .compatible(let name):
      return try matching("the compatible \(name)") { $0.description.compatible.contains(name) }
    case .all:
      return try matching("a supported driver") { _ in true }
    case .automatic:
      return try automatic(requiresHardware: requiresHardware)
    }
  }

  /// Opens every node there is; those that cannot be used are listed with the reason.
  public func survey() -> Selection {
    var devices: [SelectedDevice] = []
    var ignored: [IgnoredDevice] = []
    for entry in entries() {
      do throws(DRMError) {
        devices.append(try identify(entry.path, compatible: entry.compatible))
      } catch {
        ignored.append(IgnoredDevice(path: entry.path, reason: error.shortReason))
      }
    }
    return Selection(
      devices: devices.map { $0.beside(devices) }, ignored: ignored, notice: nil)
  }

  private func automatic(requiresHardware: Bool) throws(DeviceError) -> Selection {
    let survey = survey()
    if let first = survey.devices.first {
      return Selection(devices: [first], ignored: [], notice: nil)
    }
    // A Mali that is there and cannot be used is no reason for a mock.
    if let mali = entries().first(where: { $0.compatible.contains(where: SystemTree.isMali) }) {
      _ = try open(mali.path)
    }
    if let mali = system.maliInDeviceTree() {
      throw DeviceError.unusable(
        "the device tree has a Mali GPU (\(mali)) but there is no node for it: its driver did not "
          + "probe; see 'dmesg | grep -iE \"panfrost|panthor|mali\"'")
    }
    if let module = system.loadedMaliModule() {
      throw DeviceError.unusable(
        "the module \(module) is loaded but there is no node for its GPU: its driver did not probe; "
          + "see 'dmesg | grep -i \(module)'")
    }
    guard !requiresHardware else {
      throw DeviceError.unusable("there is no Mali GPU here, and --require-hardware asks for one")
    }
    return Selection(
      devices: try open(MockSelector([MockProfile(.panthor)])), ignored: survey.ignored,
      notice: "there is no Mali GPU here: running on mock:panthor"
    )
  }

  private func matching(
    _ what: String,
    _ isMeant: (SelectedDevice) -> Bool
  ) throws(DeviceError) -> Selection {
    let survey = survey()
    let devices = survey.devices.filter(isMeant)
    guard !devices.isEmpty else {
      let present = survey.devices.map { "\($0.path) (\($0.description.driver))" }
      let others = survey.ignored.map { "\($0.path) (\($0.reason))" }
      let all = present + others
      throw DeviceError.unusable(
        "no DRM node has \(what); "
          + (all.isEmpty ? "there is no node at all" : "there is \(all.joined(separator: ", "))")
      )
    }
    return Selection(devices: devices, ignored: survey.ignored, notice: nil)
  }

  private func open(_ path: String) throws(DeviceError) -> SelectedDevice {
    do throws(DRMError) {
      let compatible = entries().first { $0.path == path }?.compatible ?? []
      let device = try identify(path, compatible: compatible)
      return device.beside(survey().devices)
    } catch {
      switch (error.reason, error.errno) {
      case (.notADRMNode, _), (_, .ENOENT): throw DeviceError.usage("\(error)")
      default: throw DeviceError.unusable("\(error)")
      }
    }
  }

  private func open(_ mocks: MockSelector) throws(DeviceError) -> [SelectedDevice] {
    let machine = MockKernel(mocks.profiles)
    let kernel = Kernel.substitute(machine)
    do throws(DRMError) {
      var devices: [SelectedDevice] = []
      for (profile, entry) in zip(mocks.profiles, machine.devices()) {
        guard let path = entry.renderNode else { continue }
        let node = try DRMNode(path: path, kernel: kernel)
        let description = DeviceDescription(
          node,
          label: "mock:\(profile)",
          kernel: "mock",
          pageSize: profile.pageSize,
          location: .mock,
          compatible: entry.compatible
        )
        devices.append(
          SelectedDevice(description: description, path: path, kernel: kernel, otherPath: nil))
      }
      return devices.map { $0.beside(devices) }
    } catch {
      let names = mocks.profiles.map { "mock:\($0)" }.joined(separator: ", ")
      throw DeviceError.unusable("\(names): \(error)")
    }
  }

  private func identify(
    _ path: String,
    compatible: [String]
  ) throws(DRMError) -> SelectedDevice {
    let node = try DRMNode(path: path, kernel: kernel)
    let description = DeviceDescription(
      node,
      label: path,
      kernel: system.kernelRelease,
      pageSize: Int(cdrm_page_size()),
      location: system.isVirtualMachine ? .vm : .board,
      compatible: compatible
    )
    return SelectedDevice(
      description: description, path: path, kernel: kernel, otherPath: nil)
  }

  /// The render nodes in ascending order, with what the device tree calls their devices.
  private func entries() -> [(path: String, compatible: [String])] {
    kernel.devices()
      .compactMap { entry in entry.renderNode.map { ($0, entry.compatible) } }
      .sorted { ($0.0.count, $0.0) < ($1.0.count, $1.0) }
  }
}

extension DeviceDescription {
  fileprivate init(
    _ node: borrowing DRMNode,
    label: String,
    kernel: String,
    pageSize: Int,
    location: Location,
    compatible: [String]
  ) {
    self.init(
      label: label,
      driver: node.identity.name,
      summary: node.identity.summary,
      version: "\(node.identity.version)",
      isCoherent: node.coherency.isCoherent,
      coherencyOrigin: node.coherency.origin,
      features: node.features.names,
      kernel: kernel,
      pageSize: pageSize,
      location: location,
      compatible: compatible
    )
  }
}

extension DRMError {
  fileprivate var shortReason: String {
    if case .unknownDriver(let identity) = reason { return "\(identity), not supported" }
    return "\(reason)"
  }
}
