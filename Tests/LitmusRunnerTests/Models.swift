// SPDX-License-Identifier: MIT

import DRMKernel
import TestSupport

/// A model that accepts every job and runs none.
final class ForgetfulModel: ModelledMachine {
  func cpuReads(_ address: Int, length: Int) {}
  func cpuWrote(_ address: Int, length: Int) {}
  func submit(_ job: ModelledJob) -> Int { 0 }
  func perform(_ event: ModelledEvent) -> CInt { 0 }
  func performWhileWaiting(_ events: [ModelledEvent]) {}
  func wait(for job: Int) {}
  func takeReads() -> [ModelledRead] { [] }
  func lines(of range: ModelledRange) -> [ModelledLine] { [] }
  func setInvalidation(_ outcome: InvalidationOutcome) {}
  func setClaim(ofCoherency isCoherent: Bool?, node descriptor: CInt) {}
}

/// A kernel on a CPU without cache maintenance in user space.
final class NoCacheInstructions: ForwardingKernel, @unchecked Sendable {
  override func maintainCaches(
    _ operation: CacheOperation, _ address: Int, length: Int
  ) -> CInt {
    Errno.ENOSYS.answer
  }
}
