// SPDX-License-Identifier: MIT

internal import DRMKernel

/// Memory with its cache lines: of a BO, a heap's dma-buf or a udmabuf, and of all their imports.
///
/// A line is absent, clean or dirty. The sets below record only states that the images do not show: a line in no
/// set is present, and dirty where the CPU's image differs from memory. So a store through a client's mapping is
/// found by comparison, unless it stored the same value.
final class MockMemory {
  /// The value of bytes in memory that was never written back.
  static let poison: UInt8 = 0xdb

  /// In bytes, whole pages.
  let size: Int
  /// Whether the CPU maps it write-combining; from the first such mapping on there is one image.
  let isWriteCombining: Bool
  let images: MemoryImages
  let caches: MockCaches
  /// The fences attached to it with IMPORT_SYNC_FILE.
  let reservation = MockReservation()
  /// Whether its pages were allocated by an import or a device access.
  var isPinned = false
  private(set) var number = 0
  private(set) var hasOneImage = false

  // Dirty lines since the kernel cleared new pages: memory holds previous contents, modelled as poison.
  var neverCleaned: LineSet
  // Lines with a marked store, or with a store found by comparison.
  var dirty = LineSet()
  // Lines not in the cache; the images are equal until a client stores.
  var absent = LineSet()
  // Clean lines whose memory a device wrote after their fill; the fill image holds their bytes.
  var stale = LineSet()

  /// Creates a memory with images; all its lines are dirty.
  init(_ images: MemoryImages, isWriteCombining: Bool, caches: MockCaches) {
    self.images = images
    self.isWriteCombining = isWriteCombining
    self.caches = caches
    size = images.size
    neverCleaned = LineSet(0..<images.size)
    number = caches.register(self)
  }

  /// Whether it has pages; without pages there is nothing to maintain.
  var isResident: Bool { isPinned || images.isTouched }

  var lineSize: Int { caches.policy.lineSize }

  /// Returns a range extended to whole lines within the memory.
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

  /// Finds the stores in a range that were not marked, and records their lines as dirty.
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

  /// Returns the lines of a range that are in no set.
  private func unmarked(in lines: Range<Int>) -> [Range<Int>] {
    var parts = neverCleaned.gaps(in: lines)
    for set in [dirty, absent, stale] where !set.isEmpty { parts = parts.flatMap(set.gaps) }
    return parts
  }

  /// Returns the lines in which the CPU's image differs from another.
  func differences(_ lines: Range<Int>, _ image: MemoryImages.Image) -> [Range<Int>] {
    images.differences(lines, .cpu, image, lineSize: lineSize)
  }

  /// Makes CPU and memory share one image; all lines must have been cleaned or invalidated.
  func joinImages() {
    for part in stale.ranges { images.copy(part, from: .memory, to: .cpu) }
    neverCleaned.removeAll()
    dirty.removeAll()
    absent.removeAll()
    stale.removeAll()
    images.releaseCopies()
    hasOneImage = true
  }

  /// Returns the state and bytes of the lines of a range.
  func describeLines(touching range: Range<Int>) -> [ModelledLine] {
    let lines = lines(touching: range)
    if !hasOneImage { findStores(in: lines) }
    var described: [ModelledLine] = []
    forEachLine(in: lines) { line in
      let position = line.lowerBound
      let isNeverCleaned = neverCleaned.contains(position)
      let cpu = images.bytes(line, of: .cpu)
      let memory =
        hasOneImage
        ? cpu
        : isNeverCleaned
          ? [UInt8](repeating: Self.poison, count: lineSize) : images.bytes(line, of: .memory)
      let state: ModelledLine.State =
        isNeverCleaned || dirty.contains(position)
        ? .dirty : hasOneImage || absent.contains(position) ? .absent : .clean
      described.append(ModelledLine(state: state, cpu: cpu, memory: memory))
    }
    return described
  }
}
