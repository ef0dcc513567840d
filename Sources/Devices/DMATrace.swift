// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import FoundationEssentials

#if canImport(Glibc)
  internal import Glibc
#endif

/// Reports the cache maintenance that Linux does, from its `dma:*` trace events.
///
/// It creates a separate trace instance, which does not affect other tracing. Linux 6.12 and later have the events;
/// to read them, the process must be root or own tracefs.
final class DMATrace: MaintenanceObserver {
  private let instance: String
  private let state: Guarded<DMATraceReader>

  /// Returns nil where the kernel has no such events, or where this process may not read them.
  init?(nodes: [String: String]) {
    let events = "/sys/kernel/tracing/events/dma/"
    guard FileManager.default.isWritableFile(atPath: events + "enable"),
      FileManager.default.isWritableFile(atPath: "/sys/kernel/tracing/instances")
    else { return nil }
    instance = "/sys/kernel/tracing/instances/gemsync-\(getpid())"
    state = Guarded(DMATraceReader(nodes: nodes))
  }

  func begin() throws(Errno) {
    if unsafe mkdir(instance, 0o700) != 0, errno != EEXIST { throw Errno(rawValue: errno) }
    try write("0", to: "/events/dma/enable")
    try write("", to: "/trace")
    state.withLock { $0.forget() }
    try write("1", to: "/events/dma/enable")
  }

  func take() throws(Errno) -> [MaintenanceRecord] {
    let text = String(decoding: try read("/trace"), as: UTF8.self)
    try write("", to: "/trace")
    return state.withLock { reader in
      text.split(separator: "\n").flatMap { reader.read($0) }
    }
  }

  func end() {
    try? write("0", to: "/events/dma/enable")
    _ = unsafe rmdir(instance)
  }

  /// Reads a file to its end; each read of tracefs returns less than the buffer holds.
  private func read(_ file: String) throws(Errno) -> [UInt8] {
    let descriptor = unsafe Glibc.open(instance + file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes { buffer in
        unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      }
      guard count >= 0 else { throw Errno(rawValue: errno) }
      guard count > 0 else { return bytes }
      bytes += chunk[..<count]
    }
  }

  /// Writes a control file; an empty text clears it.
  private func write(_ text: String, to file: String) throws(Errno) {
    let descriptor = unsafe Glibc.open(instance + file, O_WRONLY | O_TRUNC | O_CLOEXEC)
    guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    defer { close(descriptor) }
    let written = unsafe Glibc.write(descriptor, text, text.utf8.count)
    guard written == text.utf8.count else { throw Errno(rawValue: errno) }
  }
}
