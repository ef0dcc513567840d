// SPDX-License-Identifier: MIT

internal import DRMKernel

/// The primitives of cache maintenance, on every line that a range touches.
extension MockMemory {
  // To lose zeroes that nobody touched is to store poison in their place; more than this is written back, which
  // the architecture allows as well.
  private static let mostLost = 256 << 20

  /// Dirty lines reach memory, all their bytes; lines stay.
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
    // What was clean and went stale below is not written; where the CPU's image has no pages, memory reads as
    // zero too once it is not raw.
    let others = dirty.isEmpty ? stale.gaps(in: lines) : stale.gaps(in: lines).flatMap(dirty.gaps)
    for part in others {
      for data in images.data(in: part) { images.copy(data, from: .cpu, to: .memory) }
    }
    raw.remove(lines)
    dirty.remove(lines)
  }

  /// Lines are dropped; what only partly lies in the range is cleaned first.
  func invalidate(_ range: Range<Int>) {
    let lines = lines(touching: range)
    guard !hasOneImage, !lines.isEmpty else { return }
    caches.beginEvent()
    let mask = lineSize - 1
    let begin = (range.lowerBound + mask) & ~mask
    let end = max(begin, min(range.upperBound, size) & ~mask)
    clean(lines.lowerBound..<min(begin, lines.upperBound))
    clean(end..<max(end, lines.upperBound))
    chooseWriteBack(begin..<end)
    drop(lines)
    fillUnasked(lines)
  }

  /// Dirty lines reach memory, and all are dropped.
  func cleanAndInvalidate(_ range: Range<Int>) {
    guard !hasOneImage else { return }
    let lines = lines(touching: range)
    caches.beginEvent()
    clean(lines)
    drop(lines)
    fillUnasked(lines)
  }

  /// What `cleanAndInvalidate` does, as an event: nothing is fetched again.
  func evict(_ range: Range<Int>) {
    guard !hasOneImage else { return }
    let lines = lines(touching: range)
    clean(lines)
    drop(lines)
  }

  /// Absent lines are fetched.
  func fill(_ range: Range<Int>) {
    let lines = lines(touching: range)
    guard !hasOneImage, !absent.isEmpty else { return }
    findStores(in: lines)
    absent.remove(lines)
  }

  /// Some lines whose bytes would be lost reach memory before, by the policy.
  private func chooseWriteBack(_ lines: Range<Int>) {
    guard !lines.isEmpty else { return }
    switch caches.policy.invalidate {
    case .writeBack: clean(lines)
    case .seeded(let seed):
      for line in dirtyLines(in: lines) where tosses(seed, line) { clean(line) }
    case .lose:
      let lost = raw.parts(in: lines)
      if lost.reduce(0, { $0 + $1.count }) > Self.mostLost {
        for part in lost { clean(part) }
      }
    }
  }

  /// Both images show what memory holds.
  private func drop(_ lines: Range<Int>) {
    guard !hasOneImage else { return }
    for part in raw.parts(in: lines) {
      images.set(part, of: .memory, to: Self.poison)
      images.copy(part, from: .memory, to: .cpu)
    }
    let changed = stale.parts(in: lines) + dirty.parts(in: lines)
    for part in changed + images.data(in: lines) { images.copy(part, from: .memory, to: .cpu) }
    raw.remove(lines)
    dirty.remove(lines)
    stale.remove(lines)
    absent.insert(lines)
  }
}

/// What caches do unasked, by the policy.
extension MockMemory {
  /// Dirty lines leave the cache: before a device's access those of its range, at other times those anywhere.
  func evictUnasked(_ range: Range<Int>, isAccessed: Bool) {
    guard caches.policy.evict != .never, !hasOneImage else { return }
    caches.beginEvent()
    let lines = lines(touching: range)
    findStores(in: lines)
    let zeroes = raw.parts(in: lines)
    // Zeroes that nobody touched are left where nobody looks at them.
    let found = (isAccessed ? zeroes : zeroes.flatMap(images.data)) + dirty.parts(in: lines)
    for part in found {
      guard case .seeded(let seed) = caches.policy.evict else {
        evict(part)
        fillUnasked(part)
        continue
      }
      forEachLine(in: self.lines(touching: part)) { line in
        guard tosses(seed, line) else { return }
        evict(line)
        fillUnasked(line)
      }
    }
  }

  /// Absent lines are fetched.
  func fillUnasked(_ lines: Range<Int>) {
    switch caches.policy.fill {
    case .never: break
    case .always: fill(lines)
    case .seeded(let seed):
      for part in absent.parts(in: lines).flatMap(images.data) {
        forEachLine(in: self.lines(touching: part)) { line in
          // Another coin than the one that may have dropped it.
          if tosses(~seed, line) { fill(line) }
        }
      }
    }
  }

  private func tosses(_ seed: UInt64, _ line: Range<Int>) -> Bool {
    caches.coin(seed, memory: number, line: line.lowerBound / lineSize)
  }

  private func dirtyLines(in lines: Range<Int>) -> [Range<Int>] {
    findStores(in: lines)
    var all: [Range<Int>] = []
    for part in raw.parts(in: lines) + dirty.parts(in: lines) {
      forEachLine(in: part) { all.append($0) }
    }
    return all
  }
}
