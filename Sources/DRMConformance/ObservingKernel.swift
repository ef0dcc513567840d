// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import DRMKernel
internal import UAPILayouts

/// A kernel that forwards every call and records what it returned.
///
/// A release (close, munmap, GEM_CLOSE) is recorded only when it fails: its place among the calls depends on
/// when Swift ends an owner's lifetime, which is not a property of the device.
final class ObservingKernel: ForwardingKernel, @unchecked Sendable {
  // Sendable although its superclass is open: all mutable state is guarded by a lock.
  private let observations: Guarded<[Observation]> = Guarded([])
  // Drivers use the same ioctl numbers, so the name of an ioctl depends on the descriptor's driver.
  private let drivers: Guarded<[CInt: DRMDriver?]> = Guarded([:])

  /// All observations, oldest first.
  var all: [Observation] { observations.withLock { $0 } }

  /// Records an observation.
  func note(_ observation: Observation) {
    observations.withLock { $0.append(observation) }
  }

  private func noteFailure(_ subject: String, _ answer: CInt) {
    if answer < 0 { note(Observation(subject, answer: answer)) }
  }

  /// Discards all observations; called before a check's body runs.
  func begin() {
    observations.withLock { $0.removeAll() }
  }

  /// Returns the name of an ioctl of the descriptor's driver, and its layout where that is known.
  func description(
    of request: UInt, on descriptor: CInt
  ) -> (name: String, layout: IoctlLayout?) {
    let parts = IoctlRequest(rawValue: request & 0xffff_ffff)
    let driver = drivers.withLock { $0[descriptor] } ?? nil
    return (
      IoctlLayout.name(of: parts, driver: driver), IoctlLayout.find(parts, driver: driver)
    )
  }

  override func open(_ path: String, flags: CInt) -> CInt {
    let answer = super.open(path, flags: flags)
    note(Observation("open", answer: answer))
    return answer
  }

  override func close(_ descriptor: CInt) -> CInt {
    drivers.withLock { $0[descriptor] = nil }
    let answer = super.close(descriptor)
    noteFailure("close", answer)
    return answer
  }

  override func ioctl(
    _ descriptor: CInt, _ request: UInt, _ argument: UnsafeMutableRawPointer?
  ) -> CInt {
    let answer = unsafe super.ioctl(descriptor, request, argument)
    let call = description(of: request, on: descriptor)
    if answer >= 0, let name = unsafe call.layout?.driverName(argument) {
      // The first VERSION of a descriptor counts: the client passes room for the whole name.
      drivers.withLock { $0[descriptor] = $0[descriptor] ?? DRMDriver(rawValue: name) }
    }
    if answer >= 0, call.layout?.isRelease == true { return answer }
    let values = unsafe answer < 0 ? "" : call.layout?.stableValues(argument) ?? ""
    note(Observation(call.name, answer: answer, values: values))
    return answer
  }

  override func mmap(
    length: Int, protection: CInt, flags: CInt, _ descriptor: CInt, offset: Int64
  ) -> Int {
    let answer = super.mmap(
      length: length, protection: protection, flags: flags, descriptor, offset: offset)
    // An address may be negative as a number; only -4095 to -1 are errnos.
    note(Observation("mmap", answer: -4095..<0 ~= answer ? answer : 0))
    return answer
  }

  override func munmap(_ address: Int, length: Int) -> CInt {
    let answer = super.munmap(address, length: length)
    noteFailure("munmap", answer)
    return answer
  }

  override func lseek(_ descriptor: CInt, offset: Int64, whence: CInt) -> Int64 {
    let answer = super.lseek(descriptor, offset: offset, whence: whence)
    note(Observation("lseek", answer: answer, values: answer < 0 ? "" : "offset=\(answer)"))
    return answer
  }

  override func poll(_ descriptor: CInt, events: Int16, milliseconds: CInt) -> CInt {
    let answer = super.poll(descriptor, events: events, milliseconds: milliseconds)
    note(Observation("poll", answer: answer, values: answer < 0 ? "" : "revents=\(answer)"))
    return answer
  }

  override func duplicate(_ descriptor: CInt) -> CInt {
    let answer = super.duplicate(descriptor)
    note(Observation("dup", answer: answer))
    return answer
  }

  override func maintainCaches(
    _ operation: CacheOperation, _ address: Int, length: Int
  ) -> CInt {
    let answer = super.maintainCaches(operation, address, length: length)
    note(Observation("caches", answer: answer))
    return answer
  }
}
