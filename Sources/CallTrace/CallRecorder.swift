// SPDX-License-Identifier: MIT

internal import CDRM
public import DRMDrivers
public import DRMKernel
internal import UAPILayouts

/// An interposed kernel that forwards every call and reports it with its outcome.
///
/// Calls of several threads are reported one after another, in the order in which they ended. Cache
/// maintenance is not reported: like an access to mapped bytes, it is no system call.
public final class CallRecorder: ForwardingKernel, @unchecked Sendable {
  // Sendable although it changes: what changes is guarded.

  /// Receives every call with its outcome.
  public typealias Sink = @Sendable (RecordedCall) -> Void

  private let state: Guarded<RecorderState>
  private let sink: Sink
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant

  /// Creates a recorder.
  ///
  /// - Parameters:
  ///   - base: the kernel to forward to.
  ///   - drivers: the drivers of nodes, as far as they are known; VERSION reports the others.
  ///   - sink: called with a lock held, so never by two threads at once.
  public init(
    _ base: Kernel, drivers: [String: DRMDriver] = [:], sink: @escaping Sink
  ) {
    state = Guarded(RecorderState(base, drivers: drivers))
    self.sink = sink
    start = clock.now
    super.init(base)
  }

  public override func open(_ path: String, flags: CInt) -> CInt {
    perform {
      super.open(path, flags: flags)
    } report: { result, state in
      let result = result < 0 ? Int64(result) : Int64(state.open(result, path))
      return (.open(path: path, flags: flags), CallOutcome(result))
    }
  }

  public override func close(_ descriptor: CInt) -> CInt {
    // Removed before the call: right after it another thread may get the same number.
    let (name, identity) = state.withLock { state in
      let name = state.name(of: descriptor)
      let identity = state.identities.descriptors.identity(of: descriptor)
      state.identities.close(descriptor)
      return (name, identity)
    }
    return perform {
      super.close(descriptor)
    } report: { result, state in
      if result < 0, let identity { state.identities.descriptors.reopen(identity) }
      return (.close(name), CallOutcome(Int64(result)))
    }
  }

  public override func ioctl(
    _ descriptor: CInt, _ request: UInt, _ argument: UnsafeMutableRawPointer?
  ) -> CInt {
    // The kernel sees 32 bits of the request on every architecture.
    let parts = IoctlRequest(rawValue: request & 0xffff_ffff)
    let address = UInt64(UInt(bitPattern: argument))
    let (call, placed) = state.withLock { state in
      var driver = state.driver(at: descriptor, for: parts)
      let layout = IoctlLayout.find(parts, driver: driver)
      // Without a layout the driver does not matter.
      if layout == nil { driver = nil }
      let reader = ClientReader(state: state)
      let (memory, placed) = reader.read(address, of: parts, layout)
      let call = IoctlCall(state.name(of: descriptor), parts, driver: driver, memory)
      return (call.withTimeouts(), placed)
    }
    return perform {
      unsafe super.ioctl(descriptor, request, argument)
    } report: { result, state in
      let layout = call.layout
      if result >= 0, let name = layout?.driverName(at: address),
        let driver = DRMDriver(rawValue: name)
      {
        state.learn(driver, at: descriptor)
      }
      let outcome = placed.outcome(result, of: parts, layout, at: descriptor, &state.identities)
      return (.ioctl(call), outcome)
    }
  }

  public override func mmap(
    length: Int, protection: CInt, flags: CInt, _ descriptor: CInt, offset: Int64
  ) -> Int {
    perform {
      super.mmap(
        length: length, protection: protection, flags: flags, descriptor, offset: offset)
    } report: { result, state in
      let call = Call.mmap(
        length: length, protection: protection, flags: flags, state.name(of: descriptor),
        state.name(ofOffset: offset, at: descriptor))
      guard !(-4095..<0 ~= result) else { return (call, CallOutcome(Int64(result))) }
      let identity = state.identities.mappings.add(
        result, length: length, protection: protection)
      return (call, CallOutcome(Int64(identity)))
    }
  }

  public override func munmap(_ address: Int, length: Int) -> CInt {
    // Removed before the call, as in close; a range that the kernel refuses stays mapped.
    let name = state.withLock { state in
      let name = state.name(ofAddress: address)
      if length > 0, address % Int(cdrm_page_size()) == 0 {
        state.identities.mappings.remove(address, length: length)
      }
      return name
    }
    return perform {
      super.munmap(address, length: length)
    } report: { result, _ in
      (.munmap(name, length: length), CallOutcome(Int64(result)))
    }
  }

  public override func lseek(_ descriptor: CInt, offset: Int64, whence: CInt) -> Int64 {
    perform {
      super.lseek(descriptor, offset: offset, whence: whence)
    } report: { result, state in
      (.lseek(state.name(of: descriptor), offset: offset, whence: whence), CallOutcome(result))
    }
  }

  public override func poll(_ descriptor: CInt, events: Int16, milliseconds: CInt) -> CInt {
    perform {
      super.poll(descriptor, events: events, milliseconds: milliseconds)
    } report: { result, state in
      let call = Call.poll(
        state.name(of: descriptor), events: events, milliseconds: milliseconds)
      return (call, CallOutcome(Int64(result)))
    }
  }

  public override func duplicate(_ descriptor: CInt) -> CInt {
    perform {
      super.duplicate(descriptor)
    } report: { result, state in
      let call = Call.duplicate(state.name(of: descriptor))
      guard result >= 0 else { return (call, CallOutcome(Int64(result))) }
      let identity = state.identities.descriptors.add(result, duplicateOf: descriptor)
      return (call, CallOutcome(Int64(identity)))
    }
  }

  private func perform<Result>(
    _ body: () -> Result, report: (Result, inout RecorderState) -> (Call, CallOutcome)
  ) -> Result {
    let began = clock.now
    let result = body()
    let end = clock.now
    state.withLock { state in
      let (call, outcome) = report(result, &state)
      sink(
        RecordedCall(
          call, outcome, start: (began - start) / .seconds(1),
          seconds: (end - began) / .seconds(1)))
    }
    return result
  }
}
