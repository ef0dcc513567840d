// SPDX-License-Identifier: MIT

/// How many owners each GEM handle of a file has, and which handles are the caller's own.
struct HandleUses {
  private var counts: [GEMHandle: Int] = [:]
  private var disowned: Set<GEMHandle> = []

  /// Counts the first use of a handle that a create call gave: whoever had the number before has not now.
  mutating func adopt(_ handle: GEMHandle) {
    disowned.remove(handle)
    counts[handle] = 1
  }

  /// Counts one more use.
  mutating func add(_ handle: GEMHandle) {
    counts[handle, default: 0] += 1
  }

  /// Takes one use away, and keeps the handle from ever being closed here.
  mutating func disown(_ handle: GEMHandle) {
    disowned.insert(handle)
    _ = remove(handle)
  }

  /// Takes one use away and answers whether the handle is to be closed now.
  mutating func remove(_ handle: GEMHandle) -> Bool {
    let left = counts[handle, default: 1] - 1
    counts[handle] = left > 0 ? left : nil
    return left <= 0 && !disowned.contains(handle)
  }
}
