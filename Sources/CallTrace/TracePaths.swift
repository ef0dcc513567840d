// SPDX-License-Identifier: MIT

/// The files that a trace may name: nodes of the DRM, udmabuf and dma-heaps.
enum TracePaths {
  static let udmabuf = "/dev/udmabuf"
  /// The directory of the heaps.
  static let heaps = "/dev/dma_heap/"
  private static let nodes = "/dev/dri/"

  /// Whether a path names an exporter of dma-bufs.
  static func isExporter(_ path: String) -> Bool {
    guard path.hasPrefix(heaps) else { return path == udmabuf }
    let name = path.dropFirst(heaps.count).utf8
    return !name.isEmpty && name.first != UInt8(ascii: ".") && !name.contains(UInt8(ascii: "/"))
      && !name.contains(0)
  }

  /// Whether a path names a node of the DRM, also one that does not exist.
  static func isNode(_ path: String) -> Bool {
    guard path.hasPrefix(nodes) else { return false }
    let parts = path.dropFirst(nodes.count).split(separator: "/", omittingEmptySubsequences: false)
    return parts.allSatisfy { !$0.isEmpty && $0.first != "." } && !path.utf8.contains(0)
  }
}
