// SPDX-License-Identifier: MIT

internal import DRMKernel

/// Memory with its cache lines: what is behind a BO, a heap's dma-buf or a udmabuf, and all their imports.
///
/// A line is absent, clean or dirty. Only what cannot be seen by comparing images is written down: a line in no
/// set is there, and dirty where the CPU's image is not what memory holds. A client's store through its mapping
/// is found so, unless it stored what was there.
final class MockMemory {
  /// What memory reads as that nothing was ever written back to.
  static let poison: UInt8 = 0xdb

  /// In bytes, whole pages.
  let size: Int
  /// Whether the CPU maps it write-combining: once it has, there is one image.
  let isWriteCombining: Bool
  let images: MemoryImages
  let caches: MockCaches
  /// The fences that were attached by hand.
  let reservation = MockReservation()
  /// Whether somebody has pinned its pages, though nobody may have touched them.
  var isPinned = false
  private(set) var number = 0
  private(set) var hasOneImage = false

  // A new memory's zeroes were stored by the kernel: dirty lines, and memory holds no one's bytes.
  var raw: LineSet
  // Lines that were marked, or found stored into.
  var dirty = LineSet()
  // Both images are equal there, until a client stores.
  var absent = LineSet()
  // Clean lines that a device wrote below; what they were filled with is in an image of its own.
  var stale = LineSet()

  /// Memory of its own, or the part of a file that the images are of.
  init(_ images: MemoryImages, isWriteCombining: Bool, caches: MockCaches) {
    self.images = images
    self.isWriteCombining = isWriteCombining
    self.caches = caches
    size = images.size
    raw = LineSet(0..<images.size)
    number = caches.register(self)
  }

  /// Whether it has pages: what has none has nothing to maintain.
  var isResident: Bool { isPinned || images.isTouched }

  var lineSize: Int { caches.policy.lineSize }

  /// A range widened to whole lines, and cut where the memory ends.
  func lines(touching range: Range<Int>) -> Range<Int> {
    let range = range.clamped(to: 0..<size)
    guard !range.isEmpty else { return 0..<0 }
    let mask = lineSize - 1
    return range.lowerBound & ~mask..<min(size, (range.upperBound + mask) & ~mask)
  }

  /// Calls `body` with each line of a range of whole lines.
  func forEachLine(in range: Range<Int>, _ body: (Range<Int>) -> Void) {
    for line in stride(from: range.lowerBound, to: range.upperBound, by: lineSize) {
      body(line..<line + lineSize)
    }
  }

  /// Writes down which lines of a range have been stored into without a mark.
  func findStores(in lines: Range<Int>) {
    for part in absent.parts(in: lines) {
      for data in images.data(in: part) {
        for run in differences(data, .memory) {
          absent.remove(run)
          dirty.insert(run)
        }
      }
    }
    for part in stale.parts(in: lines) {
      for run in differences(part, .fill) {
        stale.remove(run)
        dirty.insert(run)
      }
    }
    for part in unmarked(in: lines) {
      for data in images.data(in: part) {
        for run in differences(data, .memory) { dirty.insert(run) }
      }
    }
  }

  /// The lines of a range that are in no set.
  private func unmarked(in lines: Range<Int>) -> [Range<Int>] {
    var parts = raw.gaps(in: lines)
    for set in [dirty, absent, stale] where !set.isEmpty { parts = parts.flatMap(set.gaps) }
    return parts
  }

  func differences(_ lines: Range<Int>, _ image: MemoryImages.Image) -> [Range<Int>] {
    images.differences(lines, .cpu, image, lineSize: lineSize)
  }

  /// Makes both images one, after all lines were written back or dropped.
  func joinImages() {
    for part in stale.ranges { images.copy(part, from: .memory, to: .cpu) }
    raw.removeAll()
    dirty.removeAll()
    absent.removeAll()
    stale.removeAll()
    images.dropCopies()
    hasOneImage = true
  }

  /// Answers the lines that a range touches.
  func describeLines(touching range: Range<Int>) -> [ModelledLine] {
    let lines = lines(touching: range)
    if !hasOneImage { findStores(in: lines) }
    var described: [ModelledLine] = []
    forEachLine(in: lines) { line in
      let position = line.lowerBound
      let isRaw = raw.contains(position)
      let cpu = images.bytes(line, of: .cpu)
      let memory =
        hasOneImage
        ? cpu
        : isRaw
          ? [UInt8](repeating: Self.poison, count: lineSize) : images.bytes(line, of: .memory)
      let state: ModelledLine.State =
        isRaw || dirty.contains(position)
        ? .dirty : hasOneImage || absent.contains(position) ? .absent : .clean
      described.append(ModelledLine(state: state, cpu: cpu, memory: memory))
    }
    return described
  }
}
