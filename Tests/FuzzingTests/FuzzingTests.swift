// SPDX-License-Identifier: MIT

import CallTrace
import DRMDrivers
import DRMKernel
import Fuzzing
import MockDRM
import Testing

/// Generated calls on two mocks at the same time.
@Suite struct FuzzingTests {
  @Test(arguments: [DRMDriver.panthor, .panfrost], [false, true])
  func equalMocksAgree(_ driver: DRMDriver, isCoherent: Bool) {
    let bench = Bench(driver, isCoherent: isCoherent)
    var coverage = FuzzCoverage()
    let difference = bench.lockstep(against: nil).run(
      seed: 5, calls: 12000, coverage: &coverage)
    #expect(difference == nil, "\(difference?.description ?? "")")
    #expect(coverage.calls == 12000)
    #expect(30...70 ~= coverage.successes * 100 / coverage.calls)
    #expect(coverage.busyCalls * 10 > coverage.calls * 8)
    for errno in ["EINVAL", "ENOENT", "EFAULT", "EACCES", "ENOSPC", "E2BIG", "ENOTTY"] {
      #expect(coverage.results[errno, default: 0] >= 10, "\(errno)")
    }
    #expect(bench.first.usage == .none)
  }

  // Whether a device snoops shows only in bytes that jobs write, and no call returns those.
  @Test(arguments: InjectedFault.allCases.filter { $0 != .snooping })
  func everyInjectedFaultIsFoundAndReduced(_ fault: InjectedFault) throws {
    for driver in [DRMDriver.panthor, .panfrost] {
      var coverage = FuzzCoverage()
      let difference = Bench(driver).lockstep(against: fault).run(
        seed: 1, calls: 100_000, coverage: &coverage)
      let found = try #require(difference, "\(fault) is not found on \(driver)")
      #expect(1...12 ~= found.calls.count, "\(fault): \(found.calls.count) calls")
      // The remaining calls show the difference without the removed ones.
      let player = CallPlayer(.substitute(Bench(driver).first))
      for recorded in found.calls { #expect(player.play(recorded.call) == recorded.outcome) }
    }
  }

  @Test func aSeedGeneratesTheSameCalls() {
    var coverages: [FuzzCoverage] = []
    for seed: UInt64 in [7, 7, 8] {
      var coverage = FuzzCoverage()
      _ = Bench(.panthor).lockstep(against: nil).run(
        seed: seed, calls: 3000, coverage: &coverage)
      coverages.append(coverage)
    }
    #expect(coverages[0].table() == coverages[1].table())
    #expect(coverages[0].table() != coverages[2].table())
  }

  @Test func interruptedRunEndsWithoutDifference() {
    var coverage = FuzzCoverage()
    let difference = Bench(.panthor).lockstep(against: nil).run(
      seed: 1, calls: 100_000, coverage: &coverage, isInterrupted: { true })
    #expect(difference == nil && coverage.calls == 0)
  }
}

/// Sessions divide their calls among seeds and threads.
@Suite struct FuzzSessionTests {
  @Test(arguments: [(1, 1), (3, 1), (1, 4), (2, 3)])
  func everyCallIsMade(_ seeds: Int, _ threads: Int) {
    let options = FuzzSession.Options(seed: 3, seeds: seeds, calls: 1000, threads: threads)
    let session = Bench(.panthor).session(against: nil)
    let result = session.run(options) { _, _ in }
    #expect(result.coverage.calls == 1000 && result.difference == nil)
    #expect(result.text("mock").hasPrefix("mock: 1000 calls, "))
  }

  @Test func consecutiveSeedsAreUsed() {
    let bench = Bench(.panfrost)
    let both = bench.session(against: nil).run(.init(seed: 8, seeds: 2, calls: 600)) { _, _ in }
    var sum = FuzzCoverage()
    for seed: UInt64 in [8, 9] {
      _ = bench.lockstep(against: nil).run(seed: seed, calls: 300, coverage: &sum)
    }
    #expect(both.coverage.table() == sum.table())
  }

  @Test func aDifferenceEndsTheSessionWithItsSeed() throws {
    let session = Bench(.panthor).session(against: .syncBound)
    let result = session.run(.init(seed: 1, seeds: 2, calls: 200_000)) { _, _ in }
    let difference = try #require(result.difference)
    #expect(difference.seed == 1)
    #expect(result.text("mock").contains("difference with seed 1:\n  1. open("))
  }

  @Test func interruptedSessionMakesNoCall() {
    let session = Bench(.panthor).session(against: nil, isInterrupted: { true })
    #expect(session.run(.init(seed: 1, calls: 1000)) { _, _ in }.coverage.calls == 0)
  }
}

/// A mock machine with one Mali and its neighbours, and a second machine of the same kind.
private struct Bench {
  let first: MockKernel
  private let driver: DRMDriver
  private let isCoherent: Bool

  init(_ driver: DRMDriver, isCoherent: Bool = false) {
    self.driver = driver
    self.isCoherent = isCoherent
    first = MockKernel(Self.profiles(driver, isCoherent, nil))
  }

  func lockstep(against fault: InjectedFault?) -> Lockstep {
    Lockstep(world, side, against: { mock(with: fault) })
  }

  func session(
    against fault: InjectedFault?, isInterrupted: @escaping @Sendable () -> Bool = { false }
  ) -> FuzzSession {
    FuzzSession(world, side, against: { mock(with: fault) }, isInterrupted: isInterrupted)
  }

  private var side: Lockstep.Side { .init(name: "one", kernel: .substitute(first)) }

  private func mock(with fault: InjectedFault?) -> Lockstep.Side {
    let profiles = Self.profiles(driver, isCoherent, fault)
    return .init(name: "other", kernel: .substitute(MockKernel(profiles)))
  }

  private var world: FuzzWorld {
    FuzzWorld(
      driver: driver, node: "/dev/dri/renderD128", primaryNode: "/dev/dri/card0",
      neighbours: [.init(path: "/dev/dri/renderD129", driver: other)],
      vgemNode: "/dev/dri/card2", hasUDMABuf: true, pageSize: 4096, runsJobs: true)
  }

  private var other: DRMDriver { driver == .panthor ? .panfrost : .panthor }

  private static func profiles(
    _ driver: DRMDriver, _ isCoherent: Bool, _ fault: InjectedFault?
  ) -> [MockProfile] {
    let tested: MockProfile.Driver = driver == .panthor ? .panthor : .panfrost
    return [
      MockProfile(tested, isCoherent: isCoherent, fault: fault),
      MockProfile(tested == .panthor ? .panfrost : .panthor), MockProfile(.vgem),
    ]
  }
}
