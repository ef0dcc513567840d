// SPDX-License-Identifier: MIT

import DRM
import DRMConformance
import DRMDrivers
import Devices
import Foundation
import Reports
import Testing

@testable import Runs

/// Child processes that a command cannot show: ones that do not end, and programs that are no gemsync.
@Suite struct IsolatedExecutorTests {
  private static func executor(
    _ program: String, _ rules: [String] = [], limit: Duration? = nil
  ) throws -> IsolatedExecutor {
    let devices = try DeviceResolver().resolve(DeviceSelector(parsing: "mock:panthor")).devices
    return IsolatedExecutor(
      .checks(CheckWork(provokesWarnings: false, allowsJobs: nil)),
      of: Subjects(checks: CheckCatalog.matching("core.version")), on: devices,
      limits: TimeLimits(item: limit, inactivity: nil, run: nil),
      rehearsal: try Rehearsal(parsing: rules), program: program)
  }

  private static func gemsync() throws -> String {
    let test = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return URL(filePath: test).deletingLastPathComponent().appending(path: "gemsync").path
  }

  private let item = Plan.Item(
    number: 0, device: 0, name: "core.version.name_truncated", round: 1)

  /// A process in uninterruptible sleep does not end when it is killed: here the signal has no effect.
  @Test func aProcessThatDoesNotEndLosesItsDevice() async throws {
    var executor = try Self.executor(try Self.gemsync(), ["hang:core"], limit: .seconds(3))
    executor.killing = Dialogue.Killing(signal: 0, grace: .milliseconds(200))
    let attempt = await executor.onThread(item)
    defer { if let process = attempt.process { kill(process, SIGKILL) } }
    guard case .lost(let row, let reason) = attempt.end else {
      Issue.record("\(attempt.end)")
      return
    }
    #expect(row.verdict == .timeout)
    #expect(reason == "process \(attempt.process ?? 0) cannot be killed: it is stuck in the kernel")
    #expect(row.reason?.hasPrefix("it did not end within 3 s, ") == true, "\(row.reason ?? "")")
    #expect(row.reason?.hasSuffix(reason) == true)
  }

  @Test(
    arguments: [
      ("/bin/false", "its process ended with exit code 1, before its first call"),
      ("/nonexistent/gemsync", "its process could not be started: "),
    ])
  func aProgramThatIsNoGemsyncIsACrash(_ program: String, _ reason: String) async throws {
    let attempt = await (try Self.executor(program)).onThread(item)
    guard case .result(let row) = attempt.end else {
      Issue.record("\(attempt.end)")
      return
    }
    #expect(row.verdict == .crash && row.reason?.hasPrefix(reason) == true, "\(row.reason ?? "")")
  }

  @Test func theEndOfWhatIsPrintedIsKept() async throws {
    let executor = try Self.executor(try Self.gemsync(), ["print:core"])
    let attempt = await executor.onThread(item)
    #expect(attempt.output.count == 64 << 10)
    #expect(attempt.output.allSatisfy { $0 == UInt8(ascii: "x") })
  }

  @Test func rulesOfARehearsal() throws {
    let rules = try Rehearsal(parsing: ["flaky:zero", "hang:gem_close"])
    #expect(rules.fault(for: "core.gem_close.zero", attempt: 1) == .flaky)
    #expect(rules.fault(for: "core.gem_close.zero", attempt: 2) == nil)
    #expect(rules.fault(for: "core.gem_close.twice", attempt: 2) == .hang)
    #expect(rules.fault(for: "core.version", attempt: 1) == nil)
    for text in ["hang", "hang:", ":x", "Hang:x"] {
      #expect(throws: Rehearsal.ParseError.self) { try Rehearsal(parsing: [text]) }
    }
  }

  /// Only descriptions here: no test may reach the file that makes this machine panic.
  @Test func aPanicNeedsARealKernelAndAFolder() throws {
    let mocks = try DeviceResolver().resolve(DeviceSelector(parsing: "mock:panthor")).devices
    let places: [DeviceDescription.Location] = [.vm, .board]
    let real = places.map {
      DRMDevice(
        DeviceDescription(path: "/dev/null", driver: "panthor", location: $0), kernel: .host)
    }
    let rules = try Rehearsal(parsing: ["crash:a", "panic:b"])
    #expect(rules.refusal(on: real, isKept: true) == nil)
    #expect(rules.refusal(on: real, isKept: false)?.hasPrefix("--inject panic:b: needs") == true)
    #expect(rules.refusal(on: real + mocks, isKept: true)?.contains("mock:panthor") == true)
    #expect(try Rehearsal(parsing: ["crash:a"]).refusal(on: mocks, isKept: false) == nil)
    for mock in mocks { #expect(PanicTrigger(for: mock) == nil) }
    // A substitute or a model of a device that is real otherwise, and a description that says mock.
    let mock = try #require(mocks.first)
    #expect(PanicTrigger(for: real[0].answered(by: mock.kernel)) == nil)
    #expect(
      PanicTrigger(for: DRMDevice(real[0].description, kernel: .host, model: mock.model)) == nil)
    #expect(PanicTrigger(for: DRMDevice(mock.description, kernel: .host)) == nil)
    for device in real { #expect(PanicTrigger(for: device) != nil) }
  }

  @Test func aPanicIsOneLetter() throws {
    let device = DRMDevice(
      DeviceDescription(path: "/dev/null", driver: "panthor", location: .vm), kernel: .host)
    let file = FileManager.default.temporaryDirectory.appending(path: "gemsync-\(UUID())")
    defer { try? FileManager.default.removeItem(at: file) }
    let trigger = try #require(PanicTrigger(for: device, path: file.path))
    // The file is never created.
    #expect(trigger.pull() == "\(file.path): No such file or directory")
    try Data().write(to: file)
    #expect(trigger.pull() == "\(file.path): the kernel did not panic")
    #expect(try Data(contentsOf: file) == Data("c".utf8))
  }
}

extension IsolatedExecutor {
  /// Makes one attempt on a thread that no task needs.
  fileprivate func onThread(_ item: Plan.Item) async -> Attempt {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { [self] in
        continuation.resume(returning: run(item, attempt: 1, trace: nil) { false })
      }
    }
  }
}
