// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

/// panfrost's job ioctls with arguments that the typed client cannot express.
enum PanfrostCalls {
  /// The contents of `drm_panfrost_submit`: by default, only the BO handle is invalid.
  struct Submission {
    var chain: UInt64 = 0x200_0000
    var inSyncs: [UInt32] = []
    var outSync: UInt32 = 0
    var buffers: [UInt32] = [4711]
    var requirements: UInt32 = 0
    var context: UInt32 = 0
    var pad: UInt32 = 0
    /// Addresses and counts that replace those of the arrays.
    var inSyncsAt: (address: UInt64, count: UInt32)?
    var buffersAt: (address: UInt64, count: UInt32)?
    /// The size of the argument in bytes; nil for the whole struct.
    var size: Int?
  }

  /// Values of `requirements`.
  static let fragment = UInt32(CDRM_PANFROST_JD_REQ_FS)
  static let cycleCount = UInt32(CDRM_PANFROST_JD_REQ_CYCLE_COUNT)

  /// Submits a job chain and returns 0 or -errno.
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

  /// Creates a context, judges the outcome, and returns the handle.
  @discardableResult
  static func createContext(
    priority: UInt32 = UInt32(CDRM_PANFROST_JM_CTX_PRIORITY_MEDIUM), _ outcome: Outcome = .success,
    in probe: Probe
  ) throws -> UInt32 {
    try probe.call(
      cdrm_request_panfrost_jm_ctx_create,
      cdrm_panfrost_jm_ctx_create(handle: 99, priority: priority), outcome
    ).handle
  }

  /// Destroys a context and judges the outcome.
  static func destroyContext(
    _ handle: UInt32, pad: UInt32 = 0, _ outcome: Outcome = .success,
    on descriptor: CInt? = nil, in probe: Probe
  ) throws {
    try probe.call(
      cdrm_request_panfrost_jm_ctx_destroy,
      cdrm_panfrost_jm_ctx_destroy(handle: handle, pad: pad), outcome, on: descriptor)
  }

  /// Waits until a BO is idle, or polls it for a time of 0, and judges the outcome.
  static func waitBuffer(
    _ handle: UInt32, until time: Int64 = 0, _ outcome: Outcome = .success, in probe: Probe
  ) throws {
    try probe.call(
      cdrm_request_panfrost_wait_bo,
      cdrm_panfrost_wait_bo(handle: handle, pad: 0, timeout_ns: time), outcome)
  }

  /// Creates a heap BO of 64 KiB.
  static func createHeap(in probe: Probe) throws -> BufferObject {
    try probe.node.createBuffer(size: 65536, mapping: .none, options: [.heap, .noExecute])
  }
}
