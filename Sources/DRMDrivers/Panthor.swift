// SPDX-License-Identifier: MIT

extension DriverFacts {
  /// panthor, for Mali GPUs with command streams: Valhall CSF and later.
  static let panthor = DriverFacts(
    source: "drivers/gpu/drm/panthor",
    gpu: .mali,
    bufferNode: .render,
    history: [
      Release(0, [.buffers, .unmappableBuffers, .addressSpaces, .queueGroups], linux: "6.10"),
      Release(4, .labels),
      Release(5),
      Release(
        7, [.writeBackMapping, .explicitSync, .bufferQuery, .reportsCoherency], linux: "7.0"),
      Release(8),
      Release(9),
    ],
    minorInLinux: ["6.12": 0, "7.2": 8, "7.3": 9],
    coherency: .deviceQuery(field: "selected_coherency"),
    syncCall: "PANTHOR_BO_SYNC",
    creationFlags: [.writeBack, .unmappable, .exclusive],
    compatibles: [["rockchip,rk3588-mali", "arm,mali-valhall-csf"]],
    modules: ["panthor", "tyr"],
    caveat: nil)
}
