// SPDX-License-Identifier: MIT

import CallTrace
import DRMKernel
import Devices
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

  @Test func aRecordingWithoutCallsHasNoTrace() throws {
    let recording = Recording(by: "test 1", of: [], at: nil)
    _ = try recording.attach(to: selections("mock:panthor"))
    #expect(recording.trace == nil)
  }

  /// Without devices, mocks of the recorded ones are created in the order of the trace.
  @Test func mocksStandForTheRecordedDevices() throws {
    let trace = try record("mock:panthor,coherent,page=16k", "mock:panfrost,minor=0,page=16k")
    let stage = try ReplayStage(for: trace, in: "t", on: [])
    #expect(stage.kernel.pageSize == 16384 && stage.notices.isEmpty)
    let entries = stage.kernel.devices().sorted { ($0.renderNode ?? "") < ($1.renderNode ?? "") }
    #expect(stage.paths[trace.header.devices[0].renderNode ?? ""] == entries[0].renderNode)
    #expect(stage.paths[trace.header.devices[1].renderNode ?? ""] == entries[1].renderNode)
  }

  /// The device with the same driver and coherency is used, whatever the order.
  @Test func theMostSimilarDeviceIsUsed() throws {
    let trace = try record("mock:panthor,coherent", "mock:panfrost")
    let other = try selections("mock:panfrost", "mock:panthor", "mock:panthor,coherent")
    let stage = try ReplayStage(for: trace, in: "t", on: other)
    #expect(stage.notices.isEmpty)
    let devices = other.flatMap(\.devices)
    #expect(stage.paths[trace.header.devices[0].renderNode ?? ""] == devices[2].path)
    #expect(stage.paths[trace.header.devices[1].renderNode ?? ""] == devices[0].path)
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
    let recording = Recording(by: "test 1", of: ["open"], at: nil)
    for device in try recording.attach(to: selections(names)).flatMap(\.devices) {
      _ = device.kernel.close(device.kernel.open(device.path, flags: 2))
    }
    return try #require(recording.trace)
  }
}
