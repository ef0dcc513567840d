// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMDrivers
internal import DRMKernel

/// The mock of vgem 1.0, a driver without a device: `drivers/gpu/drm/vgem`.
///
/// Its BOs are dumb buffers with WC mappings, and its dma-bufs have no hooks for CPU accesses.
final class MockVGEM: MockDriver {
  let identity = DRMDriver.vgem
  let summary = "Virtual GEM provider"
  let hasSyncobj = false
  let hasSyncobjTimeline = false
  let hasDumbBuffers = true
  // The ioctls for fences that a client signals.
  let table = MockIoctlTable(
    [cdrm_request_vgem_fence_attach, cdrm_request_vgem_fence_signal].map { .notModelled($0) })

  /// Always true: `vgem_gem_create_object` sets `drm_gem_shmem_object.map_wc`.
  func mapsWriteCombining(_ buffer: MockBuffer) -> Bool { true }
}
