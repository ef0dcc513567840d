// SPDX-License-Identifier: MIT

import DRMKernel
import TestSupport

/// A model that takes every job and runs none.
final class ForgetfulModel: ModelledMachine {
  func cpuReads(_ address: Int, length: Int) {}
  func cpuWrites(_ address: Int, length: Int) {}
  func cpuWrote(_ address: Int, length: Int) {}
  func submit(_ job: ModelledJob) -> Int { 0 }
  func perform(_ event: ModelledEvent) -> CInt { 0 }
  func performWhileWaiting(_ events: [ModelledEvent]) {}
  func wait(for job: Int) {}
  func takeReads() -> [ModelledRead] { [] }
  func lines(of range: ModelledRange) -> [ModelledLine] { [] }
  func setInvalidation(_ outcome: InvalidationOutcome) {}
}

/// A kernel on a CPU that lets no process maintain caches.
final class NoCacheInstructions: KernelInterface {
  private let base: InterposedKernel

  init(_ base: InterposedKernel) {
    self.base = base
  }

  func maintainCaches(_ operation: CacheOperation, _ address: Int, length: Int) -> CInt {
    Errno.ENOSYS.answer
  }

  func open(_ path: String, flags: CInt) -> CInt { base.open(path, flags: flags) }
  func close(_ descriptor: CInt) -> CInt { base.close(descriptor) }
  func ioctl(
    _ descriptor: CInt, _ request: UInt, _ argument: UnsafeMutableRawPointer?
  ) -> CInt {
    base.ioctl(descriptor, request, argument)
  }
  func mmap(
    length: Int, protection: CInt, flags: CInt, _ descriptor: CInt, offset: Int64
  ) -> Int {
    base.mmap(length: length, protection: protection, flags: flags, descriptor, offset: offset)
  }
  func munmap(_ address: Int, length: Int) -> CInt { base.munmap(address, length: length) }
  func lseek(_ descriptor: CInt, offset: Int64, whence: CInt) -> Int64 {
    base.lseek(descriptor, offset: offset, whence: whence)
  }
  func poll(_ descriptor: CInt, events: Int16, milliseconds: CInt) -> CInt {
    base.poll(descriptor, events: events, milliseconds: milliseconds)
  }
  func duplicate(_ descriptor: CInt) -> CInt { base.duplicate(descriptor) }
  var pageSize: Int { base.pageSize }
  func devices() -> [DeviceEntry] { base.devices() }
}
