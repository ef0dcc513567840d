// SPDX-License-Identifier: MIT

internal import CDRM

/// A value that only the holder of its lock can reach; the only lock in this package.
///
/// The lock is a `pthread_mutex_t`: ThreadSanitizer understands that one, and would report races that
/// are none around Synchronization's `Mutex`.
@safe
public final class Guarded<Value>: @unchecked Sendable {
  // Sendable although it holds a pointer and any value: neither is touched without the mutex.
  private let mutex: OpaquePointer
  private var value: Value

  /// Guards a value that nobody else holds.
  public init(_ value: sending Value) {
    unsafe mutex = cdrm_lock_create()
    self.value = value
  }

  deinit { unsafe cdrm_lock_destroy(mutex) }

  /// Runs `body` on the value while holding the lock; not reentrant.
  public func withLock<Result, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    unsafe cdrm_lock_acquire(mutex)
    defer { unsafe cdrm_lock_release(mutex) }
    return try body(&value)
  }
}
