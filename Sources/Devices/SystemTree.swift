// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import FoundationEssentials

/// What a Linux system tells of itself in files.
public struct SystemTree: Sendable {
  private let root: String

  /// Reads below `root`, which is empty but in tests.
  public init(root: String = "") {
    self.root = root
  }

  /// The running kernel's release, such as `7.3.4-arm64`.
  public var kernelRelease: String {
    text("/proc/sys/kernel/osrelease") ?? "unknown"
  }

  /// Whether a hypervisor runs this system, as the device tree or the processor says.
  public var isVirtualMachine: Bool {
    if let model = text("/sys/firmware/devicetree/base/compatible") {
      return model.contains("dummy-virt") || model.contains("qemu")
    }
    return text("/proc/cpuinfo")?.contains("hypervisor") ?? false
  }

  /// Answers the compatible of an enabled Mali GPU in the device tree, nil where there is none.
  public func maliInDeviceTree() -> String? {
    mali(below: "/sys/firmware/devicetree/base")
  }

  /// Answers the name of a loaded kernel module that drives Mali GPUs.
  public func loadedMaliModule() -> String? {
    let lines = text("/proc/modules")?.split(separator: "\n") ?? []
    let loaded = lines.compactMap { $0.split(separator: " ").first.map(String.init) }
    return ["panthor", "panfrost", "tyr", "lima", "mali_kbase"].first(where: loaded.contains)
  }

  /// Whether a compatible is a Mali GPU's: display (mali-dp) and camera (mali-c) processors are none.
  static func isMali(_ compatible: String) -> Bool {
    compatible.contains("mali") && !compatible.contains("mali-dp") && !compatible.contains("mali-c")
  }

  /// Answers who tells what cache maintenance the running kernel does; nil where it has no trace events for
  /// it, or does not let this process have them.
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
    // A compatible is a list of strings, each ended by a NUL.
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
