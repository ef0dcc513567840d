// SPDX-License-Identifier: MIT

public import DRM
internal import DRMConformance
internal import DRMKernel
public import Reports

/// How an attempt at an item ended.
public enum AttemptEnd: Sendable {
  /// With a result, its own or one for its process that failed to give one.
  case result(ResultRow)
  /// With a result after which the device cannot be used; the text is the reason.
  case lost(ResultRow, String)
  /// The run was interrupted, and there is no result.
  case interrupted
}

/// An attempt at an item.
public struct Attempt: Sendable {
  public let end: AttemptEnd
  /// The process that carried it out; nil for this one.
  public let process: Int32?
  /// The end of what that process printed, at most 64 KiB.
  public let output: [UInt8]

  /// Creates an attempt.
  public init(_ end: AttemptEnd, process: Int32? = nil, output: [UInt8] = []) {
    (self.end, self.process, self.output) = (end, process, output)
  }
}

/// Carries out items, in this process or another.
public protocol Executor: Sendable {
  /// Whether items run in this process.
  var isInProcess: Bool { get }

  /// Carries out an item, and returns when that ended or was given up.
  ///
  /// Blocks its thread, which must not be one that Swift's tasks share: child processes are watched by tasks.
  ///
  /// - Parameters:
  ///   - trace: the file for its calls; nil for none.
  ///   - isStopped: polled meanwhile; once true, the item is given up.
  func run(
    _ item: Plan.Item, attempt: Int, trace: String?, isStopped: @escaping @Sendable () -> Bool
  ) -> Attempt
}

/// Carries out items in this process, one at a time.
public struct InProcessExecutor: Executor {
  public let isInProcess = true
  private let devices: [DRMDevice]
  private let subjects: Subjects
  private let work: Work

  /// Creates an executor.
  public init(_ work: Work, of subjects: Subjects, on devices: [DRMDevice]) {
    (self.work, self.subjects, self.devices) = (work, subjects, devices)
  }

  public func run(
    _ item: Plan.Item, attempt: Int, trace: String?, isStopped: @escaping @Sendable () -> Bool
  ) -> Attempt {
    let device = devices[item.device]
    let perform: @Sendable () -> ResultRow = { [self] in
      do throws(ReportError) {
        let traced = try TracedDevice(device, of: item.name, to: trace)
        let row = try subjects.run(item.name, work, on: traced.device)
        try traced.end()
        return row
      } catch {
        let result = CheckResult(
          id: subjects.id(of: item.name), verdict: .fail, reason: error.description)
        return ResultRow(result, on: device.description)
      }
    }
    // A check is short; a script may be long.
    guard case .scripts = work else { return Attempt(.result(perform())) }
    return Attempt(
      Waiting.value(of: perform, unless: isStopped).map(AttemptEnd.result) ?? .interrupted)
  }
}
