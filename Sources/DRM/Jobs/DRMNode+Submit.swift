// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRMKernel

/// Jobs on panfrost.
extension DRMNode {
  /// Submits a chain of jobs to the compute slot: `DRM_IOCTL_PANFROST_SUBMIT`.
  ///
  /// Jobs that use one BO run one after another, by the fences that each leaves with the BOs it names.
  ///
  /// - Parameters:
  ///   - chain: the GPU address of the first ``JobDescriptor``.
  ///   - buffers: every BO that the chain uses, the one that holds it too.
  ///   - waits: syncobjs whose fences must be signaled before.
  ///   - signal: the syncobj that gets the chain's fence.
  /// - Throws: ENOENT for a handle that is none; EINVAL for address 0 or a syncobj without fence; ENODEV where
  ///   `signal` is no syncobj.
  public func submit(
    chain: UInt64, using buffers: [GEMHandle], after waits: [SyncobjHandle] = [],
    signaling signal: SyncobjHandle? = nil
  ) throws(DRMError) {
    try driver.require(.jobChains, .submit, in: file)
    let handles = buffers.map(\.rawValue)
    let syncobjs = waits.map(\.rawValue)
    try unsafe handles.withUnsafeBufferPointer { handles throws(DRMError) in
      try unsafe syncobjs.withUnsafeBufferPointer { syncobjs throws(DRMError) in
        var argument = cdrm_panfrost_submit()
        argument.jc = chain
        argument.bo_handles = UInt64(UInt(bitPattern: handles.baseAddress))
        argument.bo_handle_count = UInt32(handles.count)
        argument.in_syncs = UInt64(UInt(bitPattern: syncobjs.baseAddress))
        argument.in_sync_count = UInt32(syncobjs.count)
        argument.out_sync = signal?.rawValue ?? 0
        try file.perform(
          .submit, cdrm_request_panfrost_submit, &argument, on: .node(file.path))
      }
    }
  }
}
