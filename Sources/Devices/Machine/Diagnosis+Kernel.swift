// SPDX-License-Identifier: MIT

/// What a kernel has: drivers, modules and their aliases, options, and what keeps modules out.
extension Diagnosis {
  var kernelRelease: String { record.text("/proc/sys/kernel/osrelease") ?? "" }

  /// The directory of the kernel's modules.
  var modules: String { record.modulesPath }

  /// Whether the kernel has the driver: loaded or built in.
  func isThere(_ name: String?) -> Bool {
    guard let name else { return false }
    return record.has("/sys/bus/platform/drivers/" + name) || record.has("/sys/module/" + name)
      || record.lines("/proc/modules").contains(name)
      || record.lines(modules + "/modules.builtin").contains { $0.hasSuffix("/\(name).ko") }
  }

  func modulePath(_ name: String) -> String? {
    let path = modules + "/modules.dep"
    return record.lines(path).contains { $0.contains("/\(name).ko") } ? path : nil
  }

  // MARK: Aliases

  /// What a module binds to, such as `of:N*T*Carm,mali-bifrost` or `acpi*:CIXH5000:*`.
  private struct Alias {
    let pattern: Substring
    let module: String
  }

  private var aliases: [Alias] {
    let listed = record.lines(modules + "/modules.alias").compactMap { line -> Alias? in
      let words = line.split(separator: " ")
      return words.count == 3 ? Alias(pattern: words[1], module: String(words[2])) : nil
    }
    // `panthor.alias=of:...`
    let builtIn = record.lines(modules + "/modules.builtin.modinfo").compactMap { line in
      line.firstRange(of: ".alias=").map { range in
        Alias(pattern: line[range.upperBound...], module: String(line[..<range.lowerBound]))
      }
    }
    return listed + builtIn
  }

  /// The modules whose aliases match the device, in the order of its `compatible`.
  var aliasedModules: [String] {
    let aliases = aliases
    let compatible = candidate.compatible.flatMap { name in
      aliases.filter { $0.pattern.hasSuffix("C" + name) || $0.pattern.contains("C\(name)C*") }
    }
    let acpi = aliases.filter { alias in
      candidate.acpiID.map { alias.pattern.contains(":\($0):") } == true
    }
    return (compatible + acpi).map(\.module)
  }

  /// The driver that binds to the GPU: by the kernel's own aliases, or else by the list of gemsync.
  ///
  /// A vendor's module that has an alias too is not meant.
  var driverName: String? {
    let names = aliasedModules.filter { !MaliDriver.isVendor($0) }
    return names.first(where: MachineDevice.isSupported) ?? names.first ?? candidate.wanted?.name
  }

  /// Whether the kernel lists what a driver binds to, and this device is not in it.
  func isAlien(to name: String) -> Bool {
    aliases.contains { $0.module == name } && !aliasedModules.contains(name)
  }

  // MARK: Options

  /// Returns the line of a kernel option, also of one that is not set; nil where none was read.
  func optionLine(_ option: String) -> (path: String, line: String)? {
    for path in [
      "/boot/config-" + kernelRelease, modules + "/config", "/proc/config.gz",
    ] {
      if let line = record.lines(path).first(where: {
        $0.contains(option + " ") || $0.hasPrefix(option + "=")
      }) {
        return (path, line)
      }
    }
    return nil
  }

  /// Returns what keeps a module out: a word of the command line, or a line of modprobe.d.
  func blacklisting(_ name: String) -> (path: String, line: String)? {
    let words = record.text("/proc/cmdline")?.split(separator: " ") ?? []
    let word = words.first { word in
      guard let equals = word.firstIndex(of: "="), word[..<equals].hasSuffix("blacklist") else {
        return false
      }
      let isInitcall = word.hasPrefix("initcall")
      return word[equals...].dropFirst().split(separator: ",").contains {
        isInitcall ? $0.hasPrefix(name + "_") : $0 == name
      }
    }
    if let word { return ("/proc/cmdline", String(word)) }
    for directory in MachineReader.modprobePaths {
      for file in record.names(directory) {
        let path = directory + "/" + file
        let line = record.lines(path).first {
          $0.split(whereSeparator: \.isWhitespace).dropFirst().first == name[...]
        }
        if let line { return (path, line) }
      }
    }
    return nil
  }
}

extension MachineRecord {
  /// The directory of the running kernel's modules.
  var modulesPath: String {
    let release = text("/proc/sys/kernel/osrelease") ?? ""
    let paths = MachineReader.modulePaths.map { $0 + release }
    return paths.first(where: has) ?? paths[0]
  }
}
