// SPDX-License-Identifier: MIT

public import DRMDrivers
public import DRMKernel
internal import DRM
internal import MockDRM

/// Finds the devices that a selector names.
public struct DeviceResolver: Sendable {
  let kernel: Kernel
  private let picture: Guarded<Machine?>

  /// Creates a resolver.
  ///
  /// - Parameters:
  ///   - kernel: the kernel of the hardware nodes.
  ///   - machine: the picture of the machine; without one, that of this process, read when it is needed.
  public init(kernel: Kernel = .host, machine: Machine? = nil) {
    self.kernel = kernel
    picture = Guarded(machine)
  }

  /// The picture of the machine, without what its nodes report.
  var machine: Machine {
    picture.withLock { picture in
      // Only a named user can be missing.
      let machine = picture ?? (try? Machine.read()) ?? Machine(MachineRecord())
      picture = machine
      return machine
    }
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
        ignored.append(IgnoredDevice(path: path, reason: reason(error, path)))
      }
    }
    return Selection(
      devices: devices.map { $0.beside(devices) }, ignored: ignored, notice: nil)
  }

  /// Returns the picture of the machine with what the drivers of its nodes report.
  public func inventory() -> Machine {
    var machine = machine
    for (path, entry) in entries() {
      let index = machine.devices.firstIndex { $0.has(path) }
      var device = index.map { machine.devices[$0] } ?? MachineDevice(entry, path)
      do throws(DRMError) {
        device.adopt(try identify(path, entry).description)
      } catch {
        device.fail(error)
      }
      if let index { machine.devices[index] = device } else { machine.devices.append(device) }
    }
    return machine
  }

  /// Returns the mocks by their names, with what their drivers report.
  public func mocks() -> [MachineDevice] {
    MockProfile.names.map { name in
      var device = MachineDevice(mock: name)
      do throws(DeviceError) {
        let mock = try open(MockSelector(parsing: name))
        if let description = mock.first?.description { device.adopt(mock: description) }
      } catch {
        device.refuse(error)
      }
      return device
    }
  }

  /// Returns why a node cannot be used: from the picture of the machine where that says it, else what the call returned.
  private func reason(_ error: DRMError, _ path: String) -> String {
    if let device = machine.device(with: path), device.state != .usable { return device.summary }
    return error.shortReason
  }

  private func automatic(requiresHardware: Bool) throws(DeviceError) -> Selection {
    let survey = survey()
    if let first = survey.devices.first(where: \.isMali) {
      return Selection(devices: [first], ignored: [], notice: nil)
    }
    // A mock does not replace a Mali that is present and cannot be used.
    switch inventory().choice {
    case .node(let path): return Selection(devices: [try open(path)], ignored: [], notice: nil)
    case .none(let reason): throw DeviceError.unusable("\(reason) (see 'gemsync doctor')")
    case .mock: break
    }
    let present = present
    guard !requiresHardware else {
      throw DeviceError.unusable(
        "there is no Mali GPU here, and --require-hardware needs one\(present)")
    }
    return Selection(
      devices: try open(MockSelector([MockProfile(.panthor)], names: ["mock:panthor"])),
      ignored: survey.devices.map(IgnoredDevice.init(noMali:)) + survey.ignored,
      notice: machine.isWithoutSysfs
        ? "no Mali GPU was found, but /sys is empty: running on mock:panthor"
        : "there is no Mali GPU here\(machine.disabledText): running on mock:panthor"
    )
  }

  /// What the machine has instead of a usable Mali, in brackets; empty for nothing.
  private var present: String {
    let devices = inventory().devices.map { "\($0.title): \($0.summary)".printable }
    return devices.isEmpty ? "" : " (there is \(devices.joined(separator: ", ")))"
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
      let present = inventory().devices.map { device in
        "\(device.title) (\(device.driver.map { $0 + ", " } ?? "")\(device.summary))".printable
      }
      throw DeviceError.unusable(
        "no usable DRM node has \(what); "
          + (present.isEmpty ? "there is no node" : "there is \(present.joined(separator: ", "))")
      )
    }
    return Selection(devices: devices, ignored: survey.ignored, notice: nil)
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
  func beside(_ devices: [DRMDevice]) -> DRMDevice {
    var device = self
    device.neighbours = devices.map(\.description).filter { $0.path != path }
    return device
  }
}

extension IgnoredDevice {
  fileprivate init(noGPU device: DRMDevice) {
    self.init(path: device.path, reason: "\(device.description.driver) drives no GPU")
  }

  fileprivate init(noMali device: DRMDevice) {
    self.init(path: device.path, reason: "\(device.description.driver) drives no Mali GPU")
  }
}
