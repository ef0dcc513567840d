// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// Sync files: `sync_file.c`.
enum MockSyncFile {
  /// Performs an ioctl on a descriptor of one: what its fences say.
  static func ioctl(
    _ request: IoctlRequest, argument address: UInt64, on fences: [MockFence]
  ) throws(Errno) {
    // The file looks at all of the request, not only at its number.
    guard request.rawValue == cdrm_request_sync_file_info else { throw .ENOTTY }
    let bytes = try ClientMemory.readBytes(
      address, count: MemoryLayout<cdrm_sync_file_info>.size)
    var info = unsafe bytes.withUnsafeBytes {
      unsafe $0.loadUnaligned(as: cdrm_sync_file_info.self)
    }
    guard info.flags == 0, info.pad == 0 else { throw .EINVAL }
    // One for each fence is not modelled; no kernel says ENOSYS there.
    guard info.num_fences == 0 else { throw .ENOSYS }
    info.name = cdrm_sync_file_info().name
    info.status = status(of: fences)
    info.num_fences = UInt32(max(fences.count, 1))
    try unsafe withUnsafeBytes(of: info) { bytes throws(Errno) in
      try unsafe ClientMemory.write(address, from: bytes)
    }
  }

  /// 0 until all are signaled, then 1 or the first error, as a negative number: `dma_fence_get_status`.
  private static func status(of fences: [MockFence]) -> Int32 {
    guard fences.allSatisfy(\.isSignaled) else { return 0 }
    return fences.lazy.compactMap(\.error).first?.answer ?? 1
  }
}
