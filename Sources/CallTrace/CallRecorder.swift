// SPDX-License-Identifier: MIT

public import DRMKernel
internal import CDRM

/// Passes every call on and tells what was asked and answered.
///
/// Calls of several threads are told one after another, in the order they ended.
public final class CallRecorder: KernelInterface {
  /// Gets every call once it is answered.
  public typealias Sink = @Sendable (RecordedCall) -> Void

  private let kernel: Kernel
  private let state: Guarded<RecorderState>
  private let sink: Sink
  private let clock = ContinuousClock()
  private let begin: ContinuousClock.Instant

  /// Creates a recorder.
  ///
  /// - Parameters:
  ///   - kernel: who answers.
  ///   - drivers: who answers at which node, where that is known; VERSION tells of others.
  ///   - sink: called while no other call can be told.
  public init(
    _ kernel: Kernel, drivers: [String: IoctlDriver] = [:], sink: @escaping Sink
  ) {
    self.kernel = kernel
    state = Guarded(RecorderState(kernel, drivers: drivers))
    self.sink = sink
    begin = clock.now
  }

  public var pageSize: Int { kernel.pageSize }

  public func devices() -> [DeviceEntry] { kernel.devices() }

  public func open(_ path: String, flags: CInt) -> CInt {
    perform {
      kernel.open(path, flags: flags)
    } told: { answer, state in
      let result = answer < 0 ? Int64(answer) : Int64(state.open(answer, path))
      return (.open(path: path, flags: flags), Answer(result))
    }
  }

  public func close(_ descriptor: CInt) -> CInt {
    // Forgotten before it is closed: another thread may be given the number right after.
    let (name, identity) = state.withLock { state in
      let name = state.name(of: descriptor)
      let identity = state.identities.descriptors.identity(of: descriptor)
      state.identities.close(descriptor)
      return (name, identity)
    }
    return perform {
      kernel.close(descriptor)
    } told: { answer, state in
      if answer < 0, let identity { state.identities.descriptors.reopen(identity) }
      return (.close(name), Answer(Int64(answer)))
    }
  }

  public func ioctl(
    _ descriptor: CInt, _ request: UInt, _ argument: UnsafeMutableRawPointer?
  ) -> CInt {
    // The kernel sees 32 bits of the request on every architecture.
    let parts = IoctlRequest(rawValue: request & 0xffff_ffff)
    let address = UInt64(UInt(bitPattern: argument))
    let (call, placed) = state.withLock { state in
      var driver = state.driver(at: descriptor, for: parts)
      let layout = IoctlLayout.find(parts, driver: driver)
      // Who answers matters only where a layout says it.
      if layout == nil { driver = nil }
      let reader = ClientReader(state: state)
      let (memory, placed) = reader.read(address, of: parts, layout)
      let call = IoctlCall(state.name(of: descriptor), parts, driver: driver, memory)
      return (call.withTimeouts(), placed)
    }
    return perform {
      unsafe kernel.ioctl(descriptor, request, argument)
    } told: { result, state in
      let layout = call.layout
      if result >= 0, let name = layout?.driverName(at: address),
        let driver = IoctlDriver(rawValue: name)
      {
        state.learn(driver, at: descriptor)
      }
      let answer = placed.answer(result, of: parts, layout, at: descriptor, &state.identities)
      return (.ioctl(call), answer)
    }
  }

  public func mmap(
    length: Int, protection: CInt, flags: CInt, _ descriptor: CInt, offset: Int64
  ) -> Int {
    perform {
      kernel.mmap(
        length: length, protection: protection, flags: flags, descriptor, offset: offset)
    } told: { answer, state in
      let call = Call.mmap(
        length: length, protection: protection, flags: flags, state.name(of: descriptor),
        state.name(ofOffset: offset, at: descriptor))
      guard !(-4095..<0 ~= answer) else { return (call, Answer(Int64(answer))) }
      let identity = state.identities.mappings.give(
        answer, length: length, protection: protection)
      return (call, Answer(Int64(identity)))
    }
  }

  public func munmap(_ address: Int, length: Int) -> CInt {
    // As with close; what mm refuses stays mapped.
    let name = state.withLock { state in
      let name = state.name(ofAddress: address)
      if length > 0, address % Int(cdrm_page_size()) == 0 {
        state.identities.mappings.remove(address, length: length)
      }
      return name
    }
    return perform {
      kernel.munmap(address, length: length)
    } told: { answer, _ in
      (.munmap(name, length: length), Answer(Int64(answer)))
    }
  }

  public func lseek(_ descriptor: CInt, offset: Int64, whence: CInt) -> Int64 {
    perform {
      kernel.lseek(descriptor, offset: offset, whence: whence)
    } told: { answer, state in
      (.lseek(state.name(of: descriptor), offset: offset, whence: whence), Answer(answer))
    }
  }

  public func poll(_ descriptor: CInt, events: Int16, milliseconds: CInt) -> CInt {
    perform {
      kernel.poll(descriptor, events: events, milliseconds: milliseconds)
    } told: { answer, state in
      let call = Call.poll(
        state.name(of: descriptor), events: events, milliseconds: milliseconds)
      return (call, Answer(Int64(answer)))
    }
  }

  public func duplicate(_ descriptor: CInt) -> CInt {
    perform {
      kernel.duplicate(descriptor)
    } told: { answer, state in
      let call = Call.duplicate(state.name(of: descriptor))
      guard answer >= 0 else { return (call, Answer(Int64(answer))) }
      let identity = state.identities.descriptors.give(answer, duplicateOf: descriptor)
      return (call, Answer(Int64(identity)))
    }
  }

  public var mapsIntoProcess: Bool { kernel.mapsIntoProcess }

  public func fetch(_ target: UnsafeMutableRawBufferPointer, from address: Int) -> CInt {
    unsafe kernel.fetch(target, from: address)
  }

  public func store(_ source: UnsafeRawBufferPointer, at address: Int) -> CInt {
    unsafe kernel.store(source, at: address)
  }

  /// Not recorded: like the bytes that go through a mapping, it is no call.
  public func maintainCaches(_ operation: CacheOperation, _ address: Int, length: Int) -> CInt {
    kernel.maintainCaches(operation, address, length: length)
  }

  private func perform<Result>(
    _ body: () -> Result, told: (Result, inout RecorderState) -> (Call, Answer)
  ) -> Result {
    let start = clock.now
    let result = body()
    let end = clock.now
    state.withLock { state in
      let (call, answer) = told(result, &state)
      sink(
        RecordedCall(
          call, answer, start: (start - begin) / .seconds(1), seconds: (end - start) / .seconds(1)))
    }
    return result
  }
}
