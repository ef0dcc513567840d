// SPDX-License-Identifier: MIT

internal import DRMKernel

/// The devices that may be a GPU: device tree, platform bus, ACPI, DRM nodes, the files of vendor drivers.
extension MachineReader {
  static let treePaths = ["/sys/firmware/devicetree/base", "/proc/device-tree"]
  static let platformPath = "/sys/bus/platform/devices/"

  static let mostDepth = 32
  static let mostNodes = 20_000

  /// Records the Mali nodes of the device tree, and which nodes above them are disabled.
  mutating func readDeviceTree() {
    guard let tree = Self.treePaths.first(where: exists) else { return }
    text(tree + "/compatible")
    text(tree + "/model")
    var pending: [(path: String, depth: Int, off: String?)] = [(tree, 0, nil)]
    var count = 0
    while let (path, depth, off) = pending.popLast() {
      count += 1
      guard count <= Self.mostNodes, depth <= Self.mostDepth else {
        record.omit("\(tree): more than \(Self.mostNodes) nodes, or \(Self.mostDepth) levels")
        if depth > Self.mostDepth { continue }
        return
      }
      let listing = names(path)
      let isDisabled = listing.names.contains("status") && isDisabled(path)
      if depth > 0, listing.names.contains("compatible") { readTreeNode(path, off) }
      for child in listing.directories {
        pending.append((path + "/" + child, depth + 1, off ?? (isDisabled ? path : nil)))
      }
    }
  }

  func isDisabled(_ path: String) -> Bool {
    guard let status = try? root.text(path + "/status", atMost: 64) else { return false }
    // `okay` and `ok` enable a node; `disabled`, `reserved`, `fail` and `fail-sss` do not.
    return !["okay", "ok", ""].contains(Self.trimmed(status))
  }

  /// Records a Mali node, with the status of a node above it that is disabled.
  private mutating func readTreeNode(_ path: String, _ off: String?) {
    guard let text = try? root.text(path + "/compatible", atMost: 4096) else { return }
    let names = Self.trimmed(text)
    guard
      names.split(whereSeparator: \.isNewline).contains(where: { MaliDriver.isMali(String($0)) })
    else {
      return
    }
    record.add(path + "/compatible", .text(names))
    for node in [path, off].compactMap({ $0 }) { readStatus(node) }
  }

  mutating func readStatus(_ node: String) {
    if let status = try? root.text(node + "/status", atMost: 64) {
      record.add(node + "/status", .text(Self.trimmed(status)))
    }
  }

  /// Records the Mali devices of the platform bus, and the chain of their suppliers.
  mutating func readPlatform() {
    let trees = record.maliTreePaths
    for name in names(Self.platformPath).names {
      let path = Self.platformPath + name
      let identity = DeviceIdentity(
        uevent: (try? root.text(path + "/uevent")) ?? "",
        modalias: (try? root.text(path + "/modalias", atMost: 4096)) ?? "")
      guard identity.isMali || trees.contains(where: { identity.isOf($0, name) }) else { continue }
      readDevice(path)
      if let driver = try? Self.trimmed(root.text(path + "/driver_override", atMost: 256)),
        !driver.isEmpty, driver != "(null)"
      {
        record.add(path + "/driver_override", .text(driver))
      }
      devices.insert(name)
      for node in names(path + "/drm").names where Self.isNode(node) {
        presence(path + "/drm/" + node)
      }
      readSuppliers(of: path)
    }
    readTreeSuppliers()
  }

  /// Records what the kernel reports of a device.
  mutating func readDevice(_ path: String) {
    uevent(path)
    text(path + "/waiting_for_supplier")
    link(path + "/driver")
    link(path + "/iommu_group")
    link(path + "/of_node")
  }

  /// Records the driver and the names of a device, and nothing else of its uevent.
  private mutating func uevent(_ path: String) {
    lines(path + "/uevent") { line in
      ["DRIVER=", "OF_FULLNAME=", "OF_COMPATIBLE_", "MODALIAS="].contains { line.hasPrefix($0) }
    }
    text(path + "/modalias")
  }

  /// Records Mali devices that ACPI describes.
  mutating func readACPI() {
    let directory = "/sys/bus/acpi/devices/"
    for name in names(directory).names {
      guard let id = try? root.text(directory + name + "/hid", atMost: 64),
        MaliDriver.acpiIDs.contains(Self.trimmed(id))
      else { continue }
      text(directory + name + "/hid")
      text(directory + name + "/status")
      devices.insert(name)
    }
  }

  /// Records DRM nodes with their devices, their files, and the files of vendor drivers.
  mutating func readNodes() {
    let known = names("/sys/class/drm").names.filter(Self.isNode)
    for name in known {
      let path = "/sys/class/drm/" + name
      link(path)
      uevent(path)
      link(path + "/device")
      uevent(path + "/device")
      link(path + "/device/driver")
      if let device = record.deviceName(ofNode: name),
        record.values(path + "/device/uevent", "DRIVER=").contains(where: MaliDriver.isKnown)
      {
        devices.insert(device)
      }
    }
    status("/dev/dri")
    let files = names("/dev/dri").names.filter(Self.isNode)
    let bound = devices.flatMap { record.names(Self.platformPath + $0 + "/drm") }
    for name in Set(known + files + bound).sorted() {
      status("/dev/dri/" + name, opens: name.hasPrefix("renderD"))
    }
    for name in names("/dev").names where Self.isVendorFile(name) { status("/dev/" + name) }
    for name in names("/sys/class/misc").names where Self.isVendorFile(name) {
      link("/sys/class/misc/" + name + "/device")
      presence("/sys/class/misc/" + name)
    }
  }

  /// Whether this is `cardN` or `renderDN`, and not a connector such as `card0-HDMI-A-1`.
  private static func isNode(_ name: String) -> Bool {
    ["card", "renderD"].contains { prefix in
      name.hasPrefix(prefix) && Int(name.dropFirst(prefix.count)) != nil
    }
  }

  /// Whether this is `mali` or `maliN`.
  private static func isVendorFile(_ name: String) -> Bool {
    name == "mali" || (name.hasPrefix("mali") && Int(name.dropFirst(4)) != nil)
  }
}
