// SPDX-License-Identifier: MIT

/// A driver that is neither in the kernel nor among the modules that it can load.
extension Diagnosis {
  /// The kernel option that builds a driver.
  static func option(of name: String) -> String {
    MaliDriver.named(name)?.option ?? "CONFIG_DRM_\(name.uppercased())"
  }

  /// The configuration says that the driver was not built.
  mutating func judgeNotBuilt(_ name: String, _ option: String) {
    set(
      .noDriver, "no driver: \(option) is not set",
      "this kernel is built without \(name): \(option) is not set")
    advise("use a kernel with \(option)=m")
  }

  /// The configuration says that the driver was built as a module, which is not listed.
  mutating func judgeNotInstalled(_ name: String, _ option: String) {
    if let file = moduleFile(name) { return judgeUnlisted(name, file) }
    if !record.has(modules), !otherReleases.isEmpty { return judgeOtherRelease(name) }
    show(modules, "no \(name).ko")
    set(
      .noDriver, "no driver: the module \(name) is not installed",
      "\(name) is built as a module (\(option)=m), but the module is not installed in \(modules)")
    adviseModules()
    advise("sudo modprobe \(name)")
  }

  /// No configuration was read, so only the directory of the modules tells what there is.
  mutating func judgeMissingModule(_ name: String, _ option: String) {
    let list = modules + "/modules.dep"
    if let file = moduleFile(name) {
      judgeUnlisted(name, file)
    } else if record.has(list) {
      show(modules, "no \(name).ko")
      set(
        .noDriver, "no driver: the kernel has no \(name) (\(option))",
        "neither the kernel nor \(modules) has \(name): it was not built, or its module is not installed"
      )
      adviseModules()
      advise("use a kernel with \(option)=m")
    } else if record.has(modules) {
      show(list, "no such file")
      set(
        .noDriver, "no driver: no module list",
        "no driver is bound to it, and there is no module list (\(list) is missing), so it is not known "
          + "whether the kernel has \(name)")
      adviseModules()
      advise("zgrep \(option) /proc/config.gz")
    } else if !otherReleases.isEmpty {
      judgeOtherRelease(name)
    } else {
      set(
        .noDriver, "no driver: \(name) is not loaded",
        "no driver is bound to it, and \(name) is not loaded")
      advise("sudo modprobe \(name)")
      advise("zgrep \(option) /proc/config.gz")
    }
  }

  /// The file of a module is there, but modprobe does not know it.
  private mutating func judgeUnlisted(_ name: String, _ file: String) {
    let list = modules + "/modules.dep"
    show(file, "exists")
    let isListed = record.has(list)
    show(list, isListed ? "no \(name).ko" : "no such file")
    set(
      .noDriver,
      isListed ? "no driver: \(name) is not in modules.dep" : "no driver: no module list",
      "the module \(name) is there, but "
        + (isListed ? "\(list) does not list it" : "there is no module list (\(list) is missing)"))
    advise("sudo depmod")
    advise("sudo modprobe \(name)")
  }

  /// Only the modules of other kernels are there, as after an upgrade without a reboot.
  private mutating func judgeOtherRelease(_ name: String) {
    show(modules, "no such directory")
    for path in otherReleases.prefix(4) { show(path, "exists, for another kernel") }
    set(
      .noDriver, "no driver: no modules of this kernel",
      "no driver is bound to it; \(modules) is missing, so \(name) cannot be loaded: only modules of "
        + "other kernels are there")
    advise("reboot into the installed kernel, or reinstall the modules of Linux \(kernelRelease)")
  }

  private mutating func adviseModules() {
    advise(
      "install the package with the kernel's modules, such as linux-modules-extra-\(kernelRelease)")
  }

  /// The file of a module in the directory of the kernel's modules; nil for none.
  private func moduleFile(_ name: String) -> String? {
    record.entries.keys.sorted().first {
      $0.hasPrefix(modules + "/") && $0.contains("/\(name).ko")
    }
  }

  /// The directories with the modules of other kernels.
  private var otherReleases: [String] {
    MachineReader.modulePaths.flatMap { path in
      record.names(String(path.dropLast())).map { path + $0 }
    }.filter { $0 != modules }
  }
}
