// SPDX-License-Identifier: MIT

public import DRMKernel

#if canImport(Glibc)
  internal import Glibc
#endif

/// The file of a trace that is being recorded: every line is in the file when the call with it returns.
public final class TraceFile: Sendable {
  /// Nil for stdout.
  private let path: String?
  private let isSynced: Bool
  private let isNew: Bool
  private let state: Guarded<State>

  private struct State {
    var descriptor: CInt
    var isStarted = false
    var failure: Errno?
  }

  /// Opens the file, `-` for stdout, and creates it where it is missing; its contents stay until the first line.
  ///
  /// - Parameter isSynced: whether each line is also on the disk when the call with it returns: `fdatasync(2)`.
  public init(_ path: String, isSynced: Bool = false) throws(Errno) {
    self.isSynced = isSynced
    guard path != "-" else {
      (self.path, isNew) = (nil, false)
      let descriptor = dup(STDOUT_FILENO)
      guard descriptor >= 0 else { throw Errno(rawValue: errno) }
      state = Guarded(State(descriptor: descriptor))
      return
    }
    self.path = path
    let flags = O_WRONLY | O_CLOEXEC
    var descriptor = unsafe Glibc.open(path, flags | O_CREAT | O_EXCL, 0o666)
    isNew = descriptor >= 0
    if descriptor < 0, errno == EEXIST { descriptor = unsafe Glibc.open(path, flags) }
    guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    state = Guarded(State(descriptor: descriptor))
  }

  deinit {
    // A command that ended before it made a call leaves no file.
    if state.withLock({ $0.descriptor >= 0 }) { try? end() }
  }

  /// Replaces the contents by a first line.
  func start(with line: String) {
    state.withLock { state in
      state.isStarted = true
      // A pipe or a device has no contents to replace; those of stdout are the shell's.
      if path != nil, ftruncate(state.descriptor, 0) != 0, errno != EINVAL {
        state.failure = Errno(rawValue: errno)
      }
    }
    append(line)
  }

  /// Appends a line; after an error nothing more is written, so that what was written stays a trace.
  func append(_ line: String) {
    state.withLock { state in
      guard state.failure == nil else { return }
      do throws(Errno) {
        try writeAll(Array(line.utf8), to: state.descriptor)
      } catch {
        state.failure = error
      }
      // A pipe cannot be synced: EINVAL.
      if isSynced, state.failure == nil, fdatasync(state.descriptor) != 0, errno != EINVAL {
        state.failure = Errno(rawValue: errno)
      }
    }
  }

  /// Closes the file, and removes it where it is new and has no line.
  ///
  /// - Throws: the first error of writing.
  func end() throws(Errno) {
    try state.withLock { state throws(Errno) in
      if close(state.descriptor) != 0, state.failure == nil {
        state.failure = Errno(rawValue: errno)
      }
      state.descriptor = -1
      if !state.isStarted, isNew, let path { _ = unsafe unlink(path) }
      if let failure = state.failure { throw failure }
    }
  }
}
