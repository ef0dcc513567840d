// SPDX-License-Identifier: MIT

/// A kernel driver of Mali GPUs, supported or not: its names, and the devices that it binds to.
struct MaliDriver: Hashable, Sendable {
  /// What gemsync can do with the driver.
  enum Kind: Hashable, Sendable {
    case supported
    /// A DRM driver with another uAPI.
    case unsupported
    /// Arm's driver outside the kernel's tree, without DRM nodes.
    case vendor
  }

  /// The name on the platform bus, in `DRIVER=` of uevents.
  let name: String
  let kind: Kind
  /// Kernel options that build it.
  let option: String
  /// The `compatible` strings that it binds to.
  let compatibles: Set<String>
  /// The first Linux release with it.
  let since: KernelRelease

  static let panthor = MaliDriver(
    name: "panthor", kind: .supported, option: "CONFIG_DRM_PANTHOR",
    compatibles: ["arm,mali-valhall-csf", "rockchip,rk3588-mali", "mediatek,mt8196-mali"],
    since: KernelRelease(6, 10))

  static let panfrost = MaliDriver(
    name: "panfrost", kind: .supported, option: "CONFIG_DRM_PANFROST",
    compatibles: [
      "arm,mali-t604", "arm,mali-t624", "arm,mali-t628", "arm,mali-t720", "arm,mali-t760",
      "arm,mali-t820", "arm,mali-t830", "arm,mali-t860", "arm,mali-t880", "arm,mali-bifrost",
      "arm,mali-valhall-jm", "amlogic,meson-gxm-mali", "amlogic,meson-g12a-mali",
      "mediatek,mt8183-mali", "mediatek,mt8183b-mali", "mediatek,mt8186-mali",
      "mediatek,mt8188-mali", "mediatek,mt8192-mali", "mediatek,mt8370-mali",
      "allwinner,sun50i-h616-mali",
    ],
    since: KernelRelease(5, 2))

  static let lima = MaliDriver(
    name: "lima", kind: .unsupported, option: "CONFIG_DRM_LIMA",
    compatibles: ["arm,mali-400", "arm,mali-450"], since: KernelRelease(5, 2))

  /// Tyr binds where panthor does.
  static let tyr = MaliDriver(
    name: "tyr", kind: .unsupported, option: "CONFIG_DRM_TYR", compatibles: [],
    since: KernelRelease(6, 18))

  static let all = [panthor, panfrost, lima, tyr]

  /// Identifiers of ACPI devices that panthor binds to in kernels with a patch for them.
  static let acpiIDs: Set<String> = ["CIXH5000"]

  /// Returns the driver with a name; a name of a vendor driver gives kbase.
  static func named(_ name: String) -> MaliDriver? {
    if let driver = all.first(where: { $0.name == name }) { return driver }
    guard isVendor(name) else { return nil }
    return MaliDriver(
      name: name, kind: .vendor, option: "CONFIG_MALI_MIDGARD", compatibles: [],
      since: KernelRelease(0, 0))
  }

  /// Returns the driver that binds to a device with these `compatible` strings or this ACPI identifier.
  static func binding(to compatible: [String], acpiID: String?) -> MaliDriver? {
    for name in compatible {
      if let driver = all.first(where: { $0.compatibles.contains(name) }) { return driver }
    }
    return acpiID.map(acpiIDs.contains) == true ? panthor : nil
  }

  /// Whether a driver or module is Arm's own: kbase under one of its names, or the driver of Utgard GPUs.
  static func isVendor(_ name: String) -> Bool {
    let name = name.replacing("-", with: "_")
    if ["mali_dp", "malidp", "mali_c55"].contains(name) { return false }
    let parts = ["kbase", "bifrost", "midgard", "valhall"]
    return name == "mali" || name.hasPrefix("mali_") || parts.contains { name.contains($0) }
  }

  /// Whether a driver of the platform bus or a module has to do with a Mali GPU.
  static func isKnown(_ name: String) -> Bool { named(name) != nil }

  /// Whether a `compatible` names a Mali GPU, and not a display (dp, d71), camera (c55) or video (v500) processor.
  static func isMali(_ compatible: String) -> Bool {
    let compatible = compatible.lowercased()
    guard let range = compatible.firstRange(of: "mali") else { return false }
    let rest = compatible[range.upperBound...]
    guard let first = rest.first else { return true }
    guard first == "-" else { return first == "t" }
    let (kind, number) = (rest.dropFirst().first, rest.dropFirst(2).first)
    return !rest.hasPrefix("-dp") && !("cdv".contains(kind ?? "-") && number?.isNumber == true)
  }
}

/// The names by which a device is bound to a driver, from its uevent and its modalias.
struct DeviceIdentity {
  private(set) var driver: String?
  private(set) var compatible: [String] = []
  private(set) var acpiIDs: [String] = []
  /// The path of its node in the device tree.
  private(set) var treePath: String?

  init(uevent: String, modalias: String) {
    var alias = modalias
    for line in uevent.split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { continue }
      switch parts[0] {
      case "DRIVER": driver = parts[1]
      case "OF_FULLNAME": treePath = parts[1]
      case "MODALIAS": alias = parts[1]
      case "OF_COMPATIBLE_N": break
      default: if parts[0].hasPrefix("OF_COMPATIBLE_") { compatible.append(parts[1]) }
      }
    }
    read(alias: alias)
  }

  /// Reads `of:NgpuT(null)Crockchip,rk3588-maliC...` or `acpi:CIXH5000:`.
  private mutating func read(alias: String) {
    let alias = alias.prefix { !$0.isNewline && $0 != "\0" }
    if alias.hasPrefix("acpi:") {
      acpiIDs = alias.dropFirst(5).split(separator: ":").map(String.init)
    } else if compatible.isEmpty, alias.hasPrefix("of:"), let type = alias.firstIndex(of: "T"),
      let start = alias[type...].firstIndex(of: "C")
    {
      compatible = alias[start...].split(separator: "C").map(String.init)
    }
  }

  /// Whether it is the device of a node of the device tree, by the node's path or else by the device's name.
  func isOf(_ node: String, _ name: String) -> Bool {
    guard let treePath else { return MachineRecord.platformName(of: node) == name }
    return treePath != "/" && node.hasSuffix(treePath)
  }

  /// Whether it is a Mali GPU: by a driver that drives nothing else, a `compatible` or an ACPI identifier.
  var isMali: Bool {
    driver.map(MaliDriver.isKnown) == true || compatible.contains(where: MaliDriver.isMali)
      || acpiIDs.contains(where: MaliDriver.acpiIDs.contains)
  }
}
