// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRMKernel

/// Jobs of panfrost.
extension DRMNode {
  /// Submits a chain of jobs to the compute slot: `DRM_IOCTL_PANFROST_SUBMIT`.
  ///
  /// Jobs that name the same BO run one after another: each leaves its fence with the BOs that it names.
  ///
  /// - Parameters:
  ///   - chain: the GPU address of the first ``JobDescriptor``.
  ///   - buffers: every BO that the chain uses, including the one that contains it. A handle that is named
  ///     more than once is passed once: the kernel returns EALREADY for a second time.
  ///   - waits: syncobjs whose fences must be signaled before the chain runs.
  ///   - signal: the syncobj that gets the chain's fence.
  /// - Throws: ENOENT for an unknown handle; EINVAL for address 0 or a syncobj without fence; ENODEV where
  ///   `signal` is not a syncobj.
  public func submit(
    chain: UInt64, using buffers: [GEMHandle], after waits: [SyncobjHandle] = [],
    signaling signal: SyncobjHandle? = nil
  ) throws(DRMError) {
    try uapi.require(.jobChains, .submit, in: file)
    var known: Set<GEMHandle> = []
    let handles = buffers.filter { known.insert($0).inserted }.map(\.rawValue)
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
