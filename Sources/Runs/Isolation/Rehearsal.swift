// SPDX-License-Identifier: MIT

public import DRM
internal import DRMDrivers
internal import DRMKernel

#if canImport(Glibc)
  internal import Glibc
#endif

/// Faults that a user injects into items, to see what a lab makes of them: `--inject KIND:PATTERN`.
public struct Rehearsal: Hashable, Sendable, Codable {
  private let rules: [Rule]

  /// What goes wrong in the process of an item.
  public enum Fault: String, CaseIterable, Hashable, Sendable, Codable {
    /// The first call never returns.
    case hang
    /// The process dies by SIGSEGV in the first call.
    case crash
    /// The process ends in the first call, with exit code 3.
    case exit
    /// Each call takes 20 ms longer.
    case slow
    /// Every call fails with EIO in the first attempt.
    case flaky
    /// From the first call on, each call fails with ENODEV.
    case vanish
    /// The process writes 8 MiB to stdout and to stderr.
    case print
    /// The kernel panics in the first call; refused on mocks.
    case panic
  }

  private struct Rule: Hashable, Codable {
    let fault: Fault
    let pattern: String
  }

  /// A rule that cannot be read, in one line.
  public struct ParseError: Error, Hashable, CustomStringConvertible {
    public let description: String
  }

  /// Reads rules, such as `hang:core.version`; a pattern matches a name that it is, begins or is part of.
  public init(parsing texts: [String]) throws(ParseError) {
    var rules: [Rule] = []
    for text in texts {
      let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[1].isEmpty, let fault = Fault(rawValue: String(parts[0]))
      else {
        let kinds = Fault.allCases.map(\.rawValue).joined(separator: ", ")
        throw ParseError(
          description: "--inject \(text): not KIND:PATTERN with one of the kinds \(kinds)")
      }
      rules.append(Rule(fault: fault, pattern: String(parts[1])))
    }
    self.rules = rules
  }

  /// Whether there is no rule.
  public var isEmpty: Bool { rules.isEmpty }

  /// Why these faults cannot be injected on devices, in one line; nil where they can.
  ///
  /// - Parameter isKept: whether a folder keeps the results.
  public func refusal(on devices: [DRMDevice], isKept: Bool) -> String? {
    guard let rule = rules.first(where: { $0.fault == .panic }) else { return nil }
    let option = "--inject panic:\(rule.pattern)"
    if let mock = devices.first(where: { $0.description.location == .mock }) {
      let name = mock.description.label
      return "\(option): it ends this machine's kernel, which \(name) does not use"
    }
    return isKept ? nil : "\(option): needs --result or --resume; nothing else outlives it"
  }

  /// Returns the fault for an attempt at an item.
  func fault(for name: String, attempt: Int) -> Fault? {
    guard let fault = rules.first(where: { name.contains($0.pattern) })?.fault else { return nil }
    return fault == .flaky && attempt > 1 ? nil : fault
  }
}

/// The file that makes the kernel of a device panic.
struct PanicTrigger {
  private let path: String

  /// Nil for a mock or another substitute: the kernel that would panic is not its own.
  init?(for device: DRMDevice, path: String = "/proc/sysrq-trigger") {
    guard device.description.location != .mock, device.model == nil, device.kernel.isHost
    else { return nil }
    self.path = path
  }

  /// Makes the kernel panic; returns why it did not.
  func pull() -> String {
    let file = unsafe Glibc.open(path, O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return "\(path): \(Errno(rawValue: errno).sentence)" }
    defer { _ = close(file) }
    // The command for a crash; root may give it here whatever /proc/sys/kernel/sysrq says.
    var command = UInt8(ascii: "c")
    guard unsafe write(file, &command, 1) == 1 else {
      return "\(path): \(Errno(rawValue: errno).sentence)"
    }
    return "\(path): the kernel did not panic"
  }
}

/// A kernel with a fault of a ``Rehearsal`` in its calls.
final class FaultyKernel: ForwardingKernel, @unchecked Sendable {
  // Sendable although its superclass is open: its mutable state is guarded.
  private let fault: Rehearsal.Fault
  private let trigger: PanicTrigger?
  private let isArmed = Guarded(false)

  init(_ device: DRMDevice, _ fault: Rehearsal.Fault) {
    self.fault = fault
    trigger = PanicTrigger(for: device)
    super.init(device.kernel)
  }

  /// Lets the faults begin: the calls before them are not those of the item.
  func arm() { isArmed.withLock { $0 = true } }

  /// Does what the fault does before a call; the answer of the call where the fault decides it.
  private var answer: CInt? {
    guard isArmed.withLock({ $0 }) else { return nil }
    switch fault {
    case .hang: while true { pause() }
    case .crash:
      signal(SIGSEGV, SIG_DFL)
      raise(SIGSEGV)
      return nil
    case .exit: Glibc._exit(3)
    case .slow:
      usleep(20_000)
      return nil
    case .flaky: return -EIO
    case .vanish: return -ENODEV
    case .print:
      let line = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 16)
      for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
        for _ in 0..<128 {
          _ = unsafe line.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
        }
      }
      return nil
    case .panic:
      let reason = (trigger?.pull() ?? "a mock's kernel cannot panic") + "\n"
      _ = unsafe reason.withCString { unsafe write(STDERR_FILENO, $0, strlen($0)) }
      Glibc._exit(3)
    }
  }

  override func open(_ path: String, flags: CInt) -> CInt {
    answer ?? super.open(path, flags: flags)
  }

  override func ioctl(
    _ descriptor: CInt, _ request: UInt, _ argument: UnsafeMutableRawPointer?
  ) -> CInt {
    if let answer { return answer }
    return unsafe super.ioctl(descriptor, request, argument)
  }
}
