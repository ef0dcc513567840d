// SPDX-License-Identifier: MIT

internal import DRMKernel

/// The states of a Mali GPU without a driver.
extension Diagnosis {
  mutating func judgeUnbound() {
    guard candidate.isMali else { return judgeUnknownNode() }
    if judgeDisabled() || judgeModuleAlone() || judgeHiddenNodes() || judgeClosedPlace() { return }
    let isVendor =
      vendorModule != nil
      || record.names("/sys/bus/platform/drivers").contains(where: MaliDriver.isVendor)
    if candidate.vendorFile != nil || (isVendor && !isThere(driverName)) {
      return judgeVendor()
    }
    if judgeDeferred() || judgeLog() || judgeSuppliers() { return }
    judgeDriver()
  }

  /// A node in `/dev/dri` without any facts in sysfs.
  private mutating func judgeUnknownNode() {
    let path = device.renderNode ?? device.primaryNode ?? device.name
    device.name = path
    if case .closed(let file, let status) = access.of(path) {
      show(file, access.evidence(status))
      set(
        .closed, "closed to you (\(access.text(status)))",
        "\(path) is there, but closed to this user (\(access.text(status)))")
      adviseAccess(file, status)
    } else {
      set(.unsupported, "unknown driver", "no file of sysfs names its driver")
    }
  }

  private mutating func judgeDisabled() -> Bool {
    let acpi = "/sys/bus/acpi/devices/\(candidate.name)/status"
    if let (path, status) = candidate.treePath.flatMap(record.disabling) {
      show(path + "/status", status)
      let isAbove = path != candidate.treePath
      set(
        .disabled, "disabled in the device tree",
        "the device tree disables \(isAbove ? "a node above it" : "its node") (status = \"\(status)\"), "
          + "so it counts as not there")
      if let node = enabledNode {
        device.explanation += "; \(node) is the enabled node of the same GPU"
      } else {
        advise("enable the node (status = \"okay\") in the board's device tree or with an overlay")
      }
      return true
    }
    // Bit 0 of _STA: the device is present.
    guard let text = record.text(acpi), let status = UInt64(text), status & 1 == 0 else {
      return false
    }
    show(acpi, text)
    set(.disabled, "disabled by ACPI", "ACPI reports it as not present, so it counts as not there")
    advise("enable the GPU in the firmware's setup")
    return true
  }

  /// A module that is loaded on a machine which names no device for it.
  private mutating func judgeModuleAlone() -> Bool {
    guard candidate.name.hasPrefix("module ") else { return false }
    let module = String(candidate.name.dropFirst("module ".count))
    guard MaliDriver.named(module)?.kind != .vendor else { return false }
    show("/proc/modules", module)
    set(
      .noDriver, "no device for the module \(module)",
      "the module \(module) is loaded but there is no node for its GPU: neither device tree nor ACPI "
        + "names a Mali GPU")
    advise("sudo dmesg | grep -i \(module)")
    return true
  }

  /// A place that may not be read.
  private mutating func judgeClosedPlace() -> Bool {
    guard candidate.name == record.closedPlace, let errno = record.failure(candidate.name) else {
      return false
    }
    show(candidate.name, "\(errno) (\(errno.sentence))")
    set(
      .closed, "closed to you (\(errno))",
      "\(candidate.name) may not be read (\(errno)), so it is not known whether there is a Mali GPU"
    )
    advise("ls -ld \(candidate.name), and the rules of the container or sandbox")
    return true
  }

  /// A closed `/dev/dri` on a machine whose sysfs does not say what is in it.
  private mutating func judgeHiddenNodes() -> Bool {
    guard candidate.platformPath == nil, candidate.vendorFile == nil, record.hidesNodes,
      case .closed(let directory, let status) = access.of("/dev/dri/renderD128")
    else { return false }
    show(directory, access.text(status))
    set(
      .closed, "closed to you (\(access.text(status)))",
      "\(directory) is there, but closed to this user (\(access.text(status))), and sysfs does not name "
        + "its nodes")
    adviseAccess(directory, status)
    return true
  }
}
