// SPDX-License-Identifier: MIT

import BringUp
import DRMKernel
import MockDRM
import Testing

/// What a bring-up session finds out about mocks, honest ones and others.
@Suite struct BringUpTests {
  @Test(arguments: ["panthor", "panfrost"])
  func syncsAreNeededWhereTheDeviceDoesNotSnoop(_ driver: String) throws {
    let found = try outcomes(on: driver)
    #expect(found.allSatisfy { $0.isFresh })
    for way in AccessWay.allCases {
      for direction in [AccessOutcome.Direction.toDevice, .fromDevice] {
        let id = "wb.\(way.rawValue).\(direction.rawValue)"
        let outcome = try #require(found.first { $0.id == id })
        #expect(outcome.isStaleWithout && outcome.syncs.contains { $0.isNeeded }, "\(outcome.id)")
      }
    }
    #expect(found.filter { $0.memory == .writeCombining }.allSatisfy { !$0.isStaleWithout })
    let verdict = BringUpVerdict(isCoherent: false, found, [])
    #expect(verdict.truth == .true_ && verdict.isSound)
    let needs = "wb needs, by the way it is accessed: after the CPU writes"
    #expect(verdict.lines.contains { $0.hasPrefix(needs) })
  }

  @Test(arguments: ["panthor", "panfrost"])
  func nothingIsNeededWhereItSnoops(_ driver: String) throws {
    let found = try outcomes(on: "\(driver),coherent").filter { !$0.memory.isImported }
    #expect(found.allSatisfy { $0.isFresh && !$0.isStaleWithout })
    #expect(found.flatMap(\.syncs).allSatisfy { !$0.isNeeded })
    #expect(BringUpVerdict(isCoherent: true, found, []).truth == .true_)
  }

  @Test(arguments: ["panthor", "panfrost"])
  func aLieAboutSnoopingIsFound(_ driver: String) throws {
    let claimed = try outcomes(on: "\(driver),coherent,break=snooping")
    let lie = BringUpVerdict(isCoherent: true, claimed, [])
    #expect(lie.truth == .false_ && !lie.isSound)
    #expect(lie.lines[0].contains("is NOT"))
    let denied = try outcomes(on: "\(driver),break=snooping")
    #expect(BringUpVerdict(isCoherent: false, denied, []).truth == .notSeen)
  }

  @Test func whatTheCPUWroteBeforeAnImportIsFlushedByIt() throws {
    let found = try outcomes(on: "panthor")
    for memory in [AccessMemory.otherGPU, .udmabuf, .systemHeap] {
      let first = try #require(found.first { $0.memory == memory && $0.direction == .firstUse })
      #expect(first.isFresh && first.syncs.map(\.name) == ["START|WRITE", "END|WRITE"])
    }
    #expect(found.first { $0.id == "udmabuf.first_use" }?.isStaleWithout == true)
  }

  @Test func aReadKeepsWhatTheCPUHasPending() throws {
    let found = try outcomes(on: "panfrost")
    let own = try #require(found.first { $0.id == "wb.dma_buf.own_writes" })
    #expect(own.isFresh)
    #expect(own.syncs.filter(\.isNeeded).map(\.name) == ["END|WRITE"])
  }

  @Test func maintenanceIsTold() throws {
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
      AccessMachine(
        kernel: .substitute(mock), path: "/dev/dri/renderD128", otherGPU: "/dev/dri/renderD129",
        maintenance: MockMaintenance(mock))
    ).run { _ in }.outcomes
  }
}
