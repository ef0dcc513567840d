// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import FoundationEssentials

#if canImport(Glibc)
  internal import Glibc
#endif

/// Reports the cache maintenance that Linux does for this process, from its `dma:*` trace events.
///
/// It creates a separate trace instance, which does not affect other tracing, and filters by the threads of this
/// process: other clients of the same GPU leave no events in it. Linux 6.12 and later have the events; to read
/// them, the process must be root or own tracefs.
final class DMATrace: MaintenanceObserver {
  private let instance: String
  private let bufferSize: Int?
  private let state: Guarded<DMATraceReader>

  /// Returns nil where the kernel has no such events, or where this process may not read them.
  ///
  /// The environment variable `GEMSYNC_TRACE_BUFFER` sets the size of each CPU's ring buffer, in KiB.
  ///
  /// - Parameter nodes: the paths of nodes, by the names of their devices in sysfs.
  init?(nodes: [String: String]) {
    let events = "/sys/kernel/tracing/events/dma/"
    guard FileManager.default.isWritableFile(atPath: events + "enable"),
      FileManager.default.isWritableFile(atPath: "/sys/kernel/tracing/instances")
    else { return nil }
    instance = "/sys/kernel/tracing/instances/gemsync-\(getpid())"
    bufferSize = unsafe getenv("GEMSYNC_TRACE_BUFFER").flatMap { unsafe Int(String(cString: $0)) }
    state = Guarded(DMATraceReader(nodes: nodes))
  }

  func begin() throws(MaintenanceError) {
    if unsafe mkdir(instance, 0o700) != 0, errno != EEXIST {
      throw .refused(Errno(rawValue: errno))
    }
    try write("0", to: "/events/dma/enable")
    if let bufferSize { try write("\(bufferSize)", to: "/buffer_size_kb") }
    // The threads of now, and those that they start.
    let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
    try write(threads.joined(separator: " "), to: "/set_event_pid")
    try write("1", to: "/options/event-fork")
    try write("", to: "/trace")
    state.withLock { $0.forget() }
    try write("1", to: "/events/dma/enable")
  }

  func take() throws(MaintenanceError) -> [MaintenanceRecord] {
    // Reading the pipe consumes events, and reports those that the buffer had no room for.
    let descriptor = unsafe Glibc.open(instance + "/trace_pipe", O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw .refused(Errno(rawValue: errno)) }
    defer { close(descriptor) }
    var records: [MaintenanceRecord] = []
    var line: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes { buffer in
        unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 || errno == EAGAIN else { throw .refused(Errno(rawValue: errno)) }
      guard count > 0 else { break }
      for byte in chunk[..<count] {
        guard byte == UInt8(ascii: "\n") else {
          line.append(byte)
          continue
        }
        records += state.withLock { $0.read(Substring(String(decoding: line, as: UTF8.self))) }
        line.removeAll(keepingCapacity: true)
      }
    }
    let lost = state.withLock(\.lostEvents)
    guard lost == 0 else { throw .lostEvents(lost) }
    return records
  }

  func end() {
    try? write("0", to: "/events/dma/enable")
    _ = unsafe rmdir(instance)
  }

  /// Writes a control file; an empty text clears it.
  private func write(_ text: String, to file: String) throws(MaintenanceError) {
    let descriptor = unsafe Glibc.open(instance + file, O_WRONLY | O_TRUNC | O_CLOEXEC)
    guard descriptor >= 0 else { throw .refused(Errno(rawValue: errno)) }
    defer { close(descriptor) }
    let written = unsafe Glibc.write(descriptor, text, text.utf8.count)
    guard written == text.utf8.count else { throw .refused(Errno(rawValue: errno)) }
  }
}
