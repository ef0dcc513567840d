// SPDX-License-Identifier: MIT

internal import DRMKernel

/// A device that may be a GPU, put together from the places that name it.
struct Candidate {
  /// The name in sysfs, such as `fb000000.gpu`; for a device without one, of its node in the device tree.
  var name: String
  var compatible: [String] = []
  var acpiID: String?
  /// The driver that is bound.
  var driver: String?
  /// The directory of the platform device.
  var platformPath: String?
  /// The directory of the node in the device tree.
  var treePath: String?
  /// `cardN` and `renderDN`.
  var nodes: [String] = []
  /// The file of a vendor driver, such as `/dev/mali0`.
  var vendorFile: String?
  var isMali: Bool

  /// The name that the platform device of its node has.
  private var platformName: String? { treePath.flatMap(MachineRecord.platformName) }

  /// Whether a device is the one that the vendor driver of Utgard GPUs creates beside their node.
  private func isUtgard(behind device: Candidate) -> Bool {
    wanted == .lima && device.treePath == nil && device.compatible.isEmpty
      && device.driver.map(MaliDriver.isVendor) == true
  }

  private func isNamed(_ device: String?) -> Bool {
    device != nil && (name == device || platformName == device)
  }

  /// The driver that would bind.
  var wanted: MaliDriver? { MaliDriver.binding(to: compatible, acpiID: acpiID) }

  /// The number of devices after which no more are looked for.
  static let most = 64

  /// Finds the devices that a record names: Mali GPUs, and other devices with DRM nodes.
  static func all(in record: MachineRecord) -> [Candidate] {
    var found = platform(in: record)
    addTree(in: record, to: &found)
    addACPI(in: record, to: &found)
    addNodes(in: record, to: &found)
    addVendorFiles(in: record, to: &found)
    if !found.contains(where: \.isMali), let module = record.maliModules.first {
      found.append(Candidate(name: "module \(module)", isMali: true))
    }
    if found.isEmpty, record.hidesNodes {
      found.append(Candidate(name: "/dev/dri", isMali: true))
    }
    if !found.contains(where: \.isMali), let place = record.closedPlace {
      found.append(Candidate(name: place, isMali: true))
    }
    return found
  }

  private static func platform(in record: MachineRecord) -> [Candidate] {
    let trees = record.maliTreePaths
    let devices = record.names("/sys/bus/platform/devices").lazy.compactMap { name -> Candidate? in
      let path = MachineReader.platformPath + name
      let identity = record.identity(path)
      let isMali = identity.isMali || trees.contains { identity.isOf($0, name) }
      guard isMali else { return nil }
      return Candidate(
        name: name, compatible: identity.compatible, acpiID: identity.acpiIDs.first,
        driver: record.driver(path), platformPath: path,
        treePath: identity.treePath.flatMap { record.treePath($0) },
        nodes: record.names(path + "/drm"), isMali: true)
    }
    return Array(devices.prefix(most))
  }

  private static func addTree(in record: MachineRecord, to found: inout [Candidate]) {
    for path in record.maliTreePaths where found.count < most {
      let compatible = record.lines(path + "/compatible")
      let node = path.split(separator: "/").last.map(String.init) ?? path
      let candidate = Candidate(name: node, compatible: compatible, treePath: path, isMali: true)
      if let index = found.firstIndex(where: {
        $0.treePath == path || $0.name == candidate.platformName || candidate.isUtgard(behind: $0)
      }) {
        found[index].treePath = path
        if found[index].compatible.isEmpty { found[index].compatible = compatible }
      } else if let index = found.firstIndex(where: {
        $0.treePath == nil && !$0.compatible.isEmpty && $0.compatible == compatible
      }) {
        found[index].treePath = path
      } else {
        found.append(candidate)
      }
    }
  }

  private static func addACPI(in record: MachineRecord, to found: inout [Candidate]) {
    for name in record.names("/sys/bus/acpi/devices") where found.count < most {
      let id = record.text("/sys/bus/acpi/devices/\(name)/hid")
      guard let id, !found.contains(where: { $0.name == name || $0.acpiID == id }) else { continue }
      found.append(Candidate(name: name, acpiID: id, isMali: true))
    }
  }

  private static func addNodes(in record: MachineRecord, to found: inout [Candidate]) {
    let names = Set(record.names("/sys/class/drm") + record.names("/dev/dri"))
    let known = Set(found.flatMap(\.nodes))
    for node in names.subtracting(known).sorted(by: { ($0.count, $0) < ($1.count, $1) })
    where found.count < most {
      let path = "/sys/class/drm/" + node
      let identity = record.identity(path + "/device")
      let driver = record.driver(path + "/device") ?? record.driver(path)
      let device = record.deviceName(ofNode: node)
      let tree = identity.treePath.flatMap { record.treePath($0) }
      let isMali = identity.isMali || driver.map(MaliDriver.isKnown) == true
      let index =
        found.firstIndex { $0.isNamed(device) }
        ?? found.firstIndex { tree != nil && $0.treePath == tree }
        ?? found.firstIndex { one in
          isMali && one.isMali && device == nil && !one.nodes.contains { isSameKind($0, node) }
            && (one.driver ?? one.wanted?.name ?? driver) == driver
        }
        // A node of which sysfs says nothing is that of a Mali without one.
        ?? found.firstIndex { one in
          driver == nil && device == nil && one.isMali && one.platformPath == nil
            && !one.nodes.contains { isSameKind($0, node) }
        }
      if let index {
        found[index].nodes.append(node)
        if let device { found[index].name = device }
        if found[index].driver == nil { found[index].driver = driver }
      } else {
        found.append(
          Candidate(
            name: device ?? node, compatible: identity.compatible, acpiID: identity.acpiIDs.first,
            driver: driver, treePath: tree, nodes: [node], isMali: isMali))
      }
    }
  }

  /// Whether both are render nodes or both primary ones: a device has one of each.
  private static func isSameKind(_ one: String, _ other: String) -> Bool {
    one.hasPrefix("renderD") == other.hasPrefix("renderD")
  }

  private static func addVendorFiles(in record: MachineRecord, to found: inout [Candidate]) {
    for name in record.names("/dev") where name.hasPrefix("mali") {
      let device = record.linkName("/sys/class/misc/\(name)/device")
      let index =
        found.firstIndex { $0.isNamed(device) }
        ?? found.firstIndex { $0.isMali && $0.nodes.isEmpty && $0.vendorFile == nil }
      if let index {
        found[index].vendorFile = "/dev/" + name
      } else {
        found.append(
          Candidate(name: device ?? "/dev/" + name, vendorFile: "/dev/" + name, isMali: true))
      }
    }
  }
}

extension MachineRecord {
  /// The Mali modules that are loaded, and not built in.
  var maliModules: [String] {
    lines("/proc/modules").filter(MaliDriver.isKnown)
      + names("/sys/module").filter { MaliDriver.isKnown($0) && has("/sys/module/\($0)/initstate") }
  }

  /// Whether the user may not list the nodes, and sysfs does not name them.
  var hidesNodes: Bool {
    guard names("/sys/class/drm").isEmpty, names("/dev/dri").isEmpty,
      case .closed = FileAccess(self).of("/dev/dri/renderD128")
    else { return false }
    return true
  }

  /// The directory that may not be read, and without which it is not known whether there is a GPU; nil for none.
  var closedPlace: String? {
    ["/sys", "/sys/bus/platform/devices", "/sys/class/drm"].first { path in
      failure(path) == .EACCES || failure(path) == .EPERM
    }
  }

  /// Returns what a directory of sysfs says of its device.
  func identity(_ path: String) -> DeviceIdentity {
    DeviceIdentity(
      uevent: text(path + "/uevent") ?? "", modalias: text(path + "/modalias") ?? "")
  }

  /// Returns the driver that is bound to the device of a directory of sysfs.
  func driver(_ path: String) -> String? {
    identity(path).driver ?? linkName(path + "/driver")
  }

  /// Returns the directory of a node of the device tree, by the node's path in the tree.
  func treePath(_ fullName: String) -> String? {
    MachineReader.treePaths.map { $0 + fullName }.first { has($0 + "/compatible") }
  }

  /// Returns the name of a DRM node's device, from its link or from where its directory of sysfs lies.
  func deviceName(ofNode node: String) -> String? {
    if let name = linkName("/sys/class/drm/\(node)/device") { return name }
    let parts = linkTarget("/sys/class/drm/\(node)")?.split(separator: "/") ?? []
    return parts.count > 2 && parts[parts.count - 2] == "drm" ? String(parts[parts.count - 3]) : nil
  }

  /// Returns the name that the platform device of a node has: `fb000000.gpu` for `gpu@fb000000`.
  static func platformName(of node: String) -> String? {
    let parts = node.split(separator: "/").last?.split(separator: "@") ?? []
    return parts.count == 2 ? "\(parts[1]).\(parts[0])" : nil
  }

  /// Returns the device tree that a node is in.
  static func tree(of node: String) -> String? {
    MachineReader.treePaths.first { node.hasPrefix($0 + "/") }
  }

  /// Returns the directory in sysfs of the device of a node, or of the nearest node above it with one.
  func device(of node: String) -> String? {
    guard let tree = Self.tree(of: node) else { return nil }
    var devices: [String: String] = [:]
    for bus in names("/sys/bus") {
      for name in names("/sys/bus/\(bus)/devices") {
        let path = "/sys/bus/\(bus)/devices/\(name)"
        if let link = linkTarget(path + "/of_node") { devices[link] = path }
        if let name = identity(path).treePath { devices[tree + name] = path }
      }
    }
    var node = Substring(node)
    while node.count > tree.count, let slash = node.lastIndex(of: "/") {
      if let path = devices[String(node)] { return path }
      node = node[..<slash]
    }
    return nil
  }

  /// Returns the node that disables a node of the device tree, itself or one above it, with its status; nil for none.
  func disabling(_ treePath: String) -> (path: String, status: String)? {
    var path = Substring(treePath)
    while !MachineReader.treePaths.contains(String(path)), let slash = path.lastIndex(of: "/") {
      let status = text(path + "/status")
      if let status, !["okay", "ok", ""].contains(status) { return (String(path), status) }
      path = path[..<slash]
    }
    return nil
  }

  /// The directories of the Mali nodes of the device tree.
  var maliTreePaths: [String] {
    entries.keys.sorted().compactMap { path in
      guard MachineReader.treePaths.contains(where: { path.hasPrefix($0 + "/") }),
        path.hasSuffix("/compatible"), lines(path).contains(where: MaliDriver.isMali)
      else { return nil }
      return String(path.dropLast("/compatible".count))
    }
  }
}
