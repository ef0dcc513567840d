// SPDX-License-Identifier: MIT

public import DRMKernel

/// A kernel that stands before another one and may answer in its place.
///
/// A release that succeeds always goes through and does not count, so that nothing leaks whatever is
/// answered.
public final class InterposedKernel: KernelInterface {
  /// What to do with one call.
  public enum Action: Sendable {
    /// Let the other kernel answer.
    case pass
    /// Answer this without asking it.
    case answer(Int)
    /// Ask it, and answer this instead of what it said.
    case replace(@Sendable (Int) -> Int)
  }

  private let base: Kernel
  private let calls = Guarded(0)
  private let decide: @Sendable (_ index: Int) -> Action

  /// Creates a kernel; `decide` gets the call's number, from 0.
  public init(_ base: Kernel, decide: @escaping @Sendable (_ index: Int) -> Action) {
    self.base = base
    self.decide = decide
  }

  /// How many calls were made that are no releases.
  public var callCount: Int { calls.withLock { $0 } }

  private func act(_ body: () -> Int) -> Int {
    let index = calls.withLock { calls in
      defer { calls += 1 }
      return calls
    }
    switch decide(index) {
    case .pass: return body()
    case .answer(let answer): return answer
    case .replace(let change): return change(body())
    }
  }

  public func open(_ path: String, flags: CInt) -> CInt {
    CInt(act { Int(base.open(path, flags: flags)) })
  }

  public func close(_ descriptor: CInt) -> CInt { base.close(descriptor) }

  public func ioctl(
    _ descriptor: CInt, _ request: UInt, _ argument: UnsafeMutableRawPointer?
  ) -> CInt {
    // GEM_CLOSE, and panthor's VM_DESTROY.
    if request == 0x4008_6409 || request == 0xC008_6442 {
      let answer = unsafe base.ioctl(descriptor, request, argument)
      return answer >= 0 ? answer : CInt(act { Int(answer) })
    }
    return CInt(act { Int(unsafe base.ioctl(descriptor, request, argument)) })
  }

  public func mmap(
    length: Int, protection: CInt, flags: CInt, _ descriptor: CInt, offset: Int64
  ) -> Int {
    act {
      base.mmap(
        length: length, protection: protection, flags: flags, descriptor, offset: offset)
    }
  }

  public func munmap(_ address: Int, length: Int) -> CInt {
    base.munmap(address, length: length)
  }

  public func lseek(_ descriptor: CInt, offset: Int64, whence: CInt) -> Int64 {
    Int64(act { Int(base.lseek(descriptor, offset: offset, whence: whence)) })
  }

  public func poll(_ descriptor: CInt, events: Int16, milliseconds: CInt) -> CInt {
    CInt(act { Int(base.poll(descriptor, events: events, milliseconds: milliseconds)) })
  }

  public func duplicate(_ descriptor: CInt) -> CInt {
    CInt(act { Int(base.duplicate(descriptor)) })
  }

  public func maintainCaches(_ operation: CacheOperation, _ address: Int, length: Int) -> CInt {
    CInt(act { Int(base.maintainCaches(operation, address, length: length)) })
  }

  public var pageSize: Int { base.pageSize }

  public func devices() -> [DeviceEntry] { base.devices() }
}
