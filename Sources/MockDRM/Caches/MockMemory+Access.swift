// SPDX-License-Identifier: MIT

internal import DRMKernel

/// CPU accesses that are marked.
extension MockMemory {
  /// Loads, which fill absent lines.
  func cpuReads(_ range: Range<Int>) { fill(range) }

  /// Stores, which make lines dirty, even if the value does not change.
  ///
  /// No fill is needed for an absent line: its CPU image equals memory in the bytes that were not stored.
  func cpuWrote(_ range: Range<Int>) {
    guard !hasOneImage else { return }
    for part in neverCleaned.gaps(in: lines(touching: range)) {
      absent.remove(part)
      stale.remove(part)
      dirty.insert(part)
    }
  }

  /// Prepares a CPU mapping; before the first write-combining one all lines are cleaned.
  func prepareMapping() {
    guard isWriteCombining, !hasOneImage else { return }
    clean(0..<size)
    // Until here the lines of WC memory are modelled, and a snooping device reads them.
    joinImages()
  }
}

/// Device accesses.
extension MockMemory {
  /// Returns the bytes that a device reads; a coherent device reads lines that are present.
  func deviceReads(_ range: Range<Int>, isCoherent: Bool) -> [UInt8] {
    beginDeviceAccess(range)
    // The CPU image of an absent line equals memory.
    guard !isCoherent, !hasOneImage else { return images.bytes(range, of: .cpu) }
    var bytes = images.bytes(range, of: .memory)
    for part in neverCleaned.parts(in: range) {
      for position in part { bytes[position - range.lowerBound] = Self.poison }
    }
    return bytes
  }

  /// Writes memory; a coherent device writes present lines too, without a change of their state.
  func deviceWrites(_ bytes: [UInt8], at position: Int, isCoherent: Bool) {
    let range = position..<position + bytes.count
    beginDeviceAccess(range)
    guard !hasOneImage else { return images.write(bytes[...], at: position, of: .cpu) }
    let lines = lines(touching: range)
    for part in neverCleaned.parts(in: lines) {
      images.set(part, of: .memory, to: Self.poison)
      dirty.insert(part)
    }
    neverCleaned.remove(lines)
    findStores(in: lines)
    let write = { (part: Range<Int>, image: MemoryImages.Image) in
      let slice = bytes[part.lowerBound - position..<part.upperBound - position]
      self.images.write(slice, at: part.lowerBound, of: image)
    }
    if isCoherent {
      write(range, .cpu)
      for part in stale.parts(in: range) { write(part, .fill) }
    } else {
      // An absent line follows memory; a clean line keeps the bytes of its fill and becomes stale.
      for part in absent.parts(in: range) { write(part, .cpu) }
      for part in absent.gaps(in: lines).flatMap(dirty.gaps).flatMap(stale.gaps) {
        images.copy(part, from: .cpu, to: .fill)
        stale.insert(part)
      }
    }
    write(range, .memory)
  }

  private func beginDeviceAccess(_ range: Range<Int>) {
    isPinned = true
    guard caches.policy.evict != .never || caches.policy.fill != .always else { return }
    evictSpontaneously(range, isAccessed: true)
    if case .seeded = caches.policy.fill {
      caches.beginEvent()
      fillSpontaneously(lines(touching: range))
    }
  }
}
