// SPDX-License-Identifier: MIT

public import DRMDrivers
public import DRMKernel
internal import CDRM
internal import DRM
internal import MockDRM

/// Finds the devices that a selector names.
public struct DeviceResolver: Sendable {
  private let kernel: Kernel
  private let system: SystemTree

  /// Creates a resolver.
  ///
  /// - Parameters:
  ///   - kernel: the kernel of the hardware nodes.
  ///   - system: the files with facts about the system.
  public init(kernel: Kernel = .host, system: SystemTree = SystemTree()) {
    self.kernel = kernel
    self.system = system
  }

  /// Returns the devices of a selector, at least one.
  ///
  /// A fallback to a mock is always reported, by ``Selection/notice``.
  ///
  /// - Throws: an error of one line, with its exit code.
  public func resolve(
    _ selector: DeviceSelector,
    requiresHardware: Bool = false
  ) throws(DeviceError) -> Selection {
    switch selector {
    case .mock(let mocks):
      guard !requiresHardware else {
        throw DeviceError.usage("--require-hardware excludes mock devices")
      }
      return Selection(devices: try open(mocks), ignored: [], notice: nil)
    case .path(let path):
      return Selection(devices: [try open(path)], ignored: [], notice: nil)
    case .driver(let name):
      return try matching("the driver \(name)") { $0.description.driver == name }
    case .compatible(let name):
      return try matching("the compatible \(name)") { $0.description.compatible.contains(name) }
    case .all:
      return try everyGPU()
    case .automatic:
      return try automatic(requiresHardware: requiresHardware)
    }
  }

  /// Returns the descriptions of the devices that several selectors name.
  public func descriptions(of selectors: [String]) throws(DeviceError) -> [DeviceDescription] {
    var found: [DeviceDescription] = []
    for selector in try DeviceSelector.list(parsing: selectors) {
      found += try resolve(selector).devices.map(\.description)
    }
    return found
  }

  /// Opens every render node of the machine; the ignored ones are listed with the reason.
  public func survey() -> Selection {
    var devices: [DRMDevice] = []
    var ignored: [IgnoredDevice] = []
    for (path, entry) in entries() {
      do throws(DRMError) {
        devices.append(try identify(path, entry))
      } catch {
        ignored.append(IgnoredDevice(path: path, reason: error.shortReason))
      }
    }
    return Selection(
      devices: devices.map { $0.beside(devices) }, ignored: ignored, notice: nil)
  }

  private func automatic(requiresHardware: Bool) throws(DeviceError) -> Selection {
    let survey = survey()
    if let first = survey.devices.first(where: \.isMali) {
      return Selection(devices: [first], ignored: [], notice: nil)
    }
    // A mock does not replace a Mali that is present and cannot be used.
    for (path, entry) in entries() where entry.compatible.contains(where: SystemTree.isMali) {
      _ = try open(path)
    }
    if let mali = system.maliInDeviceTree() {
      let drivers = DRMDriver.mali.map(\.name).joined(separator: "|")
      throw DeviceError.unusable(
        "the device tree has a Mali GPU (\(mali)) but there is no node for it: its driver did not "
          + "probe (see 'dmesg | grep -iE \"\(drivers)|mali\"')")
    }
    if let module = system.loadedMaliModule() {
      throw DeviceError.unusable(
        "the module \(module) is loaded but there is no node for its GPU: its driver did not probe "
          + "(see 'dmesg | grep -i \(module)')")
    }
    guard !requiresHardware else {
      throw DeviceError.unusable("there is no Mali GPU here, and --require-hardware needs one")
    }
    return Selection(
      devices: try open(MockSelector([MockProfile(.panthor)], names: ["mock:panthor"])),
      ignored: survey.devices.map(IgnoredDevice.init(noGPU:)) + survey.ignored,
      notice: "there is no Mali GPU here: running on mock:panthor"
    )
  }

  private func everyGPU() throws(DeviceError) -> Selection {
    let selection = try matching("a supported GPU driver", \.isGPU)
    let others = survey().devices.filter { !$0.isGPU }
    return Selection(
      devices: selection.devices,
      ignored: others.map(IgnoredDevice.init(noGPU:)) + selection.ignored, notice: nil)
  }

  private func matching(
    _ what: String,
    _ isMeant: (DRMDevice) -> Bool
  ) throws(DeviceError) -> Selection {
    let survey = survey()
    let devices = survey.devices.filter(isMeant)
    guard !devices.isEmpty else {
      let present = survey.devices.map { "\($0.path) (\($0.description.driver))" }
      let others = survey.ignored.map { "\($0.path) (\($0.reason))" }
      let all = present + others
      throw DeviceError.unusable(
        "no DRM node has \(what); "
          + (all.isEmpty ? "there is no node" : "there is \(all.joined(separator: ", "))")
      )
    }
    return Selection(devices: devices, ignored: survey.ignored, notice: nil)
  }

  private func open(_ path: String) throws(DeviceError) -> DRMDevice {
    do throws(DRMError) {
      let entry = kernel.devices().first { $0.has(path) }
      let node = try DRMNode(path: path, kernel: kernel)
      return host(node, entry).beside(survey().devices)
    } catch {
      throw DeviceError.unusable("\(error)")
    }
  }

  private func open(_ mocks: MockSelector) throws(DeviceError) -> [DRMDevice] {
    let machine = MockKernel(mocks.profiles)
    let kernel = Kernel.substitute(machine)
    do throws(DRMError) {
      var devices: [DRMDevice] = []
      for (index, entry) in machine.devices().enumerated() {
        guard let path = entry.renderNode else { continue }
        let profile = mocks.profiles[index]
        let node = try Self.usableNode(path, entry, kernel)
        let description = DeviceDescription(
          node,
          entry,
          label: mocks.names[index],
          kernel: "mock \(profile.kernel.rawValue)",
          pageSize: profile.pageSize,
          lineSize: mocks.profiles[0].caches.lineSize,
          policy: profile.policy.rawValue,
          location: .mock
        )
        devices.append(
          DRMDevice(
            description, kernel: kernel, maintenance: MockMaintenance(machine), model: machine))
      }
      return devices.map { $0.beside(devices) }
    } catch {
      let devices = zip(mocks.names, machine.devices()).map { name, entry in
        DeviceDescription(
          label: name, renderNode: entry.renderNode, primaryNode: entry.primaryNode, driver: "",
          location: .mock)
      }
      throw DeviceError.unusable(devices.namingMocks(in: "\(error)"))
    }
  }

  private func identify(_ path: String, _ entry: DeviceEntry) throws(DRMError) -> DRMDevice {
    host(try Self.usableNode(path, entry, kernel), entry)
  }

  /// Opens the node of a device on which its driver creates BOs.
  private static func usableNode(
    _ path: String, _ entry: DeviceEntry, _ kernel: Kernel
  ) throws(DRMError) -> DRMNode {
    let node = try DRMNode(path: path, kernel: kernel)
    guard node.needsPrimaryNode, let primary = entry.primaryNode else { return node }
    return try DRMNode(path: primary, kernel: kernel)
  }

  private func host(_ node: borrowing DRMNode, _ entry: DeviceEntry?) -> DRMDevice {
    let description = DeviceDescription(
      node,
      entry,
      label: node.path,
      kernel: system.kernelRelease,
      pageSize: Int(cdrm_page_size()),
      lineSize: cdrm_cache_line_size() > 0 ? Int(cdrm_cache_line_size()) : 64,
      policy: "merged",
      location: system.isVirtualMachine ? .vm : .board
    )
    return DRMDevice(
      description, kernel: kernel,
      maintenance: system.maintenanceTrace(devices: kernel.devices()))
  }

  /// The render nodes in ascending order, with the entries of their devices.
  private func entries() -> [(path: String, entry: DeviceEntry)] {
    kernel.devices()
      .compactMap { entry in entry.renderNode.map { ($0, entry) } }
      .sorted { ($0.0.count, $0.0) < ($1.0.count, $1.0) }
  }
}

extension DRMDevice {
  fileprivate var isMali: Bool { description.knownDriver?.drivesMali ?? false }
  fileprivate var isGPU: Bool { description.knownDriver?.drivesGPU ?? false }

  /// Returns the device with the other ones of a list as its neighbours.
  fileprivate func beside(_ devices: [DRMDevice]) -> DRMDevice {
    var device = self
    device.neighbours = devices.map(\.description).filter { $0.path != path }
    return device
  }
}

extension IgnoredDevice {
  fileprivate init(noGPU device: DRMDevice) {
    self.init(path: device.path, reason: "\(device.description.driver) drives no GPU")
  }
}

extension DeviceDescription {
  fileprivate init(
    _ node: borrowing DRMNode,
    _ entry: DeviceEntry?,
    label: String,
    kernel: String,
    pageSize: Int,
    lineSize: Int,
    policy: String,
    location: Location
  ) {
    self.init(
      label: label,
      path: node.path,
      renderNode: entry?.renderNode,
      primaryNode: entry?.primaryNode,
      driver: node.identity.name,
      summary: node.identity.summary,
      version: "\(node.identity.version)",
      isCoherent: node.coherency.isCoherent,
      coherencyOrigin: node.coherency.origin,
      features: node.features,
      kernel: kernel,
      pageSize: pageSize,
      lineSize: lineSize,
      policy: policy,
      location: location,
      compatible: entry?.compatible ?? [],
      caveat: node.caveat
    )
  }
}

extension DRMError {
  fileprivate var shortReason: String {
    if case .unknownDriver(let identity) = reason { return "\(identity), not supported" }
    return "\(reason)"
  }
}
