// SPDX-License-Identifier: MIT

internal import DRMKernel

/// The end of something that a device does: `struct dma_fence`.
final class MockFence {
  /// The job whose end it is; nil for one that was signaled from the start.
  let job: Int?
  private(set) var isSignaled: Bool
  /// What went wrong, once it is signaled.
  private(set) var error: Errno?

  /// Creates the fence of a job.
  init(of job: Int) {
    self.job = job
    isSignaled = false
  }

  /// Creates one that is signaled: the kernel's stub fence.
  init() {
    job = nil
    isSignaled = true
  }

  func signal(_ error: Errno?) {
    self.error = error
    isSignaled = true
  }
}
