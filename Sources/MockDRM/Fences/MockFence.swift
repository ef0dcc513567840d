// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// A fence, which is signaled at the end of a job: `struct dma_fence`.
final class MockFence {
  /// The number of the job that signals it; nil for a fence that is signaled from the start.
  let job: Int?
  private(set) var isSignaled: Bool
  /// The error of the job, once the fence is signaled; nil for success.
  private(set) var error: Errno?

  /// Creates the fence of a job.
  init(of job: Int) {
    self.job = job
    isSignaled = false
  }

  /// Creates a signaled fence: `dma_fence_get_stub`.
  init() {
    job = nil
    isSignaled = true
  }

  func signal(_ error: Errno?) {
    self.error = error
    isSignaled = true
  }
}

/// The fences of a memory's `struct dma_resv` that clients imported; the fences of jobs are not stored here.
final class MockReservation {
  private var attached: [(fence: MockFence, isWriter: Bool)] = []

  /// Attaches the fences of a reader or writer of the memory.
  func attach(_ fences: [MockFence], isWriter: Bool) {
    attached.removeAll { $0.fence.isSignaled }
    attached += fences.map { ($0, isWriter) }
  }

  /// Returns the fences to wait for: readers wait for writers only, writers for all.
  func fences(isWriter: Bool) -> [MockFence] {
    attached.filter { !$0.fence.isSignaled && (isWriter || $0.isWriter) }.map(\.fence)
  }
}

/// The ioctls of sync files: `sync_file.c`.
enum MockSyncFile {
  /// Performs SYNC_IOC_FILE_INFO, which returns the status of the fences.
  static func ioctl(
    _ request: IoctlRequest, argument address: UInt64, on fences: [MockFence]
  ) throws(Errno) {
    // sync_file_ioctl compares the whole request, not only its number.
    guard request.rawValue == cdrm_request_sync_file_info else { throw .ENOTTY }
    let bytes = try ClientMemory.readBytes(
      address, count: MemoryLayout<cdrm_sync_file_info>.size)
    var info = unsafe bytes.withUnsafeBytes {
      unsafe $0.loadUnaligned(as: cdrm_sync_file_info.self)
    }
    guard info.flags == 0, info.pad == 0 else { throw .EINVAL }
    // Information about each fence is not modelled; ENOSYS is not an error of the kernel's.
    guard info.num_fences == 0 else { throw .ENOSYS }
    info.name = cdrm_sync_file_info().name
    info.status = status(of: fences)
    info.num_fences = UInt32(max(fences.count, 1))
    try unsafe withUnsafeBytes(of: info) { bytes throws(Errno) in
      try unsafe ClientMemory.write(address, from: bytes)
    }
  }

  /// Returns 0 until all fences are signaled, then 1 or the first -errno: `dma_fence_get_status`.
  private static func status(of fences: [MockFence]) -> Int32 {
    guard fences.allSatisfy(\.isSignaled) else { return 0 }
    return fences.lazy.compactMap(\.error).first?.answer ?? 1
  }
}
