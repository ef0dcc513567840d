// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// vgem 1.0, the driver without a device that other drivers are tested with: `drivers/gpu/drm/vgem`.
///
/// Its BOs are dumb buffers, mapped write-combining, and its dma-bufs have no CPU access hooks.
final class MockVGEM: MockDriver {
  let name = "vgem"
  let summary = "Virtual GEM provider"
  let hasSyncobj = false
  let hasSyncobjTimeline = false
  let hasDumbBuffers = true
  // Fences that a client signals are for tests of implicit synchronisation.
  let table = MockIoctlTable(
    [cdrm_request_vgem_fence_attach, cdrm_request_vgem_fence_signal].map { .notModelled($0) })

  /// Always, for no device is behind it whose coherency could matter: `map_wc`.
  func mapsWriteCombining(_ buffer: MockBuffer) -> Bool { true }

  /// The minor it reports.
  static let minor = 0
}
