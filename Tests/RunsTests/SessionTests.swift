// SPDX-License-Identifier: MIT

import DRM
import DRMConformance
import DRMDrivers
import DRMKernel
import Devices
import Foundation
import Reports
import Testing

@testable import Runs

/// The order, the retries and the ends of a run, with an executor that answers as a test says.
@Suite struct SessionTests {
  /// Answers each attempt by a closure, and counts how many run at once.
  private final class Substitute: Executor {
    private let answer: @Sendable (Plan.Item, Int) -> (Verdict, lost: String?)?
    let isInProcess = true
    let most = Guarded((now: 0, most: 0))

    init(_ answer: @escaping @Sendable (Plan.Item, Int) -> (Verdict, lost: String?)?) {
      self.answer = answer
    }

    func run(
      _ item: Plan.Item, attempt: Int, trace: String?, isStopped: @escaping @Sendable () -> Bool
    ) -> Attempt {
      most.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
      defer { most.withLock { $0.now -= 1 } }
      guard let (verdict, lost) = answer(item, attempt) else { return Attempt(.interrupted) }
      let device = DeviceDescription(label: "device \(item.device)", driver: "panthor")
      let row = ResultRow(
        CheckResult(id: item.name, verdict: verdict, reason: "attempt \(attempt)"), on: device)
      return Attempt(lost.map { .lost(row, $0) } ?? .result(row))
    }
  }

  private static func plan(devices: Int, _ names: [String], _ policy: RunPolicy) throws -> Plan {
    let mocks = (0..<devices).map { $0 % 2 == 0 ? "mock:panthor" : "mock:panfrost" }
    let selections = try DeviceSelector.list(parsing: mocks).map {
      try DeviceResolver().resolve($0)
    }
    var items: [Plan.Item] = []
    for device in 0..<devices {
      items += Plan.items(names, on: device, rounds: 1, shuffledBy: nil, after: items.count)
    }
    return Plan(
      tool: "gemsync", command: [], on: selections,
      work: .checks(CheckWork(provokesWarnings: false, allowsJobs: nil)), policy: policy,
      isIsolated: false, items: items)
  }

  private static func policy(
    retries: Int = 0, most: Int? = nil, lanes: Int = 1, run: Duration? = nil
  ) -> RunPolicy {
    RunPolicy(
      retries: retries, mostFailures: most, lanes: lanes,
      limits: TimeLimits(item: nil, inactivity: nil, run: run))
  }

  private static func run(
    _ plan: Plan, _ executor: some Executor,
    signal: @escaping @Sendable () -> Int32 = { 0 }
  ) -> (end: RunEnd, events: [String], rows: [ResultRow]) {
    var events: [String] = []
    var rows: [ResultRow] = []
    let session = RunSession(plan, by: executor, signal: signal)
    let end = session.run { event in
      switch event {
      case .began(let item): events.append("began \(item.device) \(item.name)")
      case .ended(let item, let row):
        events.append("ended \(item.device) \(item.name) \(row.verdict)")
        rows.append(row)
      case .abandoned(let item): events.append("abandoned \(item.device) \(item.name)")
      case .lost(let device, let reason): events.append("lost \(device) \(reason)")
      }
    }
    return (end, events, rows)
  }

  @Test func itemsRunInTheirOrder() throws {
    let plan = try Self.plan(devices: 2, ["a", "b"], Self.policy())
    #expect(plan.items.map(\.number) == [0, 1, 2, 3])
    let result = Self.run(plan, Substitute { _, _ in (.pass, nil) })
    #expect(result.end == .complete)
    #expect(
      result.events == [
        "began 0 a", "ended 0 a pass", "began 0 b", "ended 0 b pass",
        "began 1 a", "ended 1 a pass", "began 1 b", "ended 1 b pass",
      ])
  }

  /// Events of several devices come device after device, and the devices are used at the same time.
  @Test func devicesRunAtTheSameTime() throws {
    let names = (0..<20).map { "c\($0)" }
    let plan = try Self.plan(devices: 4, names, Self.policy(lanes: 3))
    let bothRun = Guarded(Set<Int>())
    let executor = Substitute { item, _ in
      // The first item of each of the first three devices waits for the others.
      if item.name == "c0", item.device < 3 {
        bothRun.withLock { _ = $0.insert(item.device) }
        var turns = 0
        while bothRun.withLock({ $0.count }) < 3, turns < 5000 {
          usleep(1000)
          turns += 1
        }
      }
      return (.pass, nil)
    }
    let result = Self.run(plan, executor)
    let expected = plan.items.flatMap {
      ["began \($0.device) \($0.name)", "ended \($0.device) \($0.name) pass"]
    }
    #expect(result.events == expected)
    #expect(executor.most.withLock { $0.most } == 3)
  }

  @Test func onlyFailuresAreTriedAgain() throws {
    let plan = try Self.plan(
      devices: 1, ["flaky", "bad", "good", "skipped"], Self.policy(retries: 2))
    let result = Self.run(
      plan,
      Substitute { item, attempt in
        switch item.name {
        case "flaky": (attempt == 3 ? .pass : .timeout, nil)
        case "bad": (.fail, nil)
        case "skipped": (.skip, nil)
        default: (.pass, nil)
        }
      })
    #expect(result.rows.map(\.attempts) == [3, 3, nil, nil])
    #expect(result.rows.map(\.isFlaky) == [true, false, false, false])
    #expect(result.rows[0].reason == "flaky: failed 2 of 3 attempts: attempt 1")
    #expect(result.rows[1].reason == "attempt 3")
  }

  @Test func aLostDeviceRunsNothingMore() throws {
    let plan = try Self.plan(devices: 2, ["a", "b", "c"], Self.policy(retries: 3))
    let result = Self.run(
      plan,
      Substitute { item, _ in
        item.device == 0 && item.name == "b" ? (.timeout, "it is stuck") : (.pass, nil)
      })
    #expect(result.end == .stopped("mock:panthor was lost"))
    #expect(result.rows.map(\.id) == ["a", "b", "a", "b", "c"])
    #expect(result.rows[1].attempts == nil)
    #expect(result.events[4] == "lost 0 it is stuck")
  }

  @Test func failuresAndInterruptsEndTheRun() throws {
    let names = ["a", "b", "c", "d"]
    let most = Self.run(
      try Self.plan(devices: 2, names, Self.policy(most: 3)), Substitute { _, _ in (.crash, nil) })
    #expect(most.rows.count == 3 && most.end == .stopped("3 failed (--maxfail 3)"))
    let count = Guarded(0)
    let ended = Self.run(
      try Self.plan(devices: 1, names, Self.policy()),
      Substitute { item, _ in
        count.withLock { $0 += 1 }
        return item.name == "c" ? nil : (.pass, nil)
      }, signal: { count.withLock { $0 >= 3 ? 15 : 0 } })
    #expect(ended.end == .interrupted(15))
    #expect(ended.events.suffix(2) == ["began 0 c", "abandoned 0 c"])
    #expect(ended.rows.count == 2)
  }

  /// What the kernel reports while an item runs fails that item, and may end the run.
  @Test func theKernelsReportsFailItems() throws {
    let folder = try WatchFolder()
    try folder.write("0", to: "/proc/sys/kernel/tainted")
    let plan = try Self.plan(devices: 1, ["good", "taints", "later", "never"], Self.policy())
    let subjects = Subjects()
    let executor = Substitute { item, _ in
      // The kernel warns (bit 9) in the second item, and oopses (bit 7) in the third.
      let taint = ["taints": "512", "later": "640"][item.name]
      if let taint { try? folder.write(taint, to: "/proc/sys/kernel/tainted") }
      return (item.name == "later" ? .timeout : .pass, nil)
    }
    func run(_ rules: WatchRules) throws -> (end: RunEnd, rows: [ResultRow]) {
      try folder.write("0", to: "/proc/sys/kernel/tainted")
      let watches = Watches([KernelWatch(root: folder.path, rules: rules)], running: subjects)
      var rows: [ResultRow] = []
      let session = RunSession(plan, by: executor, watchedBy: watches) { 0 }
      let end = session.run { if case .ended(_, let row) = $0 { rows.append(row) } }
      return (end, rows)
    }
    let all = try run(WatchRules())
    #expect(all.end == .complete && all.rows.map(\.verdict) == [.pass, .fail, .timeout, .pass])
    #expect(
      all.rows[1].reason?.hasPrefix("kernel tainted: W (") == true, "\(all.rows[1].reason ?? "")")
    #expect(all.rows[2].reason?.hasPrefix("attempt 1; kernel tainted: ") == true)
    let stopped = try run(WatchRules(abortKinds: [.taint]))
    #expect(stopped.rows.map(\.verdict) == [.pass, .fail])
    guard case .stopped(let reason) = stopped.end else {
      Issue.record("\(stopped.end)")
      return
    }
    #expect(reason.hasPrefix("kernel tainted: ") && reason.hasSuffix(" (--abort-on)"))
  }

  @Test func aPlanIsTheSameAfterItsJSON() throws {
    let plan = try Self.plan(
      devices: 2, ["a"], Self.policy(retries: 1, most: 2, lanes: 3, run: .seconds(1.5)))
    let data = try JSONEncoder().encode(plan)
    #expect(try JSONDecoder().decode(Plan.self, from: data) == plan)
  }
}
