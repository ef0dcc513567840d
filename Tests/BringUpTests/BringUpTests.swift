// SPDX-License-Identifier: MIT

import BringUp
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
    #expect(verdict.lines[0].hasPrefix("Coherency claim: non-coherent, confirmed. Without syncs, "))
    #expect(verdict.lines.contains { $0.hasPrefix("wb needs syncs: after CPU writes ") })
    #expect(verdict.lines.contains { $0.hasPrefix("wc needs no sync; not needed: ") })
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
    #expect(wrong.lines[0].hasPrefix("Coherency claim: coherent, refuted. Without syncs, stale"))
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

  /// A machine of the device and of another GPU, with a heap.
  private func outcomes(on text: String) throws -> [AccessOutcome] {
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
        maintenance: MockMaintenance(mock))
    ).run { _ in }.outcomes
  }
}
