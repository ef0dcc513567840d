// SPDX-License-Identifier: MIT

internal import DRMKernel

/// What the kernel's log says of a probe, and the firmware that panthor loads in it.
extension Diagnosis {
  static let log = "/dev/kmsg"

  /// The name that the kernel's log has for the device.
  var logName: String {
    candidate.treePath.flatMap(MachineRecord.platformName) ?? candidate.name
  }

  /// The lines about this device.
  var logLines: [String] {
    record.lines(Self.log).filter { names($0, logName) || names($0, candidate.name) }
  }

  /// Whether a line has a name as a word: `1.gpu` is neither in `11.gpu` nor in `1.gpu-panthor`.
  private func names(_ line: String, _ name: String) -> Bool {
    line.ranges(of: name).contains { range in
      let before = line[..<range.lowerBound].last
      let after = line[range.upperBound...].first
      return before.map(Self.isNamePart) != true && after.map(Self.isNamePart) != true
    }
  }

  private static func isNamePart(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || "-_.".contains(character)
  }

  /// The lines of the newest probe: those after the failure of the one before.
  private var attempt: [String] {
    let firmware = Set(
      record.lines(Self.log).filter {
        $0.contains("mali_csffw.bin") && $0.firstMatch(of: #/^\S+ [0-9a-fA-F]+\.\S+:/#) == nil
      })
    let own = Set(logLines)
    let lines = record.lines(Self.log).filter { own.contains($0) || firmware.contains($0) }
    let ends = lines.indices.filter {
      lines[$0].contains("probe") && Self.errno(in: lines[$0]) != nil
    }
    guard ends.count > 1 else { return lines }
    // What follows the last failure belongs to a probe that has not ended.
    return Array(lines[(ends[ends.count - 2] + 1)...])
  }

  mutating func judgeLog() -> Bool {
    let lines = attempt
    let firmware = lines.filter { $0.contains("mali_csffw.bin") }
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

  mutating func judgeFirmware(_ line: String) -> Bool {
    let word = line.split(separator: " ").first { $0.contains("mali_csffw.bin") }
    var file = word.map { String($0.drop { "'\"".contains($0) }.prefix { !"'\"".contains($0) }) }
    // Some kernels name the file without its directory.
    if file?.contains("/") == false { file = firmwareFile }
    let wanted = file ?? "arm/mali/arch*/mali_csffw.bin"
    show("kernel log", line)
    let all = record.entries.keys.sorted().filter {
      $0.contains("/arm/mali/") && $0.contains("/mali_csffw.bin")
    }
    let there = all.filter { path in file.map { path.contains("/" + $0) } ?? true }
    set(
      .firmwareMissing, "firmware missing: \(wanted)",
      "panthor could not load its firmware \(wanted) (-2, ENOENT)")
    if let exact = there.first(where: { $0.hasSuffix("mali_csffw.bin") || canUnpack($0) }) {
      show(exact, "exists")
      device.explanation += "; the file is there now, so it came after the probe"
      advise(
        "put the file into the initramfs too (sudo update-initramfs -u), if panthor is loaded there"
      )
    } else if let packed = there.first {
      show(packed, "exists")
      device.explanation += "; only a compressed file is there"
      advise("use a kernel with \(Self.unpacking(packed)), or decompress \(packed)")
    } else {
      showNoFirmware(file)
      for path in all.prefix(4) { show(path, "exists, for another GPU") }
      adviseFirmware(file)
    }
    adviseBinding("panthor")
    return true
  }

  mutating func showNoFirmware(_ file: String?) {
    if let file {
      show("/lib/firmware/\(file)", "no such file")
    } else {
      show("/lib/firmware/arm/mali", "no file of panthor")
    }
  }

  mutating func adviseFirmware(_ file: String?) {
    if let file { advise("install the file from linux-firmware as /lib/firmware/\(file)") }
    advise("install the package with it: linux-firmware, or firmware-misc-nonfree on Debian")
  }

  /// Whether the board has the processor RK3588, or the GPU is that of one.
  var isRK3588: Bool {
    let board = MachineReader.treePaths.flatMap { record.lines($0 + "/compatible") }
    return (board + candidate.compatible).contains { $0.hasPrefix("rockchip,rk3588") }
  }

  /// The firmware file of the GPU's architecture, from its identifier in the log or its name; nil for an unknown one.
  var firmwareFile: String? {
    let ids = logLines.compactMap { line in
      line.firstMatch(of: #/ id 0x([0-9a-f])([0-9a-f])[0-9a-f]{2}\b/#)
    }
    guard let id = ids.last, let major = Int(id.output.1, radix: 16),
      let minor = Int(id.output.2, radix: 16)
    else { return isRK3588 ? "arm/mali/arch10.8/mali_csffw.bin" : nil }
    return "arm/mali/arch\(major).\(minor)/mali_csffw.bin"
  }

  /// The kernel option that reads a compressed file.
  private static func unpacking(_ path: String) -> String {
    "CONFIG_FW_LOADER_COMPRESS_" + (path.hasSuffix(".zst") ? "ZSTD" : "XZ")
  }

  /// Whether the kernel is known to read a compressed file.
  private func canUnpack(_ path: String) -> Bool {
    optionLine(Self.unpacking(path))?.line.hasSuffix("=y") == true
  }

  /// Advises to have a driver probe the device again.
  mutating func adviseBinding(_ driver: String?) {
    guard let driver else { return }
    if record.lines(modules + "/modules.builtin").contains(where: { $0.hasSuffix("/\(driver).ko") })
    {
      advise("echo \(logName.quoted) | sudo tee /sys/bus/platform/drivers/\(driver)/bind")
    } else {
      advise("sudo modprobe -r \(driver); sudo modprobe \(driver)")
    }
  }

  /// Advises to look for the device in the log.
  mutating func adviseLog() {
    let name = candidate.name.split(separator: "@").last ?? ""
    advise("sudo dmesg | grep -iE \("\(name)|\(candidate.wanted?.name ?? "mali")".quoted)")
  }
}

// MARK: Lines of the log

extension Diagnosis {
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
      "fail", "error", "incorrect", "couldn't", "could not", "not found", "unsupported", "unknown",
      "timed out", "timeout", "unable", "missing", "invalid", "-517", "defer",
    ]
    guard complaints.contains(where: text.contains) else { return nil }
    let kinds: [(words: [String], kind: String)] = [
      (["regulator", "supply", "opp_", " opp"], "regulator"),
      (["power domain", "power-domain", "pm domain", "genpd", "pd core"], "power domain"),
      (["iommu", "smmu"], "IOMMU"), (["clock", "clk"], "clock"),
      (["firmware", " fw ", "csffw", "mcu"], "firmware"),
      (["unsupported", "gpu model", "gpu_id", "gpu id", "unknown gpu"], "GPU model"),
      (["reset"], "reset"), (["irq", "interrupt"], "interrupt"),
    ]
    return kinds.first { $0.words.contains(where: text.contains) }?.kind
  }
}
