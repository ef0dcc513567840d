// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import Dispatch

/// Waiting for work that cannot be stopped.
package enum Waiting {
  /// Does work on another thread; nil where it is given up, and it goes on until the process ends.
  ///
  /// - Parameter isStopped: polled meanwhile; once true, the work is given up.
  package static func value<Value: Sendable>(
    of work: @escaping @Sendable () -> Value, unless isStopped: () -> Bool
  ) -> Value? {
    let result = Guarded<Value?>(nil)
    let isDone = DispatchSemaphore(value: 0)
    DispatchQueue.global().async {
      let value = work()
      result.withLock { $0 = value }
      isDone.signal()
    }
    while isDone.wait(timeout: .now() + .milliseconds(50)) == .timedOut {
      if isStopped() { return nil }
    }
    return result.withLock { $0 }
  }
}
