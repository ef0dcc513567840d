// SPDX-License-Identifier: MIT

import DRMKernel
import Testing

@testable import Devices

/// Observation on a live system: other tracing, other clients, containers, and processes that were killed.
@Suite struct DMATraceTests {
  private static let node = "/dev/dri/renderD128"
  private let tracefs = FakeTracefs()

  @Test func otherThreadsLeaveNoEvents() throws {
    let trace = trace()
    try trace.begin()
    for number in 0..<100 {
      tracefs.emit(map(at: 0x5000_0000 + number << 16), by: 1)
      if number == 50 { tracefs.emit(map(at: 0x4000_0000)) }
      tracefs.emit(sync(at: 0x5000_0000, size: 64), by: 1)
    }
    #expect(try trace.take() == [record(.clean, 0..<0x1000)])
    tracefs.emit(sync(at: 0x4000_0040, size: 64))
    #expect(try trace.take() == [record(.clean, 0x40..<0x80)])
    #expect(try trace.take() == [])
  }

  /// Ids of `/proc` are those of the container.
  @Test(arguments: [1, 76, 4_194_303])
  func theThreadIsTheOneThatTheTraceNames(_ thread: Int) throws {
    tracefs.state.withLock { $0.thread = thread }
    let trace = trace()
    try trace.begin()
    let settings = tracefs.state.withLock { $0.instances["gemsync-0"]?.settings }
    #expect(settings?["set_event_pid"] == "\(thread)")
    #expect(settings?["trace_clock"] == "global")
  }

  @Test func optionsOfAnotherUserDoNotMatter() throws {
    for option in ["markers", "overwrite", "context-info"] {
      tracefs.state.withLock { $0.options = [option: "0", "raw": "1"] }
      let trace = trace()
      try trace.begin()
      tracefs.emit(map(at: 0x4000_0000))
      #expect(try trace.take() == [record(.clean, 0..<0x1000)])
    }
  }

  @Test func everyObserverHasABufferOfItsOwn() throws {
    let (first, second) = (trace(), trace())
    try first.begin()
    try second.begin()
    #expect(tracefs.instances == ["gemsync-0", "gemsync-1"])
    tracefs.emit(map(at: 0x4000_0000))
    #expect(try first.take() == [record(.clean, 0..<0x1000)])
    #expect(try second.take() == [record(.clean, 0..<0x1000)])
    first.end()
    #expect(tracefs.instances == ["gemsync-1"])
    try second.begin()
    #expect(tracefs.instances.count == 1)
    #expect(try second.take() == [])
    second.end()
    #expect(tracefs.instances == [])
  }

  @Test func buffersOfKilledProcessesAreRemoved() throws {
    let living = trace()
    try living.begin()
    for name in ["gemsync-1", "gemsync-4711", "somebody"] {
      try tracefs.makeDirectory("instances/" + name)
    }
    let trace = trace()
    try trace.begin()
    #expect(tracefs.instances == ["gemsync-0", "gemsync-1", "somebody"])
    tracefs.emit(map(at: 0x4000_0000))
    #expect(try living.take().count == 1)
    #expect(try trace.take().count == 1)
  }

  @Test func aBufferThatWasRemovedAtOnceIsMadeAgain() throws {
    tracefs.state.withLock { $0.raced = 3 }
    let trace = trace()
    try trace.begin()
    tracefs.emit(map(at: 0x4000_0000))
    #expect(try trace.take().count == 1)
  }

  @Test(arguments: [
    ("mkdir", Errno(rawValue: 30), "a trace instance cannot be created: EROFS"),
    ("mkdir", .EPERM, "a trace instance cannot be created: EPERM"),
    ("mkdir", .EBUSY, "a trace instance cannot be created: EBUSY"),
    ("set_event_pid", .EINVAL, "set_event_pid: EINVAL"),
    ("events/dma/enable", .EACCES, "events/dma/enable: EACCES"),
    ("trace_marker", .EBADF, "trace_marker: EBADF"), ("trace_pipe", .EIO, "trace_pipe: EIO"),
  ])
  func whatIsRefusedIsUnavailable(_ path: String, _ errno: Errno, _ reason: String) {
    tracefs.state.withLock { $0.refusals = [path: errno] }
    #expect(throws: MaintenanceError.unavailable(reason)) { try trace().begin() }
    #expect(tracefs.instances == [])
  }

  @Test func aBufferThatDoesNotRecordProvesNothing() throws {
    let trace = trace()
    try trace.begin()
    tracefs.state.withLock { $0.isOn = false }
    tracefs.emit(map(at: 0x4000_0000))
    let reason = "it does not show what this process does"
    #expect(throws: MaintenanceError.unreadable(reason)) { try trace.take() }
    let off = "the kernel's trace does not show what this process does"
    #expect(throws: MaintenanceError.unavailable(off)) { try trace.begin() }
  }

  @Test(arguments: [("trace_pipe", "trace_pipe: EIO"), ("cpu1/stats", "stats: EIO")])
  func whatCannotBeReadProvesNothing(_ path: String, _ reason: String) throws {
    let trace = trace()
    try trace.begin()
    tracefs.state.withLock { $0.refusals = [path: .EIO] }
    #expect(throws: MaintenanceError.unreadable(reason)) { try trace.take() }
  }

  @Test(arguments: ["", "0", "-4", "4k", "\u{1b}[2J"])
  func aBadSizeIsNamed(_ size: String) throws {
    #expect(
      throws: MaintenanceError.unavailable(
        "GEMSYNC_TRACE_BUFFER=\(size.printable): not a size in KiB")
    ) { try trace(bufferSize: size).begin() }
  }

  /// Whatever the traffic, the records are whole, or the loss is reported until the next start.
  @Test(arguments: [true, false]) func undecidedExactlyWhereEventsWereLost(
    _ overwrites: Bool
  ) throws {
    var random = SystemRandomNumberGenerator()
    var (lossy, whole) = (0, 0)
    for _ in 0..<300 {
      let trace = trace(bufferSize: "1")
      try trace.begin()
      if !overwrites {
        tracefs.state.withLock { $0.instances["gemsync-0"]?.options["overwrite"] = "0" }
      }
      tracefs.emit(map(at: 0x4000_0000))
      var expected = [record(.clean, 0..<0x1000)]
      for _ in 0..<4 {
        for _ in 0..<Int.random(in: 0..<16, using: &random) {
          if Bool.random(using: &random) { tracefs.emit(sync(at: 0x4000_0000, size: 8), by: 2) }
          let size = UInt64.random(in: 1...64, using: &random)
          tracefs.emit(sync(at: 0x4000_0000, size: Int(size)))
          expected.append(record(.clean, 0..<size))
        }
        let taken = Result { try trace.take() }
        let lost = tracefs.state.withLock { $0.instances["gemsync-0"]?.overrun ?? 0 }
        switch taken {
        case .success(let records):
          #expect(lost == 0 && records == expected)
          whole += 1
        case .failure(let error as MaintenanceError):
          // A buffer that drops new events drops the marker too.
          let unseen = MaintenanceError.unreadable("it does not show what this process does")
          #expect(lost > 0 && (error == .lostEvents(lost) || !overwrites && error == unseen))
          lossy += 1
        case .failure(let error): throw error
        }
        expected = []
      }
      trace.end()
    }
    #expect(lossy > 0 && whole > 0)
  }

  @Test(arguments: [
    ("overrun: 252\ncommit overrun: 3\nbytes: 9528\ndropped events: 5\nread events: 3\n", 260),
    ("entries: 148\noverrun: 0\ncommit overrun: 0\ndropped events: 0\n", 0), ("", 0),
    ("overrun: many\n", 1),
  ])
  func lossesAreThoseOfTheStatistics(_ stats: String, _ count: Int) {
    #expect(TraceInstance.losses(in: stats) == count)
  }

  @Test(arguments: [
    ("proc /proc proc rw 0 0\ntracefs /sys/kernel/tracing tracefs rw 0 0\n", "/sys/kernel/tracing"),
    ("trace /mnt/a\\040b\\134c tracefs rw 0 0", "/mnt/a b\\c"),
    (
      "tracefs /tracefs tmpfs rw 0 0\nnodev /sys/kernel/debug/tracing tracefs rw 0 0",
      "/sys/kernel/debug/tracing"
    ),
    ("", nil), ("tracefs", nil), ("x /a\\9 tracefs", "/a\\9"),
  ])
  func tracefsIsFoundWhereItIsMounted(_ mounts: String, _ root: String?) {
    #expect(Tracefs.root(inMounts: mounts) == root)
  }

  private func trace(bufferSize: String? = nil) -> DMATrace {
    let tracefs = tracefs
    return DMATrace(devices: ["5f000000.gpu": Self.node], bufferSize: bufferSize) { tracefs }
  }

  private func map(at address: Int) -> String {
    let address = String(address, radix: 16)
    return "dma_map_sg: 5f000000.gpu dir=BIDIRECTIONAL nents=1/1 ents=1/1 dma_addrs={0x\(address)} "
      + "sizes={0x1000} phys_addrs={0x\(address)} attrs="
  }

  private func sync(at address: Int, size: Int) -> String {
    "dma_sync_single_for_device: 5f000000.gpu dir=TO_DEVICE dma_addr="
      + String(address, radix: 16) + " size=\(size)"
  }

  private func record(
    _ action: MaintenanceRecord.Action, _ range: Range<UInt64>
  ) -> MaintenanceRecord {
    MaintenanceRecord(action: action, device: Self.node, buffer: 1, range: range)
  }
}
