// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import DRMKernel

/// Finds the state of each device of a record, with its evidence and what to try next.
struct Diagnosis {
  let record: MachineRecord
  let candidate: Candidate
  var device: MachineDevice
  /// The user whose permissions count.
  let access: FileAccess
  /// The devices whose probe is deferred.
  let deferrals: [Deferral]

  static func devices(of record: MachineRecord) -> [MachineDevice] {
    let access = FileAccess(record)
    let deferrals = Deferral.all(in: record)
    let devices = Candidate.all(in: record).map { candidate in
      var diagnosis = Diagnosis(candidate, record, access, deferrals)
      diagnosis.judge()
      return diagnosis.device
    }
    return devices.filter { $0.kind == .mali } + devices.filter { $0.kind != .mali }
  }

  private init(
    _ candidate: Candidate, _ record: MachineRecord, _ access: FileAccess, _ deferrals: [Deferral]
  ) {
    self.deferrals = deferrals
    self.record = record
    self.candidate = candidate
    self.access = access
    let paths = candidate.nodes.map { "/dev/dri/" + $0 }
    device = MachineDevice(
      kind: candidate.isMali ? .mali : .drm, name: candidate.name, device: candidate.name,
      compatible: candidate.compatible.isEmpty
        ? candidate.acpiID.map { ["acpi:\($0)"] } ?? [] : candidate.compatible,
      driver: candidate.driver,
      renderNode: paths.first { $0.contains("renderD") },
      primaryNode: paths.first { $0.contains("card") },
      vendorFile: candidate.vendorFile,
      state: .usable, summary: "usable", explanation: "")
  }

  private mutating func judge() {
    if let driver = candidate.driver {
      judge(boundTo: driver)
    } else if candidate.isMali, !candidate.nodes.isEmpty {
      judgeNode("a driver")
    } else {
      judgeUnbound()
    }
    if device.state != .usable { device.summary = summary }
  }

  /// The state in a few words, with what it is about.
  private var summary: String {
    if !device.summary.isEmpty, device.summary != "usable" { return device.summary }
    return device.state.rawValue.replacing("_", with: " ")
  }

  // MARK: A driver is bound

  private mutating func judge(boundTo driver: String) {
    let known = MaliDriver.named(driver)
    if let path = candidate.platformPath
      ?? candidate.nodes.first.map({
        "/sys/class/drm/\($0)/device"
      })
    {
      let isLink = record.identity(path).driver == nil
      show(path + (isLink ? "/driver" : "/uevent"), isLink ? driver : "DRIVER=\(driver)")
    }
    switch known?.kind {
    case .vendor: judgeVendor()
    case .unsupported?:
      set(
        .unsupported, "unsupported driver \(driver)",
        "\(driver) drives it, which gemsync does not support; panthor and panfrost are supported")
    case .supported, nil:
      if known == nil, !MachineDevice.isSupported(driver) {
        set(
          .unsupported, "unsupported driver \(driver)",
          "the driver \(driver) drives it, which gemsync does not support")
        if let path = candidate.platformPath {
          adviseClearing()
          advise("echo \(candidate.name.quoted) | sudo tee \((path + "/driver/unbind").quoted)")
          adviseBinding(driverName)
        }
      } else {
        judgeNode(driver)
      }
    }
  }

  /// Says what a driver of this kernel lacks.
  mutating func addLimits(_ name: String) {
    guard let driver = DRMDriver(rawValue: name), driver.drivesMali,
      let release = record.text("/proc/sys/kernel/osrelease").flatMap({ KernelRelease($0) }),
      let minor = driver.facts.minor(adding: .explicitSync),
      let first = driver.facts.history.first(where: { $0.minor == minor })?.linux,
      let since = KernelRelease(first), release < since
    else { return }
    device.limits.append(Self.limit(of: driver, minor, first))
  }

  /// Says what works on a driver without sync.
  static func limit(of driver: DRMDriver, _ minor: Int, _ linux: String) -> String {
    "no WB mapping and no sync ioctl: \(driver.name) has them from 1.\(minor) on (Linux \(linux)); WC "
      + "mappings, PRIME, jobs, and imports synced through their dma-buf work"
  }
}

// MARK: Building the result

extension Diagnosis {
  mutating func set(_ state: MachineDevice.State, _ summary: String, _ explanation: String) {
    device.state = state
    device.summary = summary
    device.explanation = explanation
  }

  mutating func show(_ source: String, _ text: String) {
    let evidence = MachineDevice.Evidence(source: source, text: text)
    if !device.evidence.contains(evidence) { device.evidence.append(evidence) }
  }

  mutating func advise(_ command: String) {
    if !device.advice.contains(command) { device.advice.append(command) }
  }
}

extension String {
  /// The text as one word of a shell's command; `$USER` stays as it is.
  var quoted: String {
    let isPlain = unicodeScalars.allSatisfy { scalar in
      scalar.isASCII
        && (scalar.properties.isAlphabetic || "0123456789/._:@,+=-".contains(Character(scalar)))
    }
    return self == "$USER" || (isPlain && !isEmpty)
      ? self : "'" + replacing("'", with: "'\\''") + "'"
  }
}

extension MachineDevice {
  /// Whether the catalog has a driver of this name.
  static func isSupported(_ driver: String) -> Bool { DRMDriver(rawValue: driver) != nil }
}
