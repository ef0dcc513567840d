// SPDX-License-Identifier: MIT

internal import CDRM

/// A value that is protected by a lock; the only lock type of this package.
///
/// The lock is a `pthread_mutex_t`: ThreadSanitizer supports it, and reports false races around
/// Synchronization's `Mutex`.
@safe
public final class Guarded<Value>: @unchecked Sendable {
  // Sendable although it holds a pointer and any value: both are used with the mutex held only.
  private let mutex: OpaquePointer
  private var value: Value

  /// Creates a lock around a value.
  public init(_ value: sending Value) {
    unsafe mutex = cdrm_lock_create()
    self.value = value
  }

  deinit { unsafe cdrm_lock_destroy(mutex) }

  /// Runs `body` on the value with the lock held; the lock is not recursive.
  public func withLock<Result, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    unsafe cdrm_lock_acquire(mutex)
    defer { unsafe cdrm_lock_release(mutex) }
    return try body(&value)
  }
}
