// SPDX-License-Identifier: MIT

internal import DRMKernel

/// A device whose probe is deferred, with the reason that the kernel keeps.
struct Deferral: Hashable {
  let device: String
  let reason: String
  let source: String

  static let list = "/sys/kernel/debug/devices_deferred"

  /// Returns the devices that debugfs lists, and those that the log names at the end of the boot.
  static func all(in record: MachineRecord) -> [Deferral] {
    let listed = record.lines(list).map { line in
      let parts = line.split(maxSplits: 1, whereSeparator: \.isWhitespace)
      return Deferral(
        device: String(parts.first ?? ""), reason: parts.count > 1 ? String(parts[1]) : "",
        source: list)
    }
    let logged = record.lines("/dev/kmsg").compactMap { line -> Deferral? in
      guard line.contains("deferral") || line.contains("deferred"),
        let match = line.firstMatch(
          of: #/^(?:\S+ )?(\S+): (?:deferred probe pending|probe deferral)[ :-]*(.*)$/#)
      else { return nil }
      return Deferral(
        device: String(match.output.1), reason: String(match.output.2), source: "kernel log")
    }
    return listed + logged
  }
}

/// A GPU whose driver waits for other devices.
extension Diagnosis {
  /// Advises to look at the deferred devices where the record does not have them.
  mutating func adviseDeferrals() {
    if deferrals.isEmpty { advise("sudo cat \(Deferral.list)") }
    if record.failure("/dev/kmsg") != nil {
      advise("sudo gemsync doctor, which can read the kernel's log")
    }
  }

  /// Finds out whether the probe is deferred by what the kernel says of it.
  mutating func judgeDeferred() -> Bool {
    let (name, path) = (candidate.name, candidate.platformPath ?? "")
    let line = logLines.last { Self.errno(in: $0) != nil && !$0.contains("error -2") }
    let isLast = line.flatMap(Self.errno) == Self.deferral
    let isListed = deferrals.contains { $0.device == name }
    let isWaiting = record.text(path + "/waiting_for_supplier") == "1"
    // Without its driver, that a device waits is not what is wrong.
    let isBindable = isThere(driverName) || !record.has(modules)
    guard isListed || isLast || (isWaiting && isBindable) else { return false }
    return explainDeferral(name, path, isWaiting, isLast ? line : nil)
  }

  /// Finds out whether a device that this one is linked to is not ready.
  mutating func judgeSuppliers() -> Bool {
    guard let path = candidate.platformPath, isThere(driverName),
      linkedSupplier(path) != nil || treeSupplier() != nil
    else { return false }
    return explainDeferral(candidate.name, path, false, nil)
  }

  private mutating func explainDeferral(
    _ name: String, _ path: String, _ isWaiting: Bool, _ line: String?
  ) -> Bool {
    if isWaiting { show(path + "/waiting_for_supplier", "1") }
    if let line { show("kernel log", line) }
    let chain = suppliers(of: name, path)
    let links = chain.links
    let text = links.isEmpty ? "another device" : links.joined(separator: ", which waits for ")
    set(
      .deferred, "deferred on \(links.first ?? "another device")",
      "its probe waits for \(text)" + (chain.end.map { ", which \($0)" } ?? ""))
    if let what = line.flatMap(Self.cause), links.isEmpty {
      device.summary = "deferred on \(Self.article(what))"
      device.explanation = "its probe waits for \(Self.article(what)) that is not ready"
    }
    if chain.isWithoutDriver, let last = chain.lastPath, let modalias = modalias(last) {
      advise("sudo modprobe \(modalias.quoted)")
    }
    if let group = record.linkName(path + "/iommu_group") {
      show(path + "/iommu_group", group)
    }
    adviseDeferrals()
    if chain.isDisabled {
      advise("enable that node (status = \"okay\") in the board's device tree or with an overlay")
    } else if let last = links.last, !last.contains(" ") {
      // The log has the names of devices, and not paths of the device tree.
      let name = last.split(separator: "/").last.map(String.init) ?? last
      advise("sudo dmesg | grep -F \(name.quoted)")
    }
    advise("gemsync doctor --wait 30, if the machine has just booted")
    return true
  }

  private struct Chain {
    var links: [String] = []
    /// What the last device of the chain lacks.
    var end: String?
    var lastPath: String?
    var isWithoutDriver: Bool { end == "has no driver" }
    var isDisabled = false
  }

  private func modalias(_ path: String) -> String? {
    record.text(path + "/modalias") ?? record.values(path + "/uevent", "MODALIAS=").first
  }

  /// Follows the suppliers of a device that are not ready, until one waits for nothing.
  private mutating func suppliers(of name: String, _ path: String) -> Chain {
    var chain = Chain()
    var (name, path) = (name, path)
    var seen: Set<String> = [name]
    while chain.links.count < 16 {
      var next: (name: String, path: String)?
      if let deferral = deferrals.first(where: { $0.device == name }) {
        show(deferral.source, "\(deferral.device): \(deferral.reason)")
        next = Self.supplier(in: deferral.reason).map(located)
      }
      if let link = linkedSupplier(path) {
        if next == nil || next?.path == "" { next = link }
      }
      if next == nil, chain.links.isEmpty, let node = treeSupplier() { next = node }
      guard let found = next, seen.insert(found.name).inserted else {
        if let found = next { chain.end = "waits for \(found.name) again: a cycle" }
        return chain
      }
      chain.links.append(found.name)
      (name, path) = found
      chain.lastPath = path
      if let (node, status) = disabling(name, path) {
        show(node + "/status", status)
        chain.end = "is disabled in the device tree"
        chain.isDisabled = true
        return chain
      }
      guard !path.isEmpty, record.has(path), record.driver(path) == nil else { continue }
      show(path, "no driver is bound")
      if !deferrals.contains(where: { $0.device == name }), linkedSupplier(path) == nil {
        chain.end = "has no driver"
      }
    }
    return chain
  }

  /// Returns the first supplier of a device that is not ready.
  private func linkedSupplier(_ path: String) -> (name: String, path: String)? {
    for link in record.names(path) where link.hasPrefix("supplier:") {
      let parts = link.split(separator: ":", maxSplits: 2).map(String.init)
      guard parts.count == 3 else { continue }
      let supplier = "/sys/bus/\(parts[1])/devices/\(parts[2])"
      let isDormant = record.text(path + "/" + link + "/status") == "dormant"
      if isDormant || record.driver(supplier) == nil { return (parts[2], supplier) }
    }
    return nil
  }

  /// Returns the first node that the GPU's node names and that is not ready, by its device where it has one.
  private func treeSupplier() -> (name: String, path: String)? {
    guard let node = candidate.treePath, let tree = MachineRecord.tree(of: node) else { return nil }
    // Clocks and resets often have no driver in sysfs although they are ready.
    let properties = record.names(node).filter { name in
      name.hasSuffix("-supply") || ["power-domains", "iommus"].contains(name)
    }
    let nodes = properties.flatMap { record.lines(node + "/" + $0) }
    if let name = nodes.first(where: { record.disabling(tree + $0) != nil }) { return (name, "") }
    for name in nodes {
      if let path = record.device(of: tree + name), record.driver(path) == nil {
        return (path.split(separator: "/").last.map(String.init) ?? name, path)
      }
    }
    return nil
  }

  /// Returns the device of a supplier that the kernel names, itself or by its node of the device tree.
  private func located(_ supplier: String) -> (name: String, path: String) {
    guard supplier.hasPrefix("/") else { return (supplier, devicePath(supplier)) }
    for tree in MachineReader.treePaths {
      if let path = record.device(of: tree + supplier) {
        return (path.split(separator: "/").last.map(String.init) ?? supplier, path)
      }
    }
    return (supplier, "")
  }

  /// Returns what disables a supplier in the device tree; nil for nothing.
  private func disabling(_ name: String, _ path: String) -> (path: String, status: String)? {
    if name.hasPrefix("/") {
      return MachineReader.treePaths.lazy.compactMap { record.disabling($0 + name) }.first
    }
    let node =
      record.linkTarget(path + "/of_node")
      ?? record.identity(path).treePath.flatMap { record.treePath($0) }
    return node.flatMap(record.disabling)
  }

  /// Returns the directory in sysfs of a device that the kernel names; empty where the record has none.
  private func devicePath(_ name: String) -> String {
    for bus in record.names("/sys/bus") where record.has("/sys/bus/\(bus)/devices/\(name)") {
      return "/sys/bus/\(bus)/devices/\(name)"
    }
    return ""
  }

  private static func article(_ what: String) -> String {
    ("AEIOUaeiou".contains(what.first ?? "-") ? "an " : "a ") + what
  }

  /// Returns the supplier that a reason names: a device, or a node of the device tree by its path.
  ///
  /// The kernel's texts are `supplier NAME not ready` and `wait for supplier PATH`.
  static func supplier(in reason: String) -> String? {
    let words = reason.split(separator: " ").map(String.init)
    guard let index = words.lastIndex(of: "supplier"), index + 1 < words.count else {
      return cause(of: reason + " defer").map(article)
    }
    return words[index + 1]
  }
}
