// SPDX-License-Identifier: MIT

import CallTrace
import DRM
import DRMDrivers
import DRMKernel
import Devices
import Foundation
import TestSupport
import Testing
import TraceSessions

/// Recording on mocks, and the choice of devices for a replay.
@Suite struct TraceSessionsTests {
  @Test func aRecordingHasTheCallsAndTheMachine() throws {
    let trace = try record("mock:panthor,coherent", "mock:panfrost")
    #expect(trace.header.tool == "test 1" && trace.header.command == ["open"])
    #expect(trace.header.devices.map(\.driver).sorted() == ["panfrost", "panthor"])
    #expect(trace.header.devices.map(\.isCoherent) == [true, false])
    #expect(trace.calls.count == 4 && trace.calls.allSatisfy { $0.start == nil })
  }

  /// An existing file keeps its contents until the first call; a new one is removed.
  @Test func aRecordingWithoutCallsLeavesFilesAlone() throws {
    for contents in ["before", nil] {
      try inTemporaryFile(contents) { path in
        let recording = Recording(by: "test 1", of: [], at: nil, to: try TraceFile(path))
        _ = try recording.attach(to: selections("mock:panthor"))
        #expect(try recording.end() == 0)
        #expect((try? String(contentsOfFile: path, encoding: .utf8)) == contents)
      }
    }
  }

  /// A call is in the file before it is made.
  @Test func aCallIsWrittenBeforeItIsMade() throws {
    try inTemporaryFile("before") { path in
      let seen = Guarded("")
      let selection = try #require(try selections("mock:panthor").first)
      let kernel = InterposedKernel(selection.devices[0].kernel) { _ in
        seen.withLock { $0 = (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
        return .pass
      }
      let recording = Recording(
        by: "test 1", of: ["open"], at: nil, to: try TraceFile(path, isSynced: true))
      let recorded = try recording.attach(to: [selection.answered(by: .substitute(kernel))])
      seen.withLock { $0 = "" }
      let device = recorded[0].devices[0]
      _ = device.kernel.open(device.path, flags: 2)
      let text = seen.withLock { $0 }
      let trace = try Trace(parsing: Array(text.utf8), named: "t")
      #expect(trace.calls.isEmpty && trace.isCutOff)
      #expect(trace.callsInFlight.map(\.call) == [.open(path: device.path, flags: 2)])
      #expect(trace.callsInFlight.first?.line == 2)
      #expect(try recording.end() == 1)
    }
  }

  /// Errors of writing are reported at the end, with their errno.
  @Test func aFullDiskIsAnError() throws {
    let recording = Recording(by: "test 1", of: ["open"], at: nil, to: try TraceFile("/dev/full"))
    let device = try recording.attach(to: selections("mock:panthor"))[0].devices[0]
    _ = device.kernel.close(device.kernel.open(device.path, flags: 2))
    #expect(throws: Errno.ENOSPC) { try recording.end() }
    #expect(throws: Errno.ENOENT) { try TraceFile("/nowhere/t") }
    #expect(throws: Errno(rawValue: 21)) { try TraceFile("/") }
  }

  /// A mock of a header has all options of the recorded one.
  @Test(arguments: [
    "coherent", "kernel=6.12", "minor=6", "page=16k", "heap", "policy=private-wb", "evict=seed:3",
    "fill=never", "invalidate=seed:4", "line=128", "jobs=early", "fault=sync_bound",
  ])
  func aMockIsRecordedWithItsOptions(_ option: String) throws {
    let name = "mock:panthor,\(option)"
    let trace = try record(name)
    #expect(trace.header.devices.map(\.label) == [name])
    let text = Array(trace.text().utf8)
    let stage = try ReplayStage(for: try Trace(parsing: text, named: "t"), in: "t", on: [])
    #expect(stage.kernel.pageSize == (option == "page=16k" ? 16384 : 4096))
    #expect((stage.kernel.open("/dev/dma_heap/system", flags: 0) >= 0) == (option == "heap"))
  }

  /// Only the header's devices, udmabuf and heaps are opened, whatever a kernel has.
  @Test func otherNodesDoNotExist() throws {
    let trace = try record("mock:panthor", "mock:panthor")
    var header = trace.header
    header.devices.removeLast()
    let stage = try ReplayStage(
      for: Trace(header, []), in: "t", on: selections("mock:panthor,heap", "mock:panthor"))
    #expect(Set(stage.nodes.keys) == ["/dev/dri/renderD128", "/dev/dri/card0"])
    let player = CallPlayer(stage.kernel, nodes: stage.nodes)
    let paths = [
      "/dev/dri/renderD128", "/dev/dri/card0", "/dev/udmabuf", "/dev/dma_heap/system",
      "/dev/dri/renderD129", "/dev/null", "/dev/dma_heap/../null",
    ]
    #expect(
      paths.map { player.play(.open(path: $0, flags: 2)).isFailure } == [
        false, false, false, false, true, true, true,
      ])
  }

  /// Without devices, mocks of the recorded ones are created in the order of the trace.
  @Test func mocksStandForTheRecordedDevices() throws {
    let trace = try record("mock:panthor,coherent,page=16k", "mock:panfrost,minor=0,page=16k")
    let stage = try ReplayStage(for: trace, in: "t", on: [])
    #expect(stage.kernel.pageSize == 16384 && stage.notices.isEmpty)
    let entries = stage.kernel.devices().sorted { ($0.renderNode ?? "") < ($1.renderNode ?? "") }
    #expect(stage.nodes[trace.header.devices[0].renderNode ?? ""]?.path == entries[0].renderNode)
    #expect(stage.nodes[trace.header.devices[1].renderNode ?? ""]?.path == entries[1].renderNode)
  }

  /// The device with the same driver and coherency is used, whatever the order.
  @Test func theMostSimilarDeviceIsUsed() throws {
    let trace = try record("mock:panthor,coherent", "mock:panfrost")
    let other = try selections("mock:panfrost", "mock:panthor", "mock:panthor,coherent")
    let stage = try ReplayStage(for: trace, in: "t", on: other)
    #expect(stage.notices.isEmpty)
    let devices = other.flatMap(\.devices)
    #expect(stage.nodes[trace.header.devices[0].renderNode ?? ""]?.path == devices[2].path)
    #expect(stage.nodes[trace.header.devices[1].renderNode ?? ""]?.path == devices[0].path)
  }

  @Test func aDifferentDeviceIsNoticed() throws {
    let trace = try record("mock:panthor,coherent")
    let stage = try ReplayStage(for: trace, in: "t", on: selections("mock:panthor"))
    #expect(
      stage.notices == [
        "/dev/dri/renderD128 (panthor, coherent) is replayed on mock:panthor (panthor, "
          + "non-coherent)"
      ])
  }

  @Test func tooFewDevicesAreAnError() throws {
    let trace = try record("mock:panthor", "mock:panfrost")
    let error = #expect(throws: DeviceError.self) {
      try ReplayStage(for: trace, in: "t", on: selections("mock:panthor"))
    }
    #expect(error?.exitCode == 1 && error?.description.hasPrefix("t: no device is left") == true)
  }

  private func selections(_ names: String...) throws -> [Selection] {
    try selections(names)
  }

  private func selections(_ names: [String]) throws -> [Selection] {
    try DeviceSelector.list(parsing: names).map { try DeviceResolver().resolve($0) }
  }

  /// Records that each device is opened and closed.
  private func record(_ names: String...) throws -> Trace {
    try inTemporaryFile(nil) { path in
      let recording = Recording(by: "test 1", of: ["open"], at: nil, to: try TraceFile(path))
      let devices = try recording.attach(to: selections(names)).flatMap(\.devices)
      for device in devices {
        _ = device.kernel.close(device.kernel.open(device.path, flags: 2))
      }
      #expect(try recording.end() == 2 * devices.count)
      let text = try String(contentsOfFile: path, encoding: .utf8)
      return try Trace(parsing: Array(text.utf8), named: path)
    }
  }

  /// Names a file that has the contents, or does not exist, and removes it at the end.
  private func inTemporaryFile<Result>(
    _ contents: String?, _ body: (String) throws -> Result
  ) throws -> Result {
    let path = NSTemporaryDirectory() + "gemsync-\(UUID().uuidString)"
    try contents?.write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
  }
}
