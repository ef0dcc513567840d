// SPDX-License-Identifier: MIT

/// A syncobj, which holds a fence or a timeline of fences: `struct drm_syncobj`.
///
/// A point of a timeline is signaled with all fences of it and of the points before it.
final class MockSyncobj {
  // The fences, oldest first.
  private var chain: [Link] = []

  private struct Link {
    /// 0 for a fence that is on no timeline.
    let point: UInt64
    let fences: [MockFence]
    /// The `context` of a `dma_fence_chain`; a point that is not later than the last one starts a new one.
    let timeline: Int

    var isSignaled: Bool { fences.allSatisfy(\.isSignaled) }
  }

  /// Creates a syncobj with fences, or an empty one.
  init(_ fences: [MockFence]? = nil) {
    replace(with: fences)
  }

  /// Replaces the contents with fences, or with nothing: `drm_syncobj_replace_fence`.
  func replace(with fences: [MockFence]?) {
    chain = fences.map { [Link(point: 0, fences: $0, timeline: 0)] } ?? []
  }

  /// Appends a fence to the timeline: `drm_syncobj_add_point`.
  func add(_ fence: MockFence, at point: UInt64) {
    removeSignaled()
    let last = chain.last { $0.timeline > 0 }
    let isLater = last.map { point > $0.point } ?? false
    chain.append(
      Link(
        // A point that is not later than the last one gets the value of the last one.
        point: max(point, last?.point ?? 0), fences: [fence],
        timeline: (last?.timeline ?? 0) + (isLater ? 0 : 1)))
  }

  /// Returns the fences to wait for at a point, or of the last point for 0: `drm_syncobj_find_fence`.
  ///
  /// Nil where the point has not been submitted.
  func fences(at point: UInt64 = 0) -> [MockFence]? {
    guard let last = chain.last else { return nil }
    guard point > 0 else { return chain.flatMap(\.fences) }
    guard last.timeline > 0, last.point >= point else { return nil }
    var end = chain.count - 1
    while end > 0, chain[end - 1].timeline == last.timeline, chain[end - 1].point >= point {
      end -= 1
    }
    return chain[...end].flatMap(\.fences)
  }

  /// The last point that was submitted; 0 without a timeline.
  var submittedPoint: UInt64 { chain.last?.point ?? 0 }

  /// The last point that is signaled; 0 without a timeline.
  var signaledPoint: UInt64 {
    guard let last = chain.last, last.timeline > 0 else { return 0 }
    let current = chain.drop { $0.timeline != last.timeline }
    guard chain.prefix(current.startIndex).allSatisfy(\.isSignaled) else { return 0 }
    return current.prefix { $0.isSignaled }.last?.point ?? 0
  }

  /// Removes signaled links before the first that is not signaled: `dma_fence_chain_walk`.
  private func removeSignaled() {
    guard let last = chain.indices.last else { return }
    chain.removeSubrange(..<(chain[..<last].firstIndex { !$0.isSignaled } ?? last))
  }
}
