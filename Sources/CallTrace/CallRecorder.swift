// SPDX-License-Identifier: MIT

internal import CDRM
public import DRMDrivers
public import DRMKernel
internal import UAPILayouts

/// An interposed kernel that forwards every call, and reports it before and after.
///
/// The maintenance of a mapping's cache lines is reported too, because jobs see its effect. Accesses to mapped
/// bytes are not: nothing here sees them.
public final class CallRecorder: ForwardingKernel, @unchecked Sendable {
  // Sendable although it changes: what changes is guarded.

  /// Receives every event.
  public typealias Sink = @Sendable (CallEvent) -> Void

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
  public init(_ base: Kernel, drivers: [String: DRMDriver] = [:], events sink: @escaping Sink) {
    state = Guarded(RecorderState(base, drivers: drivers))
    self.sink = sink
    start = clock.now
    super.init(base)
  }

  /// Creates a recorder that reports each call once, when it has returned.
  public convenience init(
    _ base: Kernel, drivers: [String: DRMDriver] = [:],
    sink: @escaping @Sendable (RecordedCall) -> Void
  ) {
    self.init(base, drivers: drivers) { event in
      if case .ended(_, let recorded) = event { sink(recorded) }
    }
  }

  public override func open(_ path: String, flags: CInt) -> CInt {
    perform { _ in
      .open(path: path, flags: flags)
    } body: {
      super.open(path, flags: flags)
    } outcome: { result, state in
      CallOutcome(result < 0 ? Int64(result) : Int64(state.open(result, path)))
    }
  }

  public override func close(_ descriptor: CInt) -> CInt {
    var identity: Int?
    // Removed before the call: right after it another thread may get the same number.
    return perform { state in
      let name = state.name(of: descriptor)
      identity = state.identities.descriptors.identity(of: descriptor)
      state.identities.close(descriptor)
      return .close(name)
    } body: {
      super.close(descriptor)
    } outcome: { result, state in
      if result < 0, let identity { state.identities.descriptors.reopen(identity) }
      return CallOutcome(Int64(result))
    }
  }

  public override func ioctl(
    _ descriptor: CInt, _ request: UInt, _ argument: UnsafeMutableRawPointer?
  ) -> CInt {
    // The kernel sees 32 bits of the request on every architecture.
    let parts = IoctlRequest(rawValue: request & 0xffff_ffff)
    let address = UInt64(UInt(bitPattern: argument))
    var placed = PlacedArgument()
    var layout: IoctlLayout?
    return perform { state in
      var driver = state.driver(at: descriptor, for: parts)
      layout = IoctlLayout.find(parts, driver: driver)
      // Without a layout the driver does not matter.
      if layout == nil { driver = nil }
      let heapLayout = state.isHeap(descriptor) ? IoctlLayout.find(onHeap: parts.number) : nil
      let isOnHeap = heapLayout != nil && heapLayout !== layout
      if isOnHeap { (layout, driver) = (heapLayout, nil) }
      let memory: CallMemory
      // Without a file nothing says what the argument is, and the kernel does not read it.
      let name = state.name(of: descriptor)
      let isFile = if case .literal = name { false } else { true }
      let start = isFile ? address : 0
      (memory, placed) = ClientReader(state: state).read(start, of: parts, layout)
      let call = IoctlCall(
        name, parts, driver: driver, isOnHeap: isOnHeap, memory)
      return .ioctl(call.withTimeouts())
    } body: {
      unsafe super.ioctl(descriptor, request, argument)
    } outcome: { result, state in
      if result >= 0, let name = layout?.driverName(at: address),
        let driver = DRMDriver(rawValue: name)
      {
        state.learn(driver, at: descriptor)
      }
      return placed.outcome(result, of: parts, layout, at: descriptor, &state.identities)
    }
  }

  public override func mmap(
    length: Int, protection: CInt, flags: CInt, _ descriptor: CInt, offset: Int64
  ) -> Int {
    perform { state in
      .mmap(
        length: length, protection: protection, flags: flags, state.name(of: descriptor),
        state.name(ofOffset: offset, at: descriptor))
    } body: {
      super.mmap(
        length: length, protection: protection, flags: flags, descriptor, offset: offset)
    } outcome: { result, state in
      guard !(-4095..<0 ~= result) else { return CallOutcome(Int64(result)) }
      return CallOutcome(
        Int64(state.identities.mappings.add(result, length: length, protection: protection)))
    }
  }

  public override func munmap(_ address: Int, length: Int) -> CInt {
    // Removed before the call, as in close; a range that the kernel refuses stays mapped.
    perform { state in
      let name = state.name(ofAddress: address)
      if length > 0, address % Int(cdrm_page_size()) == 0 {
        state.identities.mappings.remove(address, length: length)
      }
      return .munmap(name, length: length)
    } body: {
      super.munmap(address, length: length)
    } outcome: { result, _ in
      CallOutcome(Int64(result))
    }
  }

  public override func lseek(_ descriptor: CInt, offset: Int64, whence: CInt) -> Int64 {
    perform { state in
      .lseek(state.name(of: descriptor), offset: offset, whence: whence)
    } body: {
      super.lseek(descriptor, offset: offset, whence: whence)
    } outcome: { result, _ in
      CallOutcome(result)
    }
  }

  public override func poll(_ descriptor: CInt, events: Int16, milliseconds: CInt) -> CInt {
    perform { state in
      .poll(state.name(of: descriptor), events: events, milliseconds: milliseconds)
    } body: {
      super.poll(descriptor, events: events, milliseconds: milliseconds)
    } outcome: { result, _ in
      CallOutcome(Int64(result))
    }
  }

  public override func duplicate(_ descriptor: CInt) -> CInt {
    perform { state in
      .duplicate(state.name(of: descriptor))
    } body: {
      super.duplicate(descriptor)
    } outcome: { result, state in
      guard result >= 0 else { return CallOutcome(Int64(result)) }
      return CallOutcome(
        Int64(state.identities.descriptors.add(result, duplicateOf: descriptor)))
    }
  }

  public override func maintainCaches(
    _ operation: CacheOperation, _ address: Int, length: Int
  ) -> CInt {
    let name = state.withLock { $0.name(ofAddress: address) }
    guard case .mapping(let mapping, let offset) = name else {
      return super.maintainCaches(operation, address, length: length)
    }
    return perform { _ in
      .maintain(mapping: mapping, at: offset, count: length, operation)
    } body: {
      super.maintainCaches(operation, address, length: length)
    } outcome: { result, _ in
      CallOutcome(Int64(result))
    }
  }

  private func perform<Result>(
    _ describe: (inout RecorderState) -> Call, body: () -> Result,
    outcome: (Result, inout RecorderState) -> CallOutcome
  ) -> Result {
    let (number, call, start) = state.withLock { state in
      let call = describe(&state)
      let start = (clock.now - self.start) / .seconds(1)
      state.count += 1
      sink(.began(state.count, call, start: start))
      return (state.count, call, start)
    }
    let began = clock.now
    let result = body()
    let seconds = (clock.now - began) / .seconds(1)
    state.withLock { state in
      let outcome = outcome(result, &state)
      sink(.ended(number, RecordedCall(call, outcome, start: start, seconds: seconds)))
    }
    return result
  }
}
