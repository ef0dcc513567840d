// SPDX-License-Identifier: MIT

/// Fences that clients attached to a memory: what is in its `struct dma_resv` beside those of jobs.
final class MockReservation {
  private var attached: [(fence: MockFence, isWriter: Bool)] = []

  /// Attaches the fences of somebody who reads the memory, or writes it.
  func attach(_ fences: [MockFence], isWriter: Bool) {
    attached.removeAll { $0.fence.isSignaled }
    attached += fences.map { ($0, isWriter) }
  }

  /// What must be signaled before the memory is read, or written too: readers wait for writers only.
  func fences(isWriter: Bool) -> [MockFence] {
    attached.filter { !$0.fence.isSignaled && (isWriter || $0.isWriter) }.map(\.fence)
  }
}
