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
    case .vendor: judgeVendor(driver)
    case .unsupported?:
      set(
        .unsupported, "unsupported driver \(driver)",
        "\(driver) drives it, which gemsync does not support; panthor and panfrost are supported")
    case .supported, nil:
      if known == nil, !MachineDevice.isSupported(driver) {
        set(
          .unsupported, "unsupported driver \(driver)",
          "the driver \(driver) drives it, which gemsync does not support")
      } else {
        judgeNode(driver)
      }
    }
  }

  mutating func judgeVendor(_ driver: String?) {
    let file =
      candidate.vendorFile
      ?? record.names("/dev").first { $0.hasPrefix("mali") }.map { "/dev/" + $0 }
    if let file, let status = record.status(file) { show(file, status.permissions) }
    let module =
      vendorModule ?? record.names("/sys/module").first(where: MaliDriver.isVendor)
    if let module {
      show(record.has("/sys/module/" + module) ? "/sys/module" : "/proc/modules", module)
    }
    let name = module.map { $0.contains("kbase") || $0.contains("mali") ? "kbase" : $0 } ?? "kbase"
    set(
      .vendorDriver, "belongs to the vendor driver \(name)\(file.map { " (\($0))" } ?? "")",
      "the GPU belongs to the vendor driver \(name)\(file.map { " (\($0))" } ?? ""); it offers no DRM node"
    )
    let mainline = candidate.wanted?.name ?? "panthor or panfrost"
    if let module = vendorModule {
      advise(
        "sudo modprobe -r \(module), and keep it out with 'blacklist \(module)' in /etc/modprobe.d")
    } else {
      advise("use a kernel without the vendor driver, which is built in here")
    }
    if candidate.wanted == nil, !candidate.compatible.isEmpty {
      advise("use a device tree whose GPU node has a compatible of panthor or panfrost")
    }
    // kbase binds to this compatible for GPUs of every kind.
    let isAnyKind = candidate.compatible == ["arm,mali-bifrost"]
    advise(
      "sudo modprobe \(isAnyKind ? "panfrost (or panthor, for a GPU with command streams)" : mainline)"
    )
  }

  private mutating func judgeNode(_ driver: String) {
    guard let path = device.renderNode ?? device.primaryNode else {
      set(
        .noNode, "no DRM node", "\(driver) is bound to it, but /sys/class/drm has no node of it")
      explainMissingFile("/dev/dri")
      return
    }
    device.name = path
    switch access.of(path) {
    case .open: addLimits(driver)
    case .closed(let file, let status):
      show(file, access.text(status))
      set(
        .closed, "closed to you (\(access.text(status)))",
        file == path
          ? "\(path) is there, but closed to this user (\(access.text(status)))"
          : "\(path) cannot be reached: \(file) is closed to this user (\(access.text(status)))")
      adviseAccess(file, status)
    case .unreachable(let directory, let errno):
      show(path, "\(errno)")
      set(
        .closed, "closed to you (\(directory))",
        "\(path) cannot be reached: \(directory) is closed to this user")
      advise("ls -ld \(directory)")
    case .refused(let errno):
      show(path, "open: \(errno) (\(errno.sentence))")
      if errno == .EPERM, let container = record.container {
        show(container, record.text(container) ?? "exists")
        set(
          .closed, "closed to this container",
          "\(path) is there, but the container's device rules refuse it (\(errno))")
        advise("start the container with --device \(path)")
      } else {
        set(.failing, "\(errno)", "\(path) cannot be opened: \(errno) (\(errno.sentence))")
        adviseLog()
      }
    case .missing:
      let node = path.split(separator: "/").last ?? ""
      show("/sys/class/drm/\(node)", "exists")
      set(
        .noNode, "no device file \(path)",
        "\(driver) is bound to it, but there is no device file \(path)")
      explainMissingFile(path)
    }
  }

  private mutating func explainMissingFile(_ path: String) {
    if let container = record.container {
      show(container, record.text(container) ?? "exists")
      device.explanation += "; this is a container"
      advise("start the container with --device \(path)")
    } else {
      advise("sudo udevadm trigger --subsystem-match=drm, or mount devtmpfs at /dev")
      advise("in a container: start it with --device \(path)")
    }
  }

  mutating func adviseAccess(_ file: String, _ status: FileStatus) {
    let group = access.group(status.group)
    if status.mode & 0o060 == 0o060, status.group != 0, status.kind != "d" {
      advise("sudo usermod -aG \(group) \(access.userName), then log in again")
    } else {
      advise(
        "sudo chmod \(status.kind == "d" ? "a+rx" : "g+rw") \(file), and mend the udev rule that sets it"
      )
    }
  }

  /// Says what a driver of this kernel lacks.
  private mutating func addLimits(_ name: String) {
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

  mutating func adviseLog() {
    let name = candidate.name.split(separator: "@").last ?? ""
    advise("sudo dmesg | grep -iE \"\(name)|\(candidate.wanted?.name ?? "mali")\"")
  }
}

extension MachineDevice {
  /// Whether the catalog has a driver of this name.
  static func isSupported(_ driver: String) -> Bool { DRMDriver(rawValue: driver) != nil }
}
