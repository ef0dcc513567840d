// SPDX-License-Identifier: MIT

@testable import BringUp
import DRM
import DRMDrivers
import DRMKernel
import MockDRM
import Testing

/// Bring-up of mocks that report their coherency correctly, and of others.
@Suite struct BringUpTests {
  @Test(arguments: ["panthor", "panfrost"])
  func syncsAreNeededWhereTheDeviceDoesNotSnoop(_ driver: String) throws {
    let found = try outcomes(on: driver)
    #expect(found.allSatisfy { $0.isFresh })
    for path in AccessPath.allCases {
      for direction in [AccessOutcome.Direction.toDevice, .fromDevice] {
        let id = "wb.\(path.rawValue).\(direction.rawValue)"
        let outcome = try #require(found.first { $0.id == id })
        #expect(outcome.isStaleWithout && outcome.syncs.contains { $0.isNeeded }, "\(outcome.id)")
      }
    }
    #expect(found.filter { $0.memory == .writeCombining }.allSatisfy { !$0.isStaleWithout })
    let verdict = BringUpVerdict(isCoherent: false, found, [])
    #expect(verdict.claim == .confirmed && verdict.isSound)
    #expect(verdict.lines[0].hasPrefix("Coherency claim: non-coherent, confirmed. Stale bytes"))
    #expect(
      verdict.lines.contains {
        $0.hasPrefix("wb            after CPU writes") && $0.contains("  BO_SYNC")
          || $0.hasPrefix("wb            after CPU writes") && $0.contains("  SYNC_BO")
      })
    #expect(
      verdict.lines.contains {
        $0.hasPrefix("wc            after CPU writes") && $0.hasSuffix("  none, by rule")
      })
    #expect(verdict.lines.allSatisfy { $0.count <= 98 })
  }

  @Test(arguments: ["panthor", "panfrost"])
  func nothingIsNeededWhereItSnoops(_ driver: String) throws {
    let found = try outcomes(on: "\(driver),coherent").filter { !$0.memory.isImported }
    #expect(found.allSatisfy { $0.isFresh && !$0.isStaleWithout })
    #expect(found.flatMap(\.syncs).allSatisfy { !$0.isNeeded })
    #expect(BringUpVerdict(isCoherent: true, found, []).claim == .confirmed)
  }

  @Test(arguments: ["panthor", "panfrost"])
  func wrongCoherencyClaimIsFound(_ driver: String) throws {
    let claimed = try outcomes(on: "\(driver),coherent,break=snooping")
    let wrong = BringUpVerdict(isCoherent: true, claimed, [])
    #expect(wrong.claim == .refuted && !wrong.isSound)
    #expect(wrong.lines[0].hasPrefix("Coherency claim: coherent, refuted. Stale bytes without"))
    let denied = try outcomes(on: "\(driver),break=snooping")
    #expect(BringUpVerdict(isCoherent: false, denied, []).claim == .notObserved)
  }

  @Test func importFlushesEarlierCPUWrites() throws {
    let found = try outcomes(on: "panthor")
    for memory in [AccessMemory.otherGPU, .udmabuf, .systemHeap] {
      let first = try #require(found.first { $0.memory == memory && $0.direction == .firstUse })
      #expect(first.isFresh && first.syncs.map(\.name) == ["START|WRITE", "END|WRITE"])
    }
    #expect(found.first { $0.id == "udmabuf.first_use" }?.isStaleWithout == true)
  }

  @Test func readKeepsUnflushedCPUWrites() throws {
    let found = try outcomes(on: "panfrost")
    let own = try #require(found.first { $0.id == "wb.dma_buf.own_writes" })
    #expect(own.isFresh)
    #expect(own.syncs.filter(\.isNeeded).map(\.name) == ["END|WRITE"])
  }

  @Test func maintenanceIsReported() throws {
    let found = try outcomes(on: "panthor")
    let sync = try #require(found.first { $0.id == "wb.sync.to_device" })
    let text = try #require(sync.maintenance)
    #expect(text.hasPrefix("own: clean") && !text.contains("invalidate"))
  }

  @Test func eachTrialCounts() throws {
    let found = try outcomes(on: "panthor", trials: 7)
    let sync = try #require(found.first { $0.id == "wb.sync.from_device" })
    #expect(sync.whole == StaleCount(0, of: 7) && sync.without == StaleCount(7, of: 7))
    #expect(sync.syncs.map(\.without) == [StaleCount(7, of: 7)])
    // A line is tried again after 240 attempts, with another word.
    let long = try outcomes(on: "panthor", trials: 85, [.writeBack]).filter { $0.path == .sync }
    #expect(long.count == 3 && long.allSatisfy { $0.whole == StaleCount(0, of: 85) })
    #expect(long.prefix(2).allSatisfy { $0.without == StaleCount(85, of: 85) })
  }

  /// Random evictions hide a missing sync in many trials; it must not be called "not needed" then.
  @Test(arguments: 1...4)
  func evictionsHideNoNeededSync(_ seed: Int) throws {
    let text = "panthor,evict=seed:\(seed),fill=seed:\(seed)"
    let found = try outcomes(on: text, trials: 20, [.writeBack])
    #expect(found.allSatisfy { $0.isFresh && !$0.followsRule })
    let own = found.filter { $0.direction != .ownWrites }
    #expect(own.contains { $0.without.stale > 0 })
    #expect(own.contains { $0.without.stale < 20 }, "no eviction has hidden a missing sync")
    let verdict = BringUpVerdict(isCoherent: false, found, [])
    #expect(verdict.claim == .confirmed && verdict.isSound)
    #expect(!verdict.lines.contains { $0.contains("by rule") })
  }

  @Test func anInterruptionKeepsTheTrialsSoFar() throws {
    var left = 3
    let found = try outcomes(on: "panthor", trials: 1000) {
      left -= 1
      return left < 0
    }
    #expect(found.count == 1 && found[0].whole.trials < 3)
  }

  @Test func nothingStaleGivesABound() {
    #expect(StaleCount(0, of: 100).upperBound < 0.0296)
    #expect(StaleCount(0, of: 100).upperBound > 0.0295)
    #expect(StaleCount(0, of: 1).upperBound == 0.95)
    #expect(StaleCount().upperBound == 1)
    let outcome = AccessOutcome(
      memory: .writeBack, path: .sync, direction: .toDevice, whole: StaleCount(0, of: 100),
      syncs: [.init(name: "BO_SYNC", without: StaleCount(0, of: 100))],
      without: StaleCount(0, of: 100), needsNoSyncByRule: false, maintenance: nil)
    let lines = BringUpVerdict(isCoherent: false, [outcome], []).lines
    #expect(
      lines[0].contains("not observed. Stale bytes without syncs in 0 of 100 trials (below 3.0 %)"))
    #expect(lines[2].hasSuffix("none observed (below 3.0 %)"))
  }

  @Test func pressureTakesAQuarterOfFreeMemoryAtMost() throws {
    #expect(CachePressure.size(free: 8 << 20) == 2 << 20)
    #expect(CachePressure.size(free: 64 << 30) == 64 << 20)
    #expect(CachePressure.size(free: 2 << 20) == nil)
    let pressure = try #require(CachePressure())
    #expect(pressure.threads >= 0)
    pressure.evict()
  }

  /// A machine of the device and of another GPU, with a heap.
  private func outcomes(
    on text: String, trials: Int = 1, _ memories: [AccessMemory] = AccessMemory.allCases,
    isInterrupted: @escaping () -> Bool = { false }
  ) throws -> [AccessOutcome] {
    let other = text.hasPrefix("panthor") ? "panfrost" : "panthor"
    let mock = MockKernel([
      try MockProfile(parsing: text + ",heap"), try MockProfile(parsing: other + ",heap"),
    ])
    return try AccessTrial(
      on: DRMDevice(
        DeviceDescription(
          path: "/dev/dri/renderD128", driver: text.hasPrefix("panthor") ? "panthor" : "panfrost",
          isCoherent: text.contains(",coherent")),
        kernel: .substitute(mock),
        neighbours: [DeviceDescription(path: "/dev/dri/renderD129", driver: other)],
        maintenance: MockMaintenance(mock)),
      trials: trials, isInterrupted: isInterrupted
    ).run(memories) { _ in }.outcomes
  }
}
