// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMDrivers
internal import DRMKernel
internal import MockDRM

/// Opens nodes and mocks, and describes them.
extension DeviceResolver {
  func open(_ path: String) throws(DeviceError) -> DRMDevice {
    do throws(DRMError) {
      let entry = kernel.devices().first { $0.has(path) }
      let node = try DRMNode(path: path, kernel: kernel)
      return host(node, entry).beside(survey().devices)
    } catch {
      if let device = machine.device(with: path), device.state != .usable {
        throw DeviceError.unusable("\(device.complaint) (see 'gemsync doctor')")
      }
      throw DeviceError.unusable("\(error)")
    }
  }

  func open(_ mocks: MockSelector) throws(DeviceError) -> [DRMDevice] {
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

  func identify(_ path: String, _ entry: DeviceEntry) throws(DRMError) -> DRMDevice {
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
      kernel: machine.kernelRelease,
      pageSize: Int(cdrm_page_size()),
      lineSize: UserlandCaches.sharingGranule ?? 64,
      maintenanceStep: UserlandCaches.lineSize,
      policy: "merged",
      location: machine.isVirtualMachine ? .vm : .board
    )
    var device = DRMDevice(description, kernel: kernel, maintenance: maintenanceTrace())
    for file in machine.exporters where file.state != .usable {
      device.closedFiles[file.name] = file.explanation.replacing(file.name, with: "it").printable
    }
    return device
  }

  /// Returns an observer of the running kernel's cache maintenance, for DRM devices and udmabuf; nil for a substitute.
  private func maintenanceTrace() -> (any MaintenanceObserver)? {
    guard kernel.isHost else { return nil }
    // What else does DMA while this process runs, such as its disk, is no BO.
    var devices = ["udmabuf": "udmabuf", "vgem": "vgem"]
    for node in kernel.devices().compactMap(\.renderNode) {
      let name = node.split(separator: "/").last ?? ""
      if let device = machine.record.deviceName(ofNode: String(name)) {
        devices[device] = node
      }
    }
    return DMATrace(devices: devices)
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
    maintenanceStep: Int? = nil,
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
      maintenanceStep: maintenanceStep,
      policy: policy,
      location: location,
      compatible: entry?.compatible ?? [],
      caveat: node.caveat
    )
    let notices = [caveat, newerDriver, newerKernel].compactMap(\.self)
    caveat = notices.isEmpty ? nil : notices.joined(separator: "; ")
  }

  /// What a user must know about a driver that is newer than the catalog; nil for an older one.
  private var newerDriver: String? {
    guard let newest = knownDriver?.facts.newestMinor, let minor, minor > newest else { return nil }
    return
      "\(driver) 1.\(minor) is newer than 1.\(newest), the newest that this gemsync knows: it runs "
      + "everything for 1.\(newest), and a difference may come from the driver"
  }

  /// What a user must know about a kernel that is newer than every mock; nil for an older one.
  private var newerKernel: String? {
    guard KernelRelease(kernel)?.isNewerThanModelled == true else { return nil }
    return
      "the kernel \(kernel) is newer than \(KernelRelease.newestModelled), the newest that this "
      + "gemsync was compared with, and a difference may come from the kernel"
  }
}

extension DRMError {
  var shortReason: String {
    if case .unknownDriver(let identity) = reason { return "\(identity), not supported" }
    return "\(reason)"
  }
}
