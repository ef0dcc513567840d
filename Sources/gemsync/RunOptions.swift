// SPDX-License-Identifier: MIT

import ArgumentParser
import DRM
import DRMDrivers
import DRMKernel
import Devices
import Reports
import Runs

/// The options for how checks or scripts are carried out.
struct RunOptions: ParsableArguments {
  @Flag(
    inversion: .prefixedNo, exclusivity: .exclusive,
    help: "Run each item in a process of its own; the default on a board.")
  var isolate: Bool?

  @Option(help: ArgumentHelp("Use so many devices at the same time.", valueName: "count"))
  var jobs = 1

  @Option(
    help: ArgumentHelp(
      "Kill an item that takes longer; implies --isolate, where the default is 120.",
      valueName: "seconds"))
  var perTestTimeout: Double?

  @Option(
    help: ArgumentHelp(
      "Kill an item that makes no call for so long; implies --isolate.", valueName: "seconds"))
  var inactivityTimeout: Double?

  @Option(help: ArgumentHelp("End the whole run after so long.", valueName: "seconds"))
  var overallTimeout: Double?

  @Option(
    help: ArgumentHelp(
      "Try again what failed, so many times; what passes then is flaky.", valueName: "count"))
  var retry = 0

  @Option(help: ArgumentHelp("Stop after so many failures.", valueName: "count"))
  var maxfail: Int?

  @Option(help: ArgumentHelp("List so many of the slowest items.", valueName: "count"))
  var durations = 0

  @Option(
    help: ArgumentHelp(
      "Stop when the kernel reports one of these, separated by commas: taint, lockdep, warning, oops, leak, hang.",
      valueName: "kinds"))
  var abortOn: String?

  @Option(
    help: ArgumentHelp(
      "Fail an item during which the GPU's driver logs a message of this level (0 to 7) or a graver one.",
      valueName: "level"))
  var dmesgWarnLevel: Int?

  @Option(
    help: ArgumentHelp(
      "Rehearse a fault: KIND:TEXT injects it into items with the text in their name. Kinds: hang, crash, "
        + "exit, slow, flaky, vanish, print, panic; implies --isolate; may be repeated.",
      valueName: "fault"))
  var inject: [String] = []

  func validate() throws {
    guard (1...1000).contains(jobs) else {
      throw ValidationError("--jobs is a number from 1 to 1000")
    }
    guard (0...RunPolicy.mostRetries).contains(retry) else {
      throw ValidationError("--retry is a number from 0 to \(RunPolicy.mostRetries)")
    }
    guard (maxfail ?? 1) > 0 else { throw ValidationError("--maxfail is at least 1") }
    guard durations >= 0 else { throw ValidationError("--durations is at least 0") }
    let times = [
      ("--per-test-timeout", perTestTimeout), ("--inactivity-timeout", inactivityTimeout),
      ("--overall-timeout", overallTimeout),
    ]
    for (name, time) in times {
      guard let time, !(time > 0 && time <= 1e7) else { continue }
      throw ValidationError("\(name) is a number of seconds above 0, at most 10000000")
    }
    guard isolate != false || !needsIsolation else {
      throw ValidationError(
        "--per-test-timeout, --inactivity-timeout and --inject need a process for each item; "
          + "leave out --no-isolate")
    }
    guard (0...7).contains(dmesgWarnLevel ?? 0) else {
      throw ValidationError("--dmesg-warn-level is a number from 0 to 7")
    }
    _ = try rehearsal()
    _ = try watchRules()
  }

  /// What of the kernel's reports fails an item, and what ends the run.
  func watchRules() throws -> WatchRules {
    guard let abortOn else { return WatchRules(messageLevel: dmesgWarnLevel) }
    do {
      return WatchRules(messageLevel: dmesgWarnLevel, abortKinds: try Set(abortList: abortOn))
    } catch {
      throw ValidationError("\(error)")
    }
  }

  /// Whether an option is given that only works with a process for each item.
  var needsIsolation: Bool {
    perTestTimeout != nil || inactivityTimeout != nil || !inject.isEmpty
  }

  /// Whether items run in processes of their own on these devices.
  ///
  /// - Parameters:
  ///   - plan: that of a run that goes on; nil for a new run.
  ///   - obstacle: the option or input for which they cannot, such as `--trace`; nil for none.
  /// - Throws: where processes are asked for, and cannot be.
  func isolates(
    _ devices: [DRMDevice], as plan: Plan?, without obstacle: String?
  ) throws(ReportError) -> Bool {
    guard let obstacle else {
      if let isolate { return isolate }
      if needsIsolation { return true }
      return plan?.isIsolated ?? devices.contains { $0.description.location == .board }
    }
    guard isolate == true || needsIsolation else { return false }
    throw ReportError(
      description:
        "\(obstacle) excludes a process for each item (--isolate, --inject, or its limits)")
  }

  /// An option that is given and belongs to the plan of a run; nil for none.
  var givenPolicy: String? {
    let given = [
      ("--jobs", jobs != 1), ("--retry", retry != 0), ("--maxfail", maxfail != nil),
      ("--per-test-timeout", perTestTimeout != nil),
      ("--inactivity-timeout", inactivityTimeout != nil),
      ("--overall-timeout", overallTimeout != nil),
    ]
    return given.first(where: \.1)?.0
  }

  /// The policy of a run.
  var policy: RunPolicy {
    RunPolicy(
      retries: retry, mostFailures: maxfail, lanes: jobs,
      limits: TimeLimits(
        item: .seconds(perTestTimeout ?? 120), inactivity: inactivityTimeout.map { .seconds($0) },
        run: overallTimeout.map { .seconds($0) }))
  }

  /// The faults to inject on devices; nil for none.
  ///
  /// - Parameter isKept: whether a folder keeps the results.
  func rehearsal(on devices: [DRMDevice], isKept: Bool) throws -> Rehearsal? {
    let rehearsal = try rehearsal()
    if let refusal = rehearsal?.refusal(on: devices, isKept: isKept) {
      throw ValidationError(refusal.printable)
    }
    return rehearsal
  }

  /// The faults to inject; nil for none.
  private func rehearsal() throws -> Rehearsal? {
    guard !inject.isEmpty else { return nil }
    do {
      return try Rehearsal(parsing: inject)
    } catch {
      throw ValidationError(error.description)
    }
  }
}
