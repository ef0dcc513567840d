// SPDX-License-Identifier: MIT

/// The number of a BO within one open file; 0 is never a handle.
public struct GEMHandle: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  /// The number as ioctls carry it.
  public let rawValue: UInt32

  /// Creates a handle from a number that an ioctl returned.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// Takes the handle out of a successful ioctl's argument.
  init(
    returned number: UInt32, by operation: DRMError.Operation, on subject: DRMError.Subject
  ) throws(DRMError) {
    guard number != 0 else {
      throw DRMError(
        operation: operation, reason: .impossibleAnswer("returned handle 0"), subject: subject)
    }
    self.init(rawValue: number)
  }

  /// `handle 3`.
  public var description: String { "handle \(rawValue)" }
}

/// The offset that selects a BO in `mmap` on its node; a whole number of pages.
///
/// Only the exact start selects the BO: any other offset is EINVAL.
public struct FakeOffset: RawRepresentable, Hashable, Sendable {
  /// The offset in bytes.
  public let rawValue: UInt64

  /// Creates an offset from a number that an ioctl returned.
  public init(rawValue: UInt64) {
    self.rawValue = rawValue
  }

  /// Takes the offset out of a successful ioctl's argument; 0 is never an offset.
  init(returned offset: UInt64, for handle: GEMHandle) throws(DRMError) {
    guard offset != 0 else {
      throw DRMError(
        operation: .fakeOffset, reason: .impossibleAnswer("returned offset 0"),
        subject: .handle(handle))
    }
    self.init(rawValue: offset)
  }
}

/// The number of owners of each GEM handle of a file, and the handles that the caller owns.
struct HandleUses {
  private var counts: [GEMHandle: Int] = [:]
  private var created: Set<GEMHandle> = []
  private var disowned: Set<GEMHandle> = []

  /// Counts the first use of a handle that a create call returned; an earlier owner of the number has lost it.
  mutating func adopt(_ handle: GEMHandle) {
    disowned.remove(handle)
    created.insert(handle)
    counts[handle] = 1
  }

  /// Whether a create call of this file returned the handle, and its owners have it still.
  func hasCreated(_ handle: GEMHandle) -> Bool { created.contains(handle) }

  /// Counts one more use.
  mutating func add(_ handle: GEMHandle) {
    counts[handle, default: 0] += 1
  }

  /// Removes one use, and leaves the close of the handle to the caller.
  mutating func disown(_ handle: GEMHandle) {
    disowned.insert(handle)
    // The caller may close it unseen, and its number may come back for another BO.
    created.remove(handle)
    _ = remove(handle)
  }

  /// Removes one use, and returns whether the handle must be closed now.
  mutating func remove(_ handle: GEMHandle) -> Bool {
    let left = counts[handle, default: 1] - 1
    counts[handle] = left > 0 ? left : nil
    if left <= 0 { created.remove(handle) }
    return left <= 0 && !disowned.contains(handle)
  }
}
