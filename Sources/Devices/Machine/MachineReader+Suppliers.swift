// SPDX-License-Identifier: MIT

internal import DRMKernel

/// What a GPU without a driver waits for: the device links of sysfs, and what its node of the device tree names.
extension MachineReader {
  /// Records the suppliers of a device that are not ready, theirs too, each once.
  mutating func readSuppliers(of device: String) {
    var pending = [device]
    var seen: Set<String> = []
    while let consumer = pending.popLast(), seen.count < 256 {
      let suppliers = names(consumer).names.filter { $0.hasPrefix("supplier:") }
      for link in suppliers {
        let parts = link.split(separator: ":", maxSplits: 2).map(String.init)
        guard parts.count == 3 else { continue }
        record.add(consumer + "/" + link, .present)
        text(consumer + "/" + link + "/status")
        let path = "/sys/bus/\(parts[1])/devices/\(parts[2])"
        guard seen.insert(path).inserted else { continue }
        readDevice(path)
        devices.insert(parts[2])
        pending.append(path)
      }
    }
  }

  /// The properties that name suppliers, with the property of the supplier that counts the arguments.
  private static let properties = [
    "power-domains": "#power-domain-cells", "iommus": "#iommu-cells", "clocks": "#clock-cells",
    "resets": "#reset-cells",
  ]

  /// Records the nodes that the nodes of GPUs without a driver name, with their status and their devices.
  mutating func readTreeSuppliers() {
    let nodes = record.maliTreePaths.filter { path in
      record.disabling(path) == nil && !isBound(path)
    }
    guard let tree = nodes.first.flatMap(MachineRecord.tree) else { return }
    var seen = Set(nodes)
    var suppliers: [String] = []
    let handles = phandles(tree)
    suppliers += deferralNodes.map { tree + $0 }.filter { seen.insert($0).inserted }
    for node in nodes.prefix(8) {
      for property in names(node).names
      where property.hasSuffix("-supply") || Self.properties[property] != nil {
        let found = targets(node + "/" + property, Self.properties[property], handles)
        guard !found.isEmpty else { continue }
        record.add(node + "/" + property, .text(found.joined(separator: "\n")))
        suppliers += found.map { tree + $0 }.filter { seen.insert($0).inserted }
      }
    }
    guard !suppliers.isEmpty else { return }
    let bound = treeDevices()
    for supplier in suppliers.prefix(64) {
      var path = Substring(supplier)
      var hasDevice = false
      while path.count > tree.count, let slash = path.lastIndex(of: "/") {
        if isDisabled(String(path)) { readStatus(String(path)) }
        // The device of a node above it has the node too: a regulator belongs to its PMIC.
        if !hasDevice, let device = bound[String(path)] {
          hasDevice = true
          readDevice(device)
          devices.insert(String(device.split(separator: "/").last ?? ""))
          readSuppliers(of: device)
        }
        path = path[..<slash]
      }
    }
  }

  /// The nodes that the kernel names as what a device waits for.
  private var deferralNodes: [String] {
    let lines = (try? root.lines(Deferral.list) { $0.contains("wait for supplier /") }) ?? []
    return lines.compactMap { line in
      line.split(separator: " ").last.map(String.init)
    }
  }

  /// Whether a driver is bound to the platform device of a node.
  private func isBound(_ node: String) -> Bool {
    record.names("/sys/bus/platform/devices").contains { name in
      let path = Self.platformPath + name
      let tree = record.identity(path).treePath.flatMap { record.treePath($0) }
      return record.driver(path) != nil
        && (tree == node || record.linkTarget(path + "/of_node") == node)
    }
  }

  /// The nodes of a device tree by their phandles, relative to it.
  private func phandles(_ tree: String) -> [UInt32: String] {
    var found: [UInt32: String] = [:]
    var pending = [(path: "", depth: 0)]
    var count = 0
    while let (path, depth) = pending.popLast(), count < Self.mostNodes {
      count += 1
      guard let listing = try? root.names(tree + path) else { continue }
      if listing.names.contains("phandle"), let handle = cells(tree + path + "/phandle").first {
        found[handle] = path
      }
      guard depth < Self.mostDepth else { continue }
      pending += listing.directories.map { (path + "/" + $0, depth + 1) }
    }
    return found
  }

  /// Reads the big-endian numbers of a property.
  private func cells(_ path: String) -> [UInt32] {
    let bytes = (try? root.bytes(path, atMost: 1024)) ?? []
    return stride(from: 0, to: bytes.count - bytes.count % 4, by: 4).map { index in
      bytes[index..<index + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
  }

  /// Returns the nodes that a property names; those after an unknown one are left out.
  private func targets(
    _ path: String, _ count: String?, _ handles: [UInt32: String]
  ) -> [String] {
    let cells = cells(path)
    var found: [String] = []
    var index = 0
    while index < cells.count, found.count < 16, let node = handles[cells[index]] {
      if !found.contains(node) { found.append(node) }
      let tree = MachineRecord.tree(of: path) ?? ""
      let arguments = count.map { self.cells(tree + node + "/" + $0).first ?? 0 } ?? 0
      guard arguments < 16 else { break }
      index += 1 + Int(arguments)
    }
    return found
  }

  /// The devices that have a node of the device tree, by the node.
  private func treeDevices() -> [String: String] {
    var found: [String: String] = [:]
    for bus in ((try? root.names("/sys/bus")) ?? .init()).names.prefix(128) {
      let directory = "/sys/bus/\(bus)/devices"
      for name in ((try? root.names(directory)) ?? .init()).names {
        let path = directory + "/" + name
        guard let node = try? root.resolve(path + "/of_node"), node.contains("/devicetree/") else {
          continue
        }
        found[node] = found[node] ?? path
      }
    }
    return found
  }
}
