// SPDX-License-Identifier: MIT

#if canImport(Glibc)
  internal import Glibc
#endif

/// Lists DRM nodes from sysfs, for devices that libdrm omits: it knows some buses only, and vgem has none.
enum HostNodes {
  private static let directory = "/sys/class/drm/"

  /// Returns entries for the devices without a node in a list.
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

  /// Returns the names of nodes, such as `card0` and `renderD128`, without connectors such as `card0-HDMI-A-1`.
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
