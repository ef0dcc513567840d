// SPDX-License-Identifier: MIT

internal import DRMKernel

/// The kernel's side: drivers, modules, options, firmware, exporters, the log.
extension MachineReader {
  /// The parts of module names that count.
  private static let words = [
    "panthor", "panfrost", "lima", "tyr", "mali", "kbase", "bifrost", "midgard", "valhall",
  ]

  static let modprobePaths = ["/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib"]
    .map { $0 + "/modprobe.d" }
  static let modulePaths = ["/lib/modules/", "/usr/lib/modules/"]

  private static func isAbout(_ line: String) -> Bool {
    words.contains { line.contains($0) }
  }

  /// Records which Mali drivers the kernel has, could load, or was built without.
  mutating func readDrivers() {
    let needles = Needles(Self.words)
    let loaded = (try? root.lines("/proc/modules", with: needles, where: Self.isAbout)) ?? []
    // The rest of a line has the address of the module.
    let modules = loaded.compactMap { $0.split(separator: " ").first.map(String.init) }
      .filter(MaliDriver.isKnown)
    if !modules.isEmpty { record.add("/proc/modules", .text(modules.joined(separator: "\n"))) }
    for directory in ["/sys/module", "/sys/bus/platform/drivers"] {
      for name in names(directory).names where MaliDriver.isKnown(name) {
        presence(directory + "/" + name)
        // A module that is built in has no such file.
        presence(directory + "/" + name + "/initstate")
      }
    }
    let release = record.text("/proc/sys/kernel/osrelease") ?? ""
    let directories = release.contains("/") ? [] : Self.modulePaths.map { $0 + release }
    let directory = directories.first(where: exists)
    if let directory, !release.isEmpty {
      record.add(directory, .present)
      presence(directory + "/modules.dep")
      readModuleFiles(directory)
      for name in ["modules.builtin", "modules.dep"] {
        lines(directory + "/" + name, with: needles) { line in
          Self.isAbout(
            line.split(separator: ":").first?.split(separator: "/").last?.description ?? "")
        }
      }
      lines(directory + "/modules.alias", with: needles, where: Self.isAlias)
      // The data of every built-in module: large, so read only where a Mali driver is one.
      if !record.lines(directory + "/modules.builtin").isEmpty {
        lines(directory + "/modules.builtin.modinfo", with: needles) { line in
          let module = line.prefix { $0 != "." }
          return line[module.endIndex...].hasPrefix(".alias=") && MaliDriver.isKnown(String(module))
        }
      }
    }
    if directory == nil, !release.isEmpty { readOtherReleases() }
    let options = ["/boot/config-" + release, (directory ?? "") + "/config", "/proc/config.gz"]
    for path in options where !release.contains("/") {
      lines(path, with: Needles(["CONFIG_"]), where: Self.isOption)
      if !record.lines(path).isEmpty { break }
    }
    for directory in Self.modprobePaths {
      for name in names(directory).names.prefix(256) where name.hasSuffix(".conf") {
        lines(directory + "/" + name) { line in
          let command = line.split(whereSeparator: \.isWhitespace).first
          return Self.isAbout(line) && (command == "blacklist" || command == "install")
        }
      }
    }
    text("/sys/kernel/debug/devices_deferred")
  }

  /// Records the files of supported drivers' modules, at their usual places, for a kernel without a list of them.
  private mutating func readModuleFiles(_ directory: String) {
    let drivers = ["panthor", "panfrost"]
    let places =
      drivers.map { "/kernel/drivers/gpu/drm/" + $0 } + ["/updates/dkms", "/updates", "/extra"]
    for place in places {
      for driver in drivers {
        for ending in [".ko", ".ko.xz", ".ko.zst", ".ko.gz"] {
          presence("\(directory)\(place)/\(driver)\(ending)")
        }
      }
    }
  }

  /// Records which other kernels have modules.
  private mutating func readOtherReleases() {
    for path in Self.modulePaths {
      let releases = names(String(path.dropLast())).directories.prefix(16)
      for name in releases { record.add(path + name, .present) }
      if !releases.isEmpty { return }
    }
  }

  private static func isAlias(_ line: String) -> Bool {
    guard let module = line.split(separator: " ").last else { return false }
    return ["alias of:", "alias acpi"].contains { line.hasPrefix($0) }
      && MaliDriver.isKnown(String(module))
  }

  private static func isOption(_ line: String) -> Bool {
    let names = [
      "CONFIG_DRM_PANTHOR", "CONFIG_DRM_PANFROST", "CONFIG_DRM_LIMA", "CONFIG_MALI_",
      "CONFIG_UDMABUF",
      "CONFIG_DMABUF_HEAPS", "CONFIG_FW_LOADER_COMPRESS",
    ]
    let text = line.hasPrefix("# ") ? line.dropFirst(2) : Substring(line)
    return names.contains { text.hasPrefix($0) }
  }

  /// Records which firmware files of panthor exist.
  mutating func readFirmware() {
    let release = record.text("/proc/sys/kernel/osrelease") ?? ""
    let directories = ["", "/updates"] + (release.contains("/") ? [] : ["/" + release])
    var paths = ["/lib/firmware", "/usr/lib/firmware"].flatMap { path in
      directories.map { path + $0 }
    }
    if let path = try? root.text("/sys/module/firmware_class/parameters/path", atMost: 4096) {
      let path = Self.trimmed(path)
      if path.hasPrefix("/") {
        record.add("/sys/module/firmware_class/parameters/path", .text(path))
        paths.insert(path, at: 0)
      }
    }
    for path in paths where exists(path) {
      record.add(path, .present)
      for architecture in names(path + "/arm/mali").names.prefix(256) {
        let directory = path + "/arm/mali/" + architecture
        for file in names(directory).names where file.hasPrefix("mali_csffw.bin") {
          record.add(directory + "/" + file, .present)
        }
      }
    }
  }

  /// Records the exporters without a GPU.
  mutating func readExporters() {
    presence("/sys/class/misc/udmabuf")
    status("/dev/udmabuf", opens: true)
    for name in names("/sys/class/dma_heap").names { presence("/sys/class/dma_heap/" + name) }
    for name in names("/dev/dma_heap").names.prefix(64) {
      status("/dev/dma_heap/" + name, opens: true)
    }
  }

  /// Records the lines of the kernel's log about the devices and the drivers, without times and addresses.
  mutating func readLog() {
    let path = "/dev/kmsg"
    let needles = Needles(Self.words + devices + [Self.banner])
    var lines: [String]?
    if root.isLive {
      do throws(Errno) {
        lines = try MachineRoot.kernelLog().split { $0 == 0x0a }.filter(needles.areIn)
          .map { String(decoding: $0, as: UTF8.self) }
      } catch {
        record.add(path, .failure(error))
      }
    }
    // Reading /proc/kmsg would take messages away from the system's logger.
    let files =
      [path, "/var/log/dmesg", "/var/log/kern.log", "/var/log/syslog", "/var/log/messages"]
      + (root.isLive ? [] : ["/proc/kmsg", "/dmesg", "/dmesg.txt", "/dmesg.log"])
    for file in files where lines == nil {
      lines = try? root.lines(file, with: needles) { isWanted($0) || $0.contains(Self.banner) }
    }
    // A file of a system logger has the lines of earlier boots too.
    if let start = lines?.lastIndex(where: { $0.contains(Self.banner) }) {
      lines?.removeFirst(start + 1)
    }
    let kept = (lines ?? []).filter(isWanted).map(Self.message).suffix(200)
    if !kept.isEmpty { record.add(path, .text(kept.joined(separator: "\n"))) }
  }

  /// The first line of a boot.
  private static let banner = " Linux version "

  private func isWanted(_ line: String) -> Bool {
    devices.contains { line.contains($0) }
      || line.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.contains { word in
        MaliDriver.isKnown(String(word)) || word.hasPrefix("mali0")
      }
  }

  /// Returns the message of a line, without priority, time and host, and without addresses in it.
  static func message(_ line: String) -> String {
    var text = Substring(line)
    if let range = text.firstRange(of: " kernel: ") { text = text[range.upperBound...] }
    if text.first == "<", let end = text.firstIndex(of: ">") { text = text[end...].dropFirst() }
    if text.first == "[", let end = text.firstIndex(of: "]"),
      text[..<end].dropFirst().allSatisfy({ $0.isNumber || " .".contains($0) })
    {
      text = text[end...].dropFirst()
    }
    // A record of /dev/kmsg: `6,339,5140900,-;message`.
    if text.first?.isNumber == true, let end = text.firstIndex(of: ";"),
      text[..<end].allSatisfy({ !$0.isLetter || $0 == "c" })
    {
      text = text[end...].dropFirst()
    }
    return withoutAddresses(String(text.drop { $0 == " " }.prefix(400)))
  }

  /// Replaces long numbers, UUIDs, and addresses of MAC, IPv4 and IPv6.
  static func withoutAddresses(_ text: String) -> String {
    text.replacing(#/0x[0-9a-fA-F]{7,}/#, with: "0x*")
      .replacing(#/\b[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5,7}\b/#, with: "*")
      .replacing(#/\b[0-9]{1,3}(\.[0-9]{1,3}){3}\b/#, with: "*")
      .replacing(#/\b[0-9a-fA-F]{1,4}(::?[0-9a-fA-F]{1,4}){4,7}\b/#, with: "*")
      .replacing(#/\b[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b/#, with: "*")
      .replacing(#/\b(?=[0-9a-fA-F]*[0-9])[0-9a-fA-F]{16}\b/#, with: "*")
  }
}
