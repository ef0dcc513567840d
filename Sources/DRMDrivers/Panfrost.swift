// SPDX-License-Identifier: MIT

extension DriverFacts {
  /// panfrost, for Mali GPUs with job slots: Midgard and Bifrost, and Valhall before CSF.
  static let panfrost = DriverFacts(
    source: "drivers/gpu/drm/panfrost",
    gpu: .mali,
    bufferNode: .render,
    history: [
      Release(0, [.buffers, .fixedAddresses, .jobChains], linux: "5.2"),
      Release(1, .heapBuffers),
      Release(2),
      Release(4, .labels),
      Release(5),
      Release(
        6, [.writeBackMapping, .explicitSync, .bufferQuery, .reportsCoherency], linux: "7.0"),
    ],
    minorInLinux: ["6.12": 2, "7.2": 6, "7.3": 6],
    coherency: .deviceQuery(field: "selected_coherency"),
    syncCall: "PANFROST_SYNC_BO",
    creationFlags: [.writeBack, .noExecute],
    compatibles: [["mediatek,mt8183-mali", "arm,mali-bifrost"]],
    modules: ["panfrost"],
    caveat: nil)
}
