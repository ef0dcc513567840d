// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

/// panfrost's job ioctls in whatever shape a check wants them.
enum PanfrostCalls {
  static let fragment = UInt32(CDRM_PANFROST_JD_REQ_FS)
  static let cycleCount = UInt32(CDRM_PANFROST_JD_REQ_CYCLE_COUNT)

  /// What a submission is made of, refused for nothing but the BO that never was.
  struct Submission {
    var chain: UInt64 = 0x200_0000
    var inSyncs: [UInt32] = []
    var outSync: UInt32 = 0
    var buffers: [UInt32] = [4711]
    var requirements: UInt32 = 0
    var context: UInt32 = 0
    var pad: UInt32 = 0
    /// Addresses and counts that take the arrays' places.
    var inSyncsAt: (address: UInt64, count: UInt32)?
    var buffersAt: (address: UInt64, count: UInt32)?
    /// How many bytes the argument has; nil for all.
    var size: Int?
  }

  static func submit(_ submission: Submission, in probe: Probe) -> CInt {
    unsafe submission.inSyncs.withUnsafeBufferPointer { inSyncs in
      unsafe submission.buffers.withUnsafeBufferPointer { buffers in
        var argument = cdrm_panfrost_submit(
          jc: submission.chain,
          in_syncs: submission.inSyncsAt?.address ?? UInt64(UInt(bitPattern: inSyncs.baseAddress)),
          in_sync_count: submission.inSyncsAt?.count ?? UInt32(inSyncs.count),
          out_sync: submission.outSync,
          bo_handles: submission.buffersAt?.address
            ?? UInt64(UInt(bitPattern: buffers.baseAddress)),
          bo_handle_count: submission.buffersAt?.count ?? UInt32(buffers.count),
          requirements: submission.requirements, jm_ctx_handle: submission.context,
          pad: submission.pad)
        let request = IoctlRequest(rawValue: cdrm_request_panfrost_submit)
        return probe.ioctl(
          request.resized(to: submission.size ?? request.size).rawValue, &argument)
      }
    }
  }

  /// Makes a context, and judges the outcome; answers its handle.
  static func createContext(
    priority: UInt32 = UInt32(CDRM_PANFROST_JM_CTX_PRIORITY_MEDIUM), _ outcome: Outcome = .success,
    in probe: Probe
  ) throws -> UInt32 {
    var argument = cdrm_panfrost_jm_ctx_create(handle: 99, priority: priority)
    try probe.expect(probe.ioctl(cdrm_request_panfrost_jm_ctx_create, &argument), outcome)
    return argument.handle
  }

  static func destroyContext(_ handle: UInt32, pad: UInt32 = 0, in probe: Probe) -> CInt {
    var argument = cdrm_panfrost_jm_ctx_destroy(handle: handle, pad: pad)
    return probe.ioctl(cdrm_request_panfrost_jm_ctx_destroy, &argument)
  }

  /// WAIT_BO; a time of 0 asks only whether it is idle.
  static func waitBuffer(_ handle: UInt32, until time: Int64 = 0, in probe: Probe) -> CInt {
    var argument = cdrm_panfrost_wait_bo(handle: handle, pad: 0, timeout_ns: time)
    return probe.ioctl(cdrm_request_panfrost_wait_bo, &argument)
  }
}
