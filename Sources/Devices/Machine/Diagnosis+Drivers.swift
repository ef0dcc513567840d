// SPDX-License-Identifier: MIT

internal import DRMKernel

/// Why a kernel has no driver for a Mali GPU, or why the driver is not bound.
extension Diagnosis {
  mutating func judgeDriver() {
    if let tree = candidate.treePath, record.text(tree + "/compatible") != nil {
      show(tree + "/compatible", candidate.compatible.joined(separator: ", "))
    }
    if let path = candidate.platformPath { show(path + "/uevent", "no DRIVER=") }
    guard let name = driverName else { return judgeCompatible() }
    if let driver = MaliDriver.named(name), driver.kind == .unsupported {
      set(
        .unsupported, "unsupported driver \(name)",
        "it is a GPU for the driver \(name), which gemsync does not support; panthor and panfrost are "
          + "supported")
      return
    }
    if judgeOverride(name) { return }
    if isAlien(to: name) { return judgeAlien(name) }
    if isThere(name) { return judgeSilentDriver(name) }
    if let path = modulePath(name) { return judgeUnloaded(name, path) }
    let driver = MaliDriver.named(name)
    let option = Self.option(of: name)
    if let (path, line) = optionLine(option) {
      if line.hasSuffix("=y") { return judgeSilentDriver(name) }
      show(path, line)
      return line.hasPrefix("#") ? judgeNotBuilt(name, option) : judgeNotInstalled(name, option)
    }
    if let driver, let release = KernelRelease(kernelRelease), release < driver.since {
      show("/proc/sys/kernel/osrelease", kernelRelease)
      set(
        .noDriver, "no driver: Linux \(driver.since) is the first with \(name)",
        "Linux \(kernelRelease) is older than \(driver.since), the first with \(name)")
      advise("use Linux \(driver.since) or later; for sync ioctls, 7.0 or later")
    } else {
      judgeMissingModule(name, option)
    }
  }

  private mutating func judgeCompatible() {
    let names = candidate.compatible.joined(separator: ", ")
    let vendor = aliasedModules.first
    if let vendor { show(modules + "/modules.alias", vendor) }
    set(
      .noDriver, "no driver: unknown compatible \(candidate.compatible.first ?? "")",
      names.isEmpty
        ? "no driver is bound to it"
        : "no driver of the kernel binds to the compatible \(names)"
          + (vendor.map { ", only the vendor's module \($0)" } ?? ""))
    advise(
      "use a device tree whose GPU node has arm,mali-valhall-csf (panthor), arm,mali-bifrost, "
        + "arm,mali-valhall-jm or arm,mali-t* (panfrost)")
  }

  /// A driver whose list of devices does not have this one.
  private mutating func judgeAlien(_ name: String) {
    let isACPI = candidate.compatible.isEmpty
    let what =
      isACPI
      ? "ACPI device \(candidate.acpiID ?? "")"
      : "compatible \(candidate.compatible.joined(separator: ", "))"
    show(modules, "no alias of \(name) for the \(what)")
    set(
      .noDriver, "no driver: \(name) of this kernel does not know it",
      "\(name) of Linux \(kernelRelease) does not bind to the \(what)")
    advise(
      isACPI
        ? "use a kernel whose \(name) has a patch for ACPI, or boot with a device tree"
        : "use a newer kernel, or a device tree with a compatible that \(name) has")
    advise("modinfo -F alias \(name)")
  }

  /// A driver that is there, did not bind, and left no line in the log.
  private mutating func judgeSilentDriver(_ name: String) {
    if !record.has("/sys/bus/platform/drivers/" + name), let (file, line) = blacklisting(name) {
      show(file, line)
      set(
        .noDriver, "no driver: \(name) is blacklisted",
        "no driver is bound to it; \(file) keeps \(name) from being initialized")
      return advise("remove '\(line)' from the kernel's command line, and reboot")
    }
    let driver = ["/sys/bus/platform/drivers/", "/sys/module/"].map { $0 + name }
    if let path = driver.first(where: record.has) {
      show(path, name)
    } else if let (path, line) = optionLine(Self.option(of: name)), line.hasSuffix("=y") {
      show(path, line)
    } else {
      let isLoaded = record.lines("/proc/modules").contains(name)
      show(isLoaded ? "/proc/modules" : modules + "/modules.builtin", name)
    }
    let hasFirmware = record.entries.keys.contains { $0.contains("/mali_csffw.bin") }
    set(
      .probeFailed, "\(name) did not bind",
      "\(name) is there but is not bound to it, and "
        + (record.failure(Self.log).map { "the kernel's log cannot be read (\($0))" }
          ?? "the kernel's log does not say why"))
    adviseLog()
    if name == "panthor", !hasFirmware, record.has("/lib/firmware") {
      device.explanation +=
        "; a possible cause: its firmware \(firmwareFile ?? "mali_csffw.bin") is not installed"
      showNoFirmware(firmwareFile)
      adviseFirmware(firmwareFile)
    }
    adviseDeferrals()
    advise("echo \(logName.quoted) | sudo tee /sys/bus/platform/drivers/\(name)/bind")
  }

  /// Finds out whether somebody reserved the device for another driver.
  private mutating func judgeOverride(_ name: String) -> Bool {
    guard let (path, driver) = override, driver != name else { return false }
    set(
      .noDriver, "no driver: reserved for \(driver)",
      "\(path) reserves it for the driver \(driver), so \(name) does not bind")
    adviseClearing()
    advise("echo \(candidate.name.quoted) | sudo tee /sys/bus/platform/drivers_probe")
    return true
  }

  /// The file that reserves the device for a driver, and the driver; nil for none.
  private var override: (path: String, driver: String)? {
    guard let path = candidate.platformPath.map({ $0 + "/driver_override" }),
      let driver = record.text(path), !driver.isEmpty
    else { return nil }
    return (path, driver)
  }

  /// Shows what reserves the device for a driver, and advises to end that.
  mutating func adviseClearing() {
    guard let (path, driver) = override else { return }
    show(path, driver)
    advise("echo | sudo tee \(path.quoted)")
  }

  private mutating func judgeUnloaded(_ name: String, _ path: String) {
    show(path, "\(name).ko")
    guard let (file, line) = blacklisting(name) else {
      set(
        .noDriver, "no driver: \(name) is not loaded",
        "no driver is bound to it; the module \(name) is installed but not loaded")
      return advise("sudo modprobe \(name)")
    }
    show(file, line)
    set(
      .noDriver, "no driver: \(name) is blacklisted",
      "no driver is bound to it; \(file) keeps the module \(name) from being loaded")
    advise("remove '\(line)' from \(file == "/proc/cmdline" ? "the kernel's command line" : file)")
    advise("sudo modprobe \(name)")
  }
}
