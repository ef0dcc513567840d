// SPDX-License-Identifier: MIT

internal import DRMKernel

/// Accesses by the CPU that are marked.
extension MockMemory {
  /// A load: absent lines are fetched.
  func cpuReads(_ range: Range<Int>) { fill(range) }

  /// A store: lines are dirty, whatever they hold.
  ///
  /// An absent line needs no fetch before: it showed memory's bytes, and those that were not stored are there.
  func cpuWrote(_ range: Range<Int>) {
    guard !hasOneImage else { return }
    for part in raw.gaps(in: lines(touching: range)) {
      absent.remove(part)
      stale.remove(part)
      dirty.insert(part)
    }
  }

  /// Readies it for a mapping by the CPU: one that bypasses the cache must find in memory what is in lines.
  func prepareMapping() {
    guard isWriteCombining, !hasOneImage else { return }
    clean(0..<size)
    // Until then its lines are there as any memory's are, for a device that snoops.
    joinImages()
  }
}

/// Accesses by devices.
extension MockMemory {
  /// Answers what a device reads; one that snoops reads lines where they are.
  func deviceReads(_ range: Range<Int>, isCoherent: Bool) -> [UInt8] {
    beginDeviceAccess(range)
    // An absent line shows memory to the CPU too.
    guard !isCoherent, !hasOneImage else { return images.bytes(range, of: .cpu) }
    var bytes = images.bytes(range, of: .memory)
    for part in raw.parts(in: range) {
      for position in part { bytes[position - range.lowerBound] = Self.poison }
    }
    return bytes
  }

  /// Writes memory; a device that snoops writes lines too, and leaves them as they are.
  func deviceWrites(_ bytes: [UInt8], at position: Int, isCoherent: Bool) {
    let range = position..<position + bytes.count
    beginDeviceAccess(range)
    guard !hasOneImage else { return images.write(bytes[...], at: position, of: .cpu) }
    let lines = lines(touching: range)
    for part in raw.parts(in: lines) {
      images.set(part, of: .memory, to: Self.poison)
      dirty.insert(part)
    }
    raw.remove(lines)
    findStores(in: lines)
    let write = { (part: Range<Int>, image: MemoryImages.Image) in
      let slice = bytes[part.lowerBound - position..<part.upperBound - position]
      self.images.write(slice, at: part.lowerBound, of: image)
    }
    if isCoherent {
      write(range, .cpu)
      for part in stale.parts(in: range) { write(part, .fill) }
    } else {
      // What follows memory shows it; what is clean keeps what it was filled with.
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
    evictUnasked(range, isAccessed: true)
    if case .seeded = caches.policy.fill {
      caches.beginEvent()
      fillUnasked(lines(touching: range))
    }
  }
}
