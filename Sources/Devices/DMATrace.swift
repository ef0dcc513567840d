// SPDX-License-Identifier: MIT

internal import DRMKernel

#if canImport(Glibc)
  internal import Glibc
#endif

/// Reports the cache maintenance that Linux does for one thread, from its `dma:*` trace events.
///
/// The thread is the one that starts to observe; threads that it starts then count too. Other clients of the same GPU
/// leave no events. Linux 6.12 and later have the events; reading them needs root.
final class DMATrace: MaintenanceObserver {
  private let devices: [String: String]
  private let bufferSize: String?
  private let files: @Sendable () throws(TraceError) -> any TraceFiles
  private let observation = Guarded<Observation?>(nil)

  /// A trace instance, and what its events have shown so far.
  private struct Observation {
    let instance: TraceInstance
    var reader: DMATraceReader
  }

  /// Creates an observer; it uses no file before it starts.
  ///
  /// - Parameters:
  ///   - devices: what to call each device, by its name in sysfs; other devices are left out.
  ///   - bufferSize: the size of each CPU's ring buffer in KiB, by default `GEMSYNC_TRACE_BUFFER` of the environment;
  ///     nil for the kernel's default.
  init(
    devices: [String: String],
    bufferSize: String? = unsafe getenv("GEMSYNC_TRACE_BUFFER").map { unsafe String(cString: $0) },
    files: @escaping @Sendable () throws(TraceError) -> any TraceFiles = { () throws(TraceError) in
      try Tracefs()
    }
  ) {
    self.devices = devices
    self.bufferSize = bufferSize
    self.files = files
  }

  func begin() throws(MaintenanceError) {
    end()
    let size = bufferSize.flatMap(Int.init)
    if let bufferSize, size ?? 0 <= 0 {
      throw .unavailable("GEMSYNC_TRACE_BUFFER=\(bufferSize.printable): not a size in KiB")
    }
    do throws(TraceError) {
      let instance = try TraceInstance(in: try files(), bufferSize: size)
      try instance.record("dma")
      observation.withLock {
        $0 = Observation(instance: instance, reader: DMATraceReader(devices: devices))
      }
    } catch {
      throw .unavailable("\(error)")
    }
  }

  func take() throws(MaintenanceError) -> [MaintenanceRecord] {
    let (records, lost): ([MaintenanceRecord], Int)
    do throws(TraceError) {
      (records, lost) = try observation.withLock { observation throws(TraceError) in
        try Self.take(&observation)
      }
    } catch {
      throw .unreadable("\(error)")
    }
    guard lost == 0 else { throw .lostEvents(lost) }
    return records
  }

  func end() { observation.withLock { $0 = nil } }

  /// Returns what the newest events report, and the number of lost events since the start.
  private static func take(
    _ observation: inout Observation?
  ) throws(TraceError) -> (records: [MaintenanceRecord], lost: Int) {
    guard let instance = observation?.instance else { throw TraceError("it was not started") }
    let (lines, thread) = try instance.drain()
    guard thread != nil else { throw TraceError("it does not show what this process does") }
    let records = lines.flatMap { observation?.reader.read($0) ?? [] }
    return (records, try instance.lostEvents() + (observation?.reader.unreadEvents ?? 0))
  }
}
