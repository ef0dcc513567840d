// SPDX-License-Identifier: MIT

internal import DRMKernel

/// The operations of cache maintenance, on all lines that a range touches.
extension MockMemory {
  // An invalidation that loses zeroes stores poison. Above this size, in bytes, it writes them back instead.
  private static let mostLost = 256 << 20

  /// Cleans: dirty lines are written to memory with all their bytes, and stay in the cache.
  func clean(_ range: Range<Int>) {
    let lines = lines(touching: range)
    guard !hasOneImage, !lines.isEmpty else { return }
    for part in absent.parts(in: lines) {
      for data in images.data(in: part) {
        for run in differences(data, .memory) { absent.remove(run) }
      }
    }
    for part in stale.parts(in: lines) {
      for run in differences(part, .fill) {
        stale.remove(run)
        dirty.insert(run)
      }
    }
    for part in dirty.parts(in: lines) { images.copy(part, from: .cpu, to: .memory) }
    // Stale lines are clean and not written. Where the CPU's image has no pages, memory reads as zero after this.
    let others = dirty.isEmpty ? stale.gaps(in: lines) : stale.gaps(in: lines).flatMap(dirty.gaps)
    for part in others {
      for data in images.data(in: part) { images.copy(data, from: .cpu, to: .memory) }
    }
    neverCleaned.remove(lines)
    dirty.remove(lines)
  }

  /// Invalidates; lines that the range covers in part are cleaned first: `dcache_inval_poc`.
  func invalidate(_ range: Range<Int>) {
    let lines = lines(touching: range)
    guard !hasOneImage, !lines.isEmpty else { return }
    caches.beginEvent()
    let mask = lineSize - 1
    let start = (range.lowerBound + mask) & ~mask
    let end = max(start, min(range.upperBound, size) & ~mask)
    clean(lines.lowerBound..<min(start, lines.upperBound))
    clean(end..<max(end, lines.upperBound))
    chooseWriteBack(start..<end)
    makeAbsent(lines)
    fillSpontaneously(lines)
  }

  /// Cleans and invalidates.
  func cleanAndInvalidate(_ range: Range<Int>) {
    guard !hasOneImage else { return }
    let lines = lines(touching: range)
    caches.beginEvent()
    clean(lines)
    makeAbsent(lines)
    fillSpontaneously(lines)
  }

  /// Evicts: cleans and invalidates, without a fill by the policy.
  func evict(_ range: Range<Int>) {
    guard !hasOneImage else { return }
    let lines = lines(touching: range)
    clean(lines)
    makeAbsent(lines)
  }

  /// Fills absent lines from memory.
  func fill(_ range: Range<Int>) {
    let lines = lines(touching: range)
    guard !hasOneImage, !absent.isEmpty else { return }
    findStores(in: lines)
    absent.remove(lines)
  }

  /// Writes back the lines that the policy does not lose.
  private func chooseWriteBack(_ lines: Range<Int>) {
    guard !lines.isEmpty else { return }
    switch caches.policy.invalidate {
    case .writeBack: clean(lines)
    case .seeded(let seed):
      for line in dirtyLines(in: lines) where isChosen(seed, line) { clean(line) }
    case .lose:
      let lost = neverCleaned.parts(in: lines)
      if lost.reduce(0, { $0 + $1.count }) > Self.mostLost {
        for part in lost { clean(part) }
      }
    }
  }

  /// Makes lines absent: the CPU's image becomes what memory holds.
  private func makeAbsent(_ lines: Range<Int>) {
    guard !hasOneImage else { return }
    for part in neverCleaned.parts(in: lines) {
      images.set(part, of: .memory, to: Self.poison)
      images.copy(part, from: .memory, to: .cpu)
    }
    let changed = stale.parts(in: lines) + dirty.parts(in: lines)
    for part in changed + images.data(in: lines) { images.copy(part, from: .memory, to: .cpu) }
    neverCleaned.remove(lines)
    dirty.remove(lines)
    stale.remove(lines)
    absent.insert(lines)
  }
}

/// Spontaneous evictions and fills, by the policy.
extension MockMemory {
  /// Evicts dirty lines of a range, before a device accesses the range or at a system call.
  func evictSpontaneously(_ range: Range<Int>, isAccessed: Bool) {
    guard caches.policy.evict != .never, !hasOneImage else { return }
    caches.beginEvent()
    let lines = lines(touching: range)
    findStores(in: lines)
    let zeroes = neverCleaned.parts(in: lines)
    // Pages that are not allocated are evicted only where a device accesses them.
    let found = (isAccessed ? zeroes : zeroes.flatMap(images.data)) + dirty.parts(in: lines)
    for part in found {
      guard case .seeded(let seed) = caches.policy.evict else {
        evict(part)
        fillSpontaneously(part)
        continue
      }
      forEachLine(in: self.lines(touching: part)) { line in
        guard isChosen(seed, line) else { return }
        evict(line)
        fillSpontaneously(line)
      }
    }
  }

  /// Fills absent lines of a range.
  func fillSpontaneously(_ lines: Range<Int>) {
    switch caches.policy.fill {
    case .never: break
    case .always: fill(lines)
    case .seeded(let seed):
      for part in absent.parts(in: lines).flatMap(images.data) {
        forEachLine(in: self.lines(touching: part)) { line in
          // The inverted seed makes this choice independent of the eviction's.
          if isChosen(~seed, line) { fill(line) }
        }
      }
    }
  }

  private func isChosen(_ seed: UInt64, _ line: Range<Int>) -> Bool {
    caches.randomChoice(seed, memory: number, line: line.lowerBound / lineSize)
  }

  private func dirtyLines(in lines: Range<Int>) -> [Range<Int>] {
    findStores(in: lines)
    var all: [Range<Int>] = []
    for part in neverCleaned.parts(in: lines) + dirty.parts(in: lines) {
      forEachLine(in: part) { all.append($0) }
    }
    return all
  }
}
