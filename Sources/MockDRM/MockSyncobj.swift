// SPDX-License-Identifier: MIT

/// A syncobj: a place for a fence, or for a timeline of them: `struct drm_syncobj`.
///
/// A point is reached with all fences of it and of the points before it.
final class MockSyncobj {
  // What was put in, oldest first; nothing at first.
  private var chain: [Link] = []

  private struct Link {
    /// 0 for what is on no timeline.
    let point: UInt64
    let fences: [MockFence]
    /// Points out of order begin a timeline anew: the `context` of a `dma_fence_chain`.
    let timeline: Int

    var isSignaled: Bool { fences.allSatisfy(\.isSignaled) }
  }

  /// Creates a syncobj that holds fences, or none yet.
  init(_ fences: [MockFence]? = nil) {
    replace(with: fences)
  }

  /// Puts fences in the place of everything that is there: `drm_syncobj_replace_fence`; nil leaves it empty.
  func replace(with fences: [MockFence]?) {
    chain = fences.map { [Link(point: 0, fences: $0, timeline: 0)] } ?? []
  }

  /// Appends a fence to the timeline: `drm_syncobj_add_point`.
  func add(_ fence: MockFence, at point: UInt64) {
    forgetSignaled()
    let last = chain.last { $0.timeline > 0 }
    let isLater = last.map { point > $0.point } ?? false
    chain.append(
      Link(
        // A point that is not later than the last one stands for the same place as that.
        point: max(point, last?.point ?? 0), fences: [fence],
        timeline: (last?.timeline ?? 0) + (isLater ? 0 : 1)))
  }

  /// Answers what must be signaled for a point to be reached, the last one where it is 0: `drm_syncobj_find_fence`.
  ///
  /// Nil where nobody has submitted so much.
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

  /// The last point that is reached; 0 without a timeline.
  var signaledPoint: UInt64 {
    guard let last = chain.last, last.timeline > 0 else { return 0 }
    let current = chain.drop { $0.timeline != last.timeline }
    guard chain.prefix(current.startIndex).allSatisfy(\.isSignaled) else { return 0 }
    return current.prefix { $0.isSignaled }.last?.point ?? 0
  }

  /// A chain is walked up to what is not signaled; what lies before is not kept.
  private func forgetSignaled() {
    guard let last = chain.indices.last else { return }
    chain.removeSubrange(..<(chain[..<last].firstIndex { !$0.isSignaled } ?? last))
  }
}
