// SPDX-License-Identifier: MIT

public import DRMKernel

/// A kernel before another one, which decides for each call what it returns.
///
/// A release that succeeds is always passed on and not counted, so that no test leaks.
public final class InterposedKernel: ForwardingKernel, @unchecked Sendable {
  // Sendable as its superclass: the counter is guarded.

  /// What to do with one call.
  public enum Action: Sendable {
    /// Pass the call on.
    case pass
    /// Return this, and do not pass the call on.
    case answer(Int)
    /// Pass the call on, and return this instead of its result.
    case replace(@Sendable (Int) -> Int)
  }

  private let calls = Guarded(0)
  private let decide: @Sendable (_ index: Int) -> Action

  /// Creates a kernel; `decide` gets the number of the call, from 0.
  public init(_ base: Kernel, decide: @escaping @Sendable (_ index: Int) -> Action) {
    self.decide = decide
    super.init(base)
  }

  /// The number of calls, without releases.
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

  public override func open(_ path: String, flags: CInt) -> CInt {
    CInt(act { Int(super.open(path, flags: flags)) })
  }

  public override func ioctl(
    _ descriptor: CInt, _ request: UInt, _ argument: UnsafeMutableRawPointer?
  ) -> CInt {
    // GEM_CLOSE, and panthor's VM_DESTROY.
    if request == 0x4008_6409 || request == 0xC008_6442 {
      let answer = unsafe super.ioctl(descriptor, request, argument)
      return answer >= 0 ? answer : CInt(act { Int(answer) })
    }
    return CInt(act { Int(unsafe super.ioctl(descriptor, request, argument)) })
  }

  public override func mmap(
    length: Int, protection: CInt, flags: CInt, _ descriptor: CInt, offset: Int64
  ) -> Int {
    act {
      super.mmap(
        length: length, protection: protection, flags: flags, descriptor, offset: offset)
    }
  }

  public override func lseek(_ descriptor: CInt, offset: Int64, whence: CInt) -> Int64 {
    Int64(act { Int(super.lseek(descriptor, offset: offset, whence: whence)) })
  }

  public override func poll(_ descriptor: CInt, events: Int16, milliseconds: CInt) -> CInt {
    CInt(act { Int(super.poll(descriptor, events: events, milliseconds: milliseconds)) })
  }

  public override func duplicate(_ descriptor: CInt) -> CInt {
    CInt(act { Int(super.duplicate(descriptor)) })
  }

  public override func maintainCaches(
    _ operation: CacheOperation, _ address: Int, length: Int
  ) -> CInt {
    CInt(act { Int(super.maintainCaches(operation, address, length: length)) })
  }
}
