// SPDX-License-Identifier: MIT

/// A GPU that Arm's own driver has.
extension Diagnosis {
  /// A vendor module that is loaded.
  var vendorModule: String? { record.maliModules.first(where: MaliDriver.isVendor) }

  /// Whether the GPU is one of the Utgard family (Mali-400, Mali-450), which kbase does not drive.
  private var isUtgard: Bool {
    candidate.wanted == .lima || candidate.driver?.contains("utgard") == true
  }

  mutating func judgeVendor() {
    let file =
      candidate.vendorFile
      ?? record.names("/dev").first { $0.hasPrefix("mali") }.map { "/dev/" + $0 }
    if let file, let status = record.status(file) { show(file, status.permissions) }
    let module =
      vendorModule ?? record.names("/sys/module").first(where: MaliDriver.isVendor)
    if let module {
      show(record.has("/sys/module/" + module) ? "/sys/module" : "/proc/modules", module)
    }
    let name = isUtgard ? "mali" : "kbase"
    let place = file.map { " (\($0))" } ?? ""
    set(
      .vendorDriver, "belongs to the vendor driver \(name)\(place)",
      "the GPU belongs to the vendor driver \(name)\(place); it offers no DRM node")
    if let other = disabledNode {
      show(other.path + "/status", other.status)
      advise(
        "enable the node \(other.name) of the same GPU with an overlay, and disable \(treeName)")
    }
    if let module = vendorModule {
      advise(
        "sudo modprobe -r \(module.quoted), and keep it out with 'blacklist \(module)' in /etc/modprobe.d"
      )
    } else {
      advise("use a kernel without the vendor driver, which is built in here")
    }
    if isUtgard {
      return advise("use another GPU: gemsync supports none of the Utgard family (Mali-400, -450)")
    }
    adviseSupported()
  }

  /// Whether the board's processor has a GPU with command streams, whatever the vendor's node calls it.
  private var hasCommandStreams: Bool { isRK3588 || candidate.wanted == .panthor }

  /// Whether the GPU is of the families that only panfrost drives, by its name.
  private var isOfPanfrost: Bool {
    if candidate.compatible != ["arm,mali-bifrost"] {
      let parts = ["midgard", "bifrost", "mali-t", "malit"]
      return candidate.wanted == .panfrost
        || candidate.compatible.contains { name in parts.contains { name.contains($0) } }
    }
    // kbase binds to this compatible for GPUs of every kind: it takes the board to tell.
    return MachineReader.treePaths.contains { !record.lines($0 + "/compatible").isEmpty }
  }

  /// Advises what makes a supported driver bind.
  private mutating func adviseSupported() {
    let names = candidate.compatible
    let driver = hasCommandStreams ? "panthor" : isOfPanfrost ? "panfrost" : nil
    let isBindable = candidate.wanted.map { $0.name == driver } == true
    if !isBindable, !names.isEmpty, disabledNode == nil {
      advise(
        isRK3588
          ? "use a device tree whose GPU node has rockchip,rk3588-mali (panthor)"
          : "use a device tree whose GPU node has a compatible of \(driver ?? "panthor or panfrost")"
      )
    }
    for name in driver.map({ [$0] }) ?? ["panfrost", "panthor"] { advise("sudo modprobe \(name)") }
  }
}

// MARK: Two nodes of one GPU

/// Vendor device trees have a node for kbase and one for the driver of the kernel, of which one is disabled.
extension Diagnosis {
  var treeName: String {
    candidate.treePath?.split(separator: "/").last.map(String.init) ?? candidate.name
  }

  /// The other nodes of the device tree at the GPU's address, with what disables them.
  private var otherNodes: [(name: String, path: String, status: String?)] {
    guard let tree = candidate.treePath, let at = treeName.firstIndex(of: "@") else { return [] }
    let address = treeName[at...]
    return record.maliTreePaths.compactMap { path in
      guard path != tree, let name = path.split(separator: "/").last, name.hasSuffix(address) else {
        return nil
      }
      return (String(name), path, record.disabling(path)?.status)
    }
  }

  var disabledNode: (name: String, path: String, status: String)? {
    for node in otherNodes {
      if let status = node.status { return (node.name, node.path, status) }
    }
    return nil
  }

  var enabledNode: String? { otherNodes.first { $0.status == nil }?.name }
}
