// SPDX-License-Identifier: MIT

extension DriverFacts {
  /// powervr, for Imagination's GPUs.
  static let powervr = DriverFacts(
    source: "drivers/gpu/drm/imagination",
    gpu: .powerVR,
    bufferNode: .render,
    history: [Release(0, [.buffers, .unmappableBuffers, .protectedBuffers])],
    minorInLinux: ["6.12": 0, "7.2": 0, "7.3": 0],
    coherency: .none,
    syncCall: nil,
    creationFlags: [],
    compatibles: [["ti,am62-gpu", "img,img-axe-1-16m", "img,img-axe", "img,img-rogue"]],
    modules: ["powervr"],
    caveat: "powervr is supported from its source alone: nothing ran on the real driver")
}
