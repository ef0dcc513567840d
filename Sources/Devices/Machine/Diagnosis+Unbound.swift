// SPDX-License-Identifier: MIT

internal import DRMKernel

/// The states of a Mali GPU without a driver.
extension Diagnosis {
  mutating func judgeUnbound() {
    guard candidate.isMali else { return judgeUnknownNode() }
    if judgeDisabled() || judgeModuleAlone() || judgeHiddenNodes() { return }
    let isVendor =
      vendorModule != nil
      || record.names("/sys/bus/platform/drivers").contains(where: MaliDriver.isVendor)
    if candidate.vendorFile != nil || (isVendor && !isThere(driverName)) {
      return judgeVendor(nil)
    }
    if judgeDeferred() || judgeLog() || judgeSuppliers() { return }
    judgeDriver()
  }

  /// A node in `/dev/dri` without any facts in sysfs.
  private mutating func judgeUnknownNode() {
    let path = device.renderNode ?? device.primaryNode ?? device.name
    device.name = path
    if case .closed(let file, let status) = access.of(path) {
      show(file, access.text(status))
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
    if let tree = candidate.treePath, let status = record.text(tree + "/status"),
      !["okay", "ok", ""].contains(status)
    {
      show(tree + "/status", status)
      set(
        .disabled, "disabled in the device tree",
        "the device tree disables its node (status = \"\(status)\"), so it counts as not there")
      advise("enable the node (status = \"okay\") in the board's device tree or with an overlay")
      return true
    }
    guard record.text(acpi) == "0" else { return false }
    show(acpi, "0")
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

  /// A vendor module that is loaded.
  var vendorModule: String? { record.maliModules.first(where: MaliDriver.isVendor) }

  /// The driver that binds to the GPU: by the kernel's own aliases, or else by the list of gemsync.
  var driverName: String? {
    let aliases = record.lines("/lib/modules/\(kernelRelease)/modules.alias")
    for name in candidate.compatible {
      let alias = aliases.first { $0.contains("C\(name)C*") || $0.contains("C\(name) ") }
      if let module = alias?.split(separator: " ").last { return String(module) }
    }
    return candidate.wanted?.name
  }

  // MARK: The log

  /// The name that the kernel's log has for the device.
  var logName: String {
    candidate.treePath?.split(separator: "/").last.map { node in
      let parts = node.split(separator: "@")
      return parts.count == 2 ? "\(parts[1]).\(parts[0])" : candidate.name
    } ?? candidate.name
  }

  static let log = "/dev/kmsg"

  /// The lines about this device.
  var logLines: [String] {
    record.lines(Self.log).filter { $0.contains(logName) || $0.contains(candidate.name) }
  }

  private mutating func judgeLog() -> Bool {
    let lines = logLines
    let firmware = record.lines(Self.log).filter { $0.contains("mali_csffw.bin") }
    let isMissing = { (line: String) in Self.errno(in: line) == .ENOENT }
    if let line = firmware.last(where: isMissing) ?? firmware.last,
      (firmware + lines.filter { $0.contains("probe") }).contains(where: isMissing)
    {
      return judgeFirmware(line)
    }
    let failures = lines.filter { line in
      (line.contains("probe") || line.contains("error -")) && Self.errno(in: line) != nil
    }
    guard let last = failures.last(where: { $0.contains("probe") }) ?? failures.last,
      let errno = Self.errno(in: last), errno != Self.deferral
    else { return false }
    let cause = lines.last { line in line != last && Self.cause(of: line) != nil }
    for line in lines.suffix(8) { show("kernel log", line) }
    let what = cause.flatMap(Self.cause) ?? Self.cause(of: last)
    let name = driverName ?? "the driver"
    set(
      .probeFailed, "probe failed (\(errno)\(what.map { ", \($0)" } ?? ""))",
      "the probe of \(name) failed with \(errno) (\(errno.sentence))"
        + (what.map { "; the log names the \($0)" } ?? ""))
    adviseLog()
    if what == "firmware" { advise("ls /lib/firmware/arm/mali") }
    if what == "GPU model", let wanted = candidate.wanted {
      advise(
        "compare the GPU with what \(wanted.name) supports; the compatible may name another kind")
    }
    return true
  }

  mutating func judgeFirmware(_ line: String?) -> Bool {
    let word = line?.split(separator: " ").first { $0.contains("mali_csffw.bin") }
    let file = word.map { String($0.drop { "'\"".contains($0) }.prefix { !"'\"".contains($0) }) }
    let wanted = file ?? "arm/mali/arch*/mali_csffw.bin"
    if let line { show("kernel log", line) }
    let there = record.entries.keys.sorted().filter { path in
      path.contains("/arm/mali/") && (file.map { path.contains("/" + $0) } ?? true)
    }
    set(
      .firmwareMissing, "firmware missing: \(wanted)",
      "panthor could not load its firmware \(wanted) (-2, ENOENT)")
    if let exact = there.first(where: { $0.hasSuffix("mali_csffw.bin") }) {
      show(exact, "exists")
      device.explanation += "; the file is there now, so it came after the probe"
      advise(
        "put the file into the initramfs too (sudo update-initramfs -u), if panthor is loaded there"
      )
    } else if let packed = there.first {
      show(packed, "exists")
      let kind = packed.hasSuffix(".zst") ? "ZSTD" : "XZ"
      device.explanation += "; only a compressed file is there"
      advise("use a kernel with CONFIG_FW_LOADER_COMPRESS_\(kind), or decompress \(packed)")
    } else {
      show("/lib/firmware/\(wanted)", "no such file")
      advise("install the file from linux-firmware as /lib/firmware/\(wanted)")
    }
    advise("sudo modprobe -r panthor; sudo modprobe panthor")
    return true
  }

  /// Returns the errno of `error -2`, `failed: -22`, `-517` or `error -ENODEV`.
  static func errno(in line: String) -> Errno? {
    if let match = line.firstMatch(of: #/-(E[A-Z0-9_]+)\b/#) {
      let name = String(match.output.1)
      return name == "EPROBE_DEFER" ? deferral : Errno(name: name)
    }
    guard let match = line.firstMatch(of: #/(?:error|failed|ret|err|:)[ =:(]*-([0-9]{1,3})\b/#),
      let number = CInt(match.output.1), number > 0
    else { return line.contains("-517") ? deferral : nil }
    return Errno(rawValue: number)
  }

  /// EPROBE_DEFER: a supplier is not ready yet.
  static let deferral = Errno(rawValue: 517)

  /// Returns the kind of resource that a line of the log complains about; nil for another line.
  static func cause(of line: String) -> String? {
    let text = line.lowercased()
    let complaints = [
      "fail", "error", "couldn't", "could not", "not found", "unsupported", "unknown",
      "timed out", "timeout", "unable", "missing", "invalid", "-517", "defer",
    ]
    guard complaints.contains(where: text.contains) else { return nil }
    let kinds: [(words: [String], kind: String)] = [
      (["regulator", "supply", "opp"], "regulator"),
      (["power domain", "power-domain", "pm domain", "genpd", "pd core"], "power domain"),
      (["iommu", "smmu"], "IOMMU"), (["clock", "clk"], "clock"),
      (["firmware", " fw ", "csffw", "mcu"], "firmware"),
      (["unsupported", "gpu model", "gpu_id", "gpu id", "unknown gpu"], "GPU model"),
      (["reset"], "reset"), (["irq", "interrupt"], "interrupt"),
    ]
    return kinds.first { $0.words.contains(where: text.contains) }?.kind
  }
}
