// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import DRMKernel
internal import FoundationEssentials
internal import MockDRM

/// Facts about a Linux system, from `/proc` and `/sys`.
public struct SystemTree: Sendable {
  private let root: String

  // Drivers without an entry in the catalog: lima (Utgard), and Arm's driver outside the kernel's tree.
  private static let maliModules = DRMDriver.mali.flatMap(\.facts.modules) + ["lima", "mali_kbase"]

  /// Reads below a root directory; only tests name one.
  public init(root: String = "") {
    self.root = root
  }

  /// The running kernel's release, such as `7.3.4-arm64`.
  public var kernelRelease: String {
    text("/proc/sys/kernel/osrelease") ?? "unknown"
  }

  /// Whether this is a virtual machine, from the device tree or the processor flags.
  public var isVirtualMachine: Bool {
    if let model = text("/sys/firmware/devicetree/base/compatible") {
      return model.contains("dummy-virt") || model.contains("qemu")
    }
    return text("/proc/cpuinfo")?.contains("hypervisor") ?? false
  }

  /// Returns the `compatible` of an enabled Mali GPU in the device tree; nil where there is none.
  public func maliInDeviceTree() -> String? {
    mali(below: "/sys/firmware/devicetree/base")
  }

  /// Returns the name of a loaded kernel module for Mali GPUs; nil where there is none.
  public func loadedMaliModule() -> String? {
    let lines = text("/proc/modules")?.split(separator: "\n") ?? []
    let loaded = lines.compactMap { $0.split(separator: " ").first.map(String.init) }
    return Self.maliModules.first(where: loaded.contains)
  }

  /// Whether a `compatible` names a Mali GPU, and not a display (mali-dp) or camera (mali-c) processor.
  static func isMali(_ compatible: String) -> Bool {
    compatible.contains("mali") && !compatible.contains("mali-dp") && !compatible.contains("mali-c")
  }

  /// Returns an observer of the running kernel's cache maintenance.
  ///
  /// Nil where the kernel has no trace events for it, or where this process may not read them.
  func maintenanceTrace(devices: [DeviceEntry]) -> (any MaintenanceObserver)? {
    guard root.isEmpty else { return nil }
    var nodes: [String: String] = [:]
    for node in devices.compactMap(\.renderNode) {
      let name = node.split(separator: "/").last ?? ""
      let link = "/sys/class/drm/\(name)/device"
      guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: link),
        let device = target.split(separator: "/").last
      else { continue }
      nodes[String(device)] = node
    }
    return DMATrace(nodes: nodes)
  }

  private func mali(below path: String) -> String? {
    guard text(path + "/status")?.hasPrefix("disabled") != true else { return nil }
    // The file is a list of strings, each with a NUL at its end.
    let names = text(path + "/compatible")?.split(separator: "\0") ?? []
    if let name = names.lazy.map(String.init).first(where: Self.isMali) {
      return name
    }
    for child in children(of: path) {
      if let found = mali(below: path + "/" + child) { return found }
    }
    return nil
  }

  private func children(of path: String) -> [String] {
    let manager = FileManager.default
    let names = (try? manager.contentsOfDirectory(atPath: root + path)) ?? []
    return names.sorted().filter { name in
      var isDirectory = false
      return manager.fileExists(atPath: root + path + "/" + name, isDirectory: &isDirectory)
        && isDirectory
    }
  }

  private func text(_ path: String) -> String? {
    guard let data = FileManager.default.contents(atPath: root + path) else { return nil }
    return String(decoding: data, as: UTF8.self).trimmingSuffix { $0 == "\n" }
  }
}

extension String {
  fileprivate func trimmingSuffix(while isCut: (Character) -> Bool) -> String {
    var rest = Substring(self)
    while let last = rest.last, isCut(last) { rest.removeLast() }
    return String(rest)
  }
}

/// The release of a kernel, such as `7.3.4-arm64`: which kernel a mock must model.
public struct KernelRelease: Hashable, Sendable {
  private let major: Int
  private let minor: Int

  /// Reads the first two numbers of a text; nil for a text without them.
  public init?(_ text: String) {
    let numbers = text.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
    guard numbers.count == 2 else { return nil }
    (major, minor) = (numbers[0], numbers[1])
  }

  /// The newest kernel that mocks model, such as `7.3`.
  public static var newestModelled: String { KernelVersion.newest.rawValue }

  /// The newest modelled kernel up to this release; nil for a release before the first of them.
  public var modelled: String? { version?.rawValue }

  /// Whether the release is newer than every modelled kernel.
  public var isNewerThanModelled: Bool {
    guard let newest = KernelRelease(Self.newestModelled) else { return false }
    return (major, minor) > (newest.major, newest.minor)
  }

  var version: KernelVersion? {
    KernelVersion.allCases.last { version in
      guard let known = KernelRelease(version.rawValue) else { return false }
      return (known.major, known.minor) <= (major, minor)
    }
  }
}
