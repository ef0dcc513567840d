// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMDrivers
internal import DRMKernel

/// The mock of Tyr, `drivers/gpu/drm/tyr`: reports itself as panthor 1.5, and has one ioctl.
final class MockTyr: MockDriver {
  let identity = DRMDriver.panthor
  let summary = "ARM Mali Tyr DRM driver"
  let hasSyncobj = false
  let hasSyncobjTimeline = false
  let table = MockIoctlTable([
    .entry(cdrm_request_panthor_dev_query) {
      (file, argument: inout cdrm_panthor_dev_query) throws(Errno) in
      guard argument.type == CDRM_PANTHOR_DEV_QUERY_GPU_INFO else { throw .EINVAL }
      let info = MockPanthor.gpuInfo(file.device.profile)
      let bytes = unsafe withUnsafeBytes(of: info) { unsafe Array($0) }
      guard argument.pointer != 0 else {
        argument.size = UInt32(bytes.count)
        return
      }
      guard Int(argument.size) >= bytes.count else { throw .EFAULT }
      try ClientMemory.writeBytes(argument.pointer, bytes)
    }
  ])

  /// The minor that it reports on every kernel.
  static let minor = 5
}
