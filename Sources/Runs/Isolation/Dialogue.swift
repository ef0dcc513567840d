// SPDX-License-Identifier: MIT

internal import DRMConformance
internal import DRMKernel
internal import Reports

#if canImport(Glibc)
  internal import Glibc
#endif

/// The conversation with the child process of one item, from its start to its end.
struct Dialogue {
  /// How it ended.
  enum Outcome {
    case row(ResultRow)
    /// The device was lost, with or without a result.
    case lost(ResultRow?, String)
    case interrupted
    case stopped(Verdict, String)
    /// The process did not end when it was killed.
    case immortal(Verdict, String, pid_t)
  }

  // How much of the end of what a process prints is kept, in bytes.
  private static let mostOutput = 64 << 10

  /// How a process that must end is killed.
  struct Killing: Sendable {
    var signal = SIGKILL
    /// How long a killed process may take to end, and one that has sent its result.
    var grace = Duration.seconds(5)
  }

  private let child: ChildProcess
  private let killing: Killing
  private let limits: TimeLimits
  private let isStopped: @Sendable () -> Bool
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private var lastActivity: ContinuousClock.Instant
  private var messages: [UInt8] = []
  private(set) var output: [UInt8] = []
  private var call: String?
  private var lastCall: String?
  private var row: ResultRow?
  private var loss: String?
  private var failure: String?

  /// Starts the process, and sends it the request.
  init(
    _ program: String, _ request: ItemRequest, _ limits: TimeLimits,
    _ killing: Killing, _ isStopped: @escaping @Sendable () -> Bool
  ) throws(Errno) {
    (self.limits, self.killing, self.isStopped) = (limits, killing, isStopped)
    child = try ChildProcess(program, ItemProcess.arguments)
    start = clock.now
    lastActivity = start
    // The socket has room for a request, and nothing reads a request that a process does not get.
    let line = request.line
    _ = unsafe line.withUnsafeBytes { buffer in
      unsafe send(child.channel, buffer.baseAddress, buffer.count, CInt(MSG_NOSIGNAL))
    }
  }

  /// The process; nil where it could not be started.
  var process: pid_t? { child.identifier() }

  /// Listens until the process ends or a limit is reached.
  mutating func run() -> Outcome {
    while true {
      switch listen() {
      case .ended: return conclude()
      case .quiet:
        if isStopped() { return stop(.incomplete, "interrupted") }
        if let reason = limitReached() { return stop(.timeout, reason) }
      }
    }
  }

  private enum Moment {
    case ended
    case quiet
  }

  /// Reads what there is, or waits a little for it.
  private mutating func listen() -> Moment {
    var files = [
      pollfd(fd: child.channel, events: Int16(POLLIN), revents: 0),
      pollfd(fd: child.output, events: Int16(POLLIN), revents: 0),
    ]
    _ = unsafe poll(&files, nfds_t(files.count), 50)
    if files[1].revents != 0 { _ = drainOutput() }
    guard files[0].revents != 0 else { return .quiet }
    return receive() ? .quiet : .ended
  }

  /// Reads messages; false where the socket has ended.
  private mutating func receive() -> Bool {
    var chunk = [UInt8](repeating: 0, count: 16 << 10)
    let count = unsafe chunk.withUnsafeMutableBytes { buffer in
      unsafe read(child.channel, buffer.baseAddress, buffer.count)
    }
    guard count > 0 else { return count < 0 && (errno == EAGAIN || errno == EINTR) }
    lastActivity = clock.now
    messages += chunk[..<count]
    while let newline = messages.firstIndex(of: UInt8(ascii: "\n")) {
      handle(ItemMessage(line: messages[..<newline]))
      messages.removeSubrange(...newline)
    }
    return messages.count <= ItemMessage.mostBytes
  }

  private mutating func handle(_ message: ItemMessage?) {
    switch message {
    case .began(let text): (call, lastCall) = (text, text)
    case .returned: call = nil
    case .lost(let reason): loss = reason
    case .failed(let reason): failure = reason
    case .ended(let result): row = result
    case nil: break
    }
  }

  private mutating func drainOutput() -> Bool {
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    let count = unsafe chunk.withUnsafeMutableBytes { buffer in
      unsafe read(child.output, buffer.baseAddress, buffer.count)
    }
    guard count > 0 else { return false }
    output += chunk[..<count]
    if output.count > Self.mostOutput { output.removeFirst(output.count - Self.mostOutput) }
    return true
  }

  private func limitReached() -> String? {
    let now = clock.now
    if let most = limits.item, now - start > most {
      return "it did not end within \(most.secondsText)\(place)"
    }
    if let most = limits.inactivity, now - lastActivity > most {
      return "it made no call for \(most.secondsText)\(place)"
    }
    return nil
  }

  /// The call in flight, for a reason.
  private var place: String {
    if let call { return ", in \(call)" }
    return lastCall.map { ", after \($0)" } ?? ", before its first call"
  }

  /// Kills the process.
  private mutating func stop(_ verdict: Verdict, _ reason: String) -> Outcome {
    child.kill(killing.signal)
    let ended = child.wait(atMost: killing.grace)
    while drainOutput() {}
    guard ended != nil else { return .immortal(verdict, reason, child.identifier() ?? 0) }
    if verdict == .incomplete { return .interrupted }
    return .stopped(verdict, reason)
  }

  /// Finds out how the process ended.
  private mutating func conclude() -> Outcome {
    var ended = child.wait(atMost: killing.grace)
    if ended == nil {
      child.kill(killing.signal)
      ended = child.wait(atMost: killing.grace)
    }
    while drainOutput() {}
    if let loss { return .lost(row, loss) }
    if let row { return .row(row) }
    if let failure { return .stopped(.fail, failure) }
    switch ended {
    case nil: return .immortal(.crash, "it sent no result", child.identifier() ?? 0)
    case .killed(let signal):
      return .stopped(.crash, "its process was killed by \(Self.name(of: signal))\(place)")
    case .exited(let code):
      return .stopped(.crash, "its process ended with exit code \(code)\(place)\(lastLine)")
    case .notStarted(let reason):
      return .stopped(.crash, "its process could not be started: \(reason)")
    }
  }

  /// The last line that the process printed, for a reason.
  private var lastLine: String {
    let line = output.split(separator: UInt8(ascii: "\n")).last ?? []
    return line.isEmpty ? "" : ": \(String(decoding: line.prefix(200), as: UTF8.self).printable)"
  }

  private static func name(of signal: CInt) -> String {
    let names: [CInt: String] = [
      SIGSEGV: "SIGSEGV", SIGBUS: "SIGBUS", SIGABRT: "SIGABRT", SIGILL: "SIGILL",
      SIGFPE: "SIGFPE", SIGKILL: "SIGKILL", SIGTRAP: "SIGTRAP", SIGTERM: "SIGTERM",
      SIGINT: "SIGINT", SIGQUIT: "SIGQUIT", SIGSYS: "SIGSYS", SIGPIPE: "SIGPIPE",
    ]
    return names[signal] ?? "signal \(signal)"
  }
}

extension Duration {
  /// `1.5 s`.
  var secondsText: String {
    let tenths = Int((self / .milliseconds(100)).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
  }
}
