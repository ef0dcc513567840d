// SPDX-License-Identifier: MIT

#if canImport(Glibc)
  internal import Glibc
#endif

/// The DRM nodes that sysfs knows, for those devices that libdrm leaves out: it lists buses it has a name
/// for, and vgem sits on none of them.
enum HostNodes {
  private static let directory = "/sys/class/drm/"

  /// Answers entries for every device none of whose nodes is listed already.
  static func missing(from listed: [DeviceEntry]) -> [DeviceEntry] {
    let known = Set(listed.flatMap { [$0.primaryNode, $0.renderNode].compactMap(\.self) })
    var devices: [String: DeviceEntry] = [:]
    for name in names() {
      let node = "/dev/dri/" + name
      guard let device = target(of: directory + name + "/device"), !known.contains(node) else {
        continue
      }
      let entry = devices[device]
      let isRender = name.hasPrefix("renderD")
      devices[device] = DeviceEntry(
        primaryNode: isRender ? entry?.primaryNode : node,
        renderNode: isRender ? node : entry?.renderNode,
        compatible: [])
    }
    return devices.sorted { $0.key < $1.key }.map(\.value)
  }

  /// The names of nodes: `card0`, `renderD128`; connectors such as `card0-HDMI-A-1` are none.
  private static func names() -> [String] {
    guard let stream = unsafe opendir(directory) else { return [] }
    defer { _ = unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
          unsafe String(cString: $0)
        }
      }
      for prefix in ["card", "renderD"] where name.hasPrefix(prefix) {
        if Int(name.dropFirst(prefix.count)) != nil { names.append(name) }
      }
    }
    return names
  }

  private static func target(of path: String) -> String? {
    guard let resolved = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
  }
}
