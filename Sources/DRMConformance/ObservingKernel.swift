// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import DRMKernel
internal import UAPILayouts

/// Passes every call on and writes down what it answered.
///
/// Releases (close, munmap, GEM_CLOSE) are written down only when they fail: their place depends on when
/// an owner's life ends, which is not the device's answer.
final class ObservingKernel: KernelInterface {
  private let kernel: Kernel
  private let observations: Guarded<[Observation]> = Guarded([])
  // Driver ioctls share their numbers, so only who answers at a descriptor tells their names.
  private let drivers: Guarded<[CInt: DRMDriver?]> = Guarded([:])

  init(_ kernel: Kernel) {
    self.kernel = kernel
  }

  /// What was observed so far, oldest first.
  var all: [Observation] { observations.withLock { $0 } }

  /// Writes an observation down that is no call of its own.
  func note(_ observation: Observation) {
    observations.withLock { $0.append(observation) }
  }

  /// Forgets everything, as a check's body starts.
  func begin() {
    observations.withLock { $0.removeAll() }
  }

  /// An ioctl's name as the driver that answers means it, and its layout where that is known.
  func description(
    of request: UInt, on descriptor: CInt
  ) -> (name: String, layout: IoctlLayout?) {
    let parts = IoctlRequest(rawValue: request & 0xffff_ffff)
    let driver = drivers.withLock { $0[descriptor] } ?? nil
    return (
      IoctlLayout.name(of: parts, driver: driver), IoctlLayout.find(parts, driver: driver)
    )
  }

  func open(_ path: String, flags: CInt) -> CInt {
    let answer = kernel.open(path, flags: flags)
    note(Observation("open", answer: answer))
    return answer
  }

  func close(_ descriptor: CInt) -> CInt {
    drivers.withLock { $0[descriptor] = nil }
    let answer = kernel.close(descriptor)
    if answer < 0 { note(Observation("close", answer: answer)) }
    return answer
  }

  func ioctl(
    _ descriptor: CInt,
    _ request: UInt,
    _ argument: UnsafeMutableRawPointer?
  ) -> CInt {
    let answer = unsafe kernel.ioctl(descriptor, request, argument)
    let call = description(of: request, on: descriptor)
    if answer >= 0, let name = unsafe call.layout?.driverName(argument) {
      // The first answer counts: the client asked with room for the whole name.
      drivers.withLock { $0[descriptor] = $0[descriptor] ?? DRMDriver(rawValue: name) }
    }
    if answer >= 0, call.layout?.isRelease == true { return answer }
    note(
      Observation(
        call.name,
        answer: answer,
        values: unsafe answer < 0 ? "" : call.layout?.stableValues(argument) ?? ""
      )
    )
    return answer
  }

  func mmap(
    length: Int,
    protection: CInt,
    flags: CInt,
    _ descriptor: CInt,
    offset: Int64
  ) -> Int {
    let answer = kernel.mmap(
      length: length,
      protection: protection,
      flags: flags,
      descriptor,
      offset: offset
    )
    // An address may be any number: only the last page's worth of them are errnos.
    note(Observation("mmap", answer: -4095..<0 ~= answer ? answer : 0))
    return answer
  }

  func munmap(_ address: Int, length: Int) -> CInt {
    let answer = kernel.munmap(address, length: length)
    if answer < 0 { note(Observation("munmap", answer: answer)) }
    return answer
  }

  func lseek(_ descriptor: CInt, offset: Int64, whence: CInt) -> Int64 {
    let answer = kernel.lseek(descriptor, offset: offset, whence: whence)
    note(Observation("lseek", answer: answer, values: answer < 0 ? "" : "offset=\(answer)"))
    return answer
  }

  func poll(_ descriptor: CInt, events: Int16, milliseconds: CInt) -> CInt {
    let answer = kernel.poll(descriptor, events: events, milliseconds: milliseconds)
    note(Observation("poll", answer: answer, values: answer < 0 ? "" : "revents=\(answer)"))
    return answer
  }

  func duplicate(_ descriptor: CInt) -> CInt {
    let answer = kernel.duplicate(descriptor)
    note(Observation("dup", answer: answer))
    return answer
  }

  var mapsIntoProcess: Bool { kernel.mapsIntoProcess }

  func fetch(_ target: UnsafeMutableRawBufferPointer, from address: Int) -> CInt {
    unsafe kernel.fetch(target, from: address)
  }

  func store(_ source: UnsafeRawBufferPointer, at address: Int) -> CInt {
    unsafe kernel.store(source, at: address)
  }

  func maintainCaches(_ operation: CacheOperation, _ address: Int, length: Int) -> CInt {
    let answer = kernel.maintainCaches(operation, address, length: length)
    note(Observation("caches", answer: answer))
    return answer
  }

  var pageSize: Int { kernel.pageSize }

  func devices() -> [DeviceEntry] { kernel.devices() }
}
