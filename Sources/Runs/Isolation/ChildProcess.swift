// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import Dispatch
internal import Subprocess
internal import SystemPackage

#if canImport(Glibc)
  internal import Glibc
#endif

/// A child process that runs one item: its socket, its output and its end.
final class ChildProcess: Sendable {
  /// How a process ended.
  enum End: Hashable, Sendable {
    case exited(CInt)
    case killed(signal: CInt)
    case notStarted(String)
  }

  private struct State {
    var identifier: pid_t?
    var end: End?
  }

  /// The runner's end of the socket.
  let channel: CInt
  /// The reading end of the socket that is the child's stdout and stderr.
  let output: CInt
  private let state = Guarded(State())
  private let hasStarted = DispatchSemaphore(value: 0)
  private let hasEnded = DispatchSemaphore(value: 0)

  /// Starts a program with a socket as its stdin, in a process group of its own: a terminal's Ctrl-C is for the runner.
  init(_ program: String, _ arguments: [String]) throws(DRMKernel.Errno) {
    let sockets = try Self.socketPair()
    let outputs: (own: CInt, other: CInt)
    do throws(DRMKernel.Errno) {
      outputs = try Self.socketPair()
    } catch {
      for descriptor in [sockets.own, sockets.other] { _ = close(descriptor) }
      throw error
    }
    (channel, output) = (sockets.own, outputs.own)
    let errors = fcntl(outputs.other, F_DUPFD_CLOEXEC, 3)
    start(program, arguments, socket: sockets.other, output: outputs.other, errors: errors)
  }

  /// Creates two connected sockets that no other child process inherits.
  private static func socketPair() throws(DRMKernel.Errno) -> (own: CInt, other: CInt) {
    var pair: [CInt] = [-1, -1]
    // SOCK_STREAM and SOCK_CLOEXEC, which is O_CLOEXEC on Linux.
    guard unsafe socketpair(AF_UNIX, 1 | O_CLOEXEC, 0, &pair) == 0 else {
      throw DRMKernel.Errno(rawValue: errno)
    }
    _ = fcntl(pair[0], F_SETFL, O_NONBLOCK)
    return (pair[0], pair[1])
  }

  deinit {
    _ = close(channel)
    _ = close(output)
  }

  private func start(
    _ program: String, _ arguments: [String], socket: CInt, output: CInt, errors: CInt
  ) {
    var options = PlatformOptions()
    options.processGroupID = 0
    let configuration = Configuration(
      executable: .path(FilePath(program)), arguments: Arguments(arguments),
      // A backtrace takes seconds, and the signal says enough.
      environment: .inherit.updating(["SWIFT_BACKTRACE": "enable=no"]),
      platformOptions: options)
    Task.detached { [self] in
      let end: End
      do {
        let result = try await Subprocess.run(
          configuration,
          input: .fileDescriptor(
            FileDescriptor(rawValue: socket), closeAfterSpawningProcess: true),
          output: .fileDescriptor(
            FileDescriptor(rawValue: output), closeAfterSpawningProcess: true),
          error: .fileDescriptor(
            FileDescriptor(rawValue: errors), closeAfterSpawningProcess: true)
        ) { execution in
          state.withLock { $0.identifier = pid_t(execution.processIdentifier.value) }
          hasStarted.signal()
        }
        end =
          switch result.terminationStatus {
          case .exited(let code): .exited(code)
          case .signaled(let number): .killed(signal: number)
          }
      } catch {
        end = .notStarted("\(error)")
      }
      state.withLock { $0.end = end }
      hasStarted.signal()
      hasEnded.signal()
    }
  }

  /// The process; nil where it could not be started.
  func identifier() -> pid_t? {
    hasStarted.wait()
    hasStarted.signal()
    return state.withLock { $0.identifier }
  }

  /// Sends a signal, SIGKILL unless a test wants a process that does not end.
  func kill(_ signal: CInt) {
    guard let identifier = identifier(), state.withLock({ $0.end }) == nil else { return }
    // The process leads a group of its own.
    _ = Glibc.kill(-identifier, signal)
  }

  /// Waits for the end; nil where it does not come in time.
  func wait(atMost time: Duration) -> End? {
    let milliseconds = Int(time / .milliseconds(1))
    guard hasEnded.wait(timeout: .now() + .milliseconds(milliseconds)) == .success else {
      return nil
    }
    hasEnded.signal()
    return state.withLock { $0.end }
  }
}
