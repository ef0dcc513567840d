// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRMKernel

/// Advice for panfrost about a BO's contents.
public enum BufferAdvice: UInt32, Hashable, Sendable {
  /// The contents are needed: `PANFROST_MADV_WILLNEED`.
  case willNeed = 0
  /// The kernel may discard the contents under memory pressure: `PANFROST_MADV_DONTNEED`.
  case dontNeed = 1
}

/// Operations that only panfrost has.
extension BufferObject {
  /// Gets the BO's address in the node's GPU address space: `DRM_IOCTL_PANFROST_GET_BO_OFFSET`.
  ///
  /// - Throws: `notOffered` for other drivers; what the ioctl returned.
  public func gpuOffset() throws(DRMError) -> UInt64 {
    try uapi.require(.fixedAddresses, .gpuOffset, in: file)
    var argument = cdrm_panfrost_get_bo_offset(handle: handle.rawValue, pad: 0, offset: 0)
    try file.perform(
      .gpuOffset, cdrm_request_panfrost_get_bo_offset, &argument, on: .handle(handle))
    return argument.offset
  }

  /// Waits until no job uses the BO: `DRM_IOCTL_PANFROST_WAIT_BO`.
  ///
  /// - Throws: EBUSY where the deadline has passed before the call, ETIMEDOUT where it passes during it.
  public func wait(until deadline: Deadline) throws(DRMError) {
    try uapi.require(.fixedAddresses, .wait, in: file)
    var argument = cdrm_panfrost_wait_bo(
      handle: handle.rawValue, pad: 0, timeout_ns: deadline.nanoseconds)
    try file.perform(.wait, cdrm_request_panfrost_wait_bo, &argument, on: .handle(handle))
  }

  /// Advises the driver about the contents, and returns whether they are still present.
  ///
  /// The ioctl is `DRM_IOCTL_PANFROST_MADVISE`.
  ///
  /// - Throws: EINVAL for `dontNeed` of a BO that another file uses.
  public func advise(_ advice: BufferAdvice) throws(DRMError) -> Bool {
    try uapi.require(.fixedAddresses, .advise, in: file)
    var argument = cdrm_panfrost_madvise(
      handle: handle.rawValue, madv: advice.rawValue, retained: 0)
    try file.perform(.advise, cdrm_request_panfrost_madvise, &argument, on: .handle(handle))
    return argument.retained != 0
  }
}
