// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import DRM
internal import DRMKernel

/// An open node that several parts of an experiment use.
final class OpenDevice {
  let node: DRMNode

  init(_ path: String, kernel: Kernel) throws(DRMError) {
    node = try DRMNode(path: path, kernel: kernel)
  }

  /// Answers a GPU that takes jobs through the node; nil where the driver takes none that this client knows.
  func makeGPU() throws(DRMError) -> (any TestGPU)? {
    if node.features.contains(.queueGroups) { return try CommandStreamGPU(self) }
    if node.features.contains(.jobChains) { return try JobChainGPU(self) }
    return nil
  }
}
