// SPDX-License-Identifier: MIT

extension DriverFacts {
  /// vgem: BOs without a device, to share with drivers that have one.
  ///
  /// Its BOs are dumb buffers, which are created on the primary node only.
  static let vgem = DriverFacts(
    source: "drivers/gpu/drm/vgem",
    gpu: nil,
    bufferNode: .primary,
    history: [Release(0, [.buffers, .dumbBuffers])],
    minorInLinux: ["6.12": 0, "7.2": 0, "7.3": 0],
    coherency: .none,
    syncCall: nil,
    creationFlags: [],
    compatibles: [],
    modules: ["vgem"],
    caveat: nil)
}
