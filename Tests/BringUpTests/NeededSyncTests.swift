// SPDX-License-Identifier: MIT

@testable import BringUp
import DRM
import DRMDrivers
import DRMKernel
import MockDRM
import Testing

/// What stale bytes show about the syncs of a path, and what they do not.
@Suite struct NeededSyncTests {
  /// Stale bytes without any sync show that one is needed, also where none was stale alone.
  @Test(arguments: [5, 7])
  func aStaleRowNamesWhatMayBeNeeded(_ seed: Int) throws {
    let outcomes = try outcomes(on: "panthor,evict=seed:\(seed)", trials: 20)
    let lines = BringUpVerdict(isCoherent: false, outcomes, []).lines
    for line in lines where line.contains("none observed") {
      #expect(line.contains("  0 of "), "\(line)")
    }
    if seed == 7 {
      let row = try #require(lines.firstIndex { $0.hasPrefix("udmabuf       after CPU writes") })
      #expect(
        lines[row...].prefix(2).joined().contains("one of START|WRITE, END|WRITE"), "\(lines[row])")
      let path = try #require(outcomes.first { $0.id == "udmabuf.dma_buf.to_device" })
      #expect(path.texts(.confirmed) == ["one of START|WRITE, END|WRITE is needed"])
    }
    for outcome in outcomes {
      let texts = outcome.texts(.confirmed)
      let isNamed = texts.contains { $0.hasSuffix(" needed") && !$0.contains("not ") }
      #expect(!outcome.isStaleWithout || isNamed, "\(outcome.id): \(texts)")
    }
  }

  /// Without the only sync and without any is the same experiment: its trials count together.
  @Test func trialsWithoutTheOnlySyncArePooled() throws {
    let outcomes = try outcomes(on: "panthor,evict=seed:7", trials: 20)
    let single = outcomes.filter { $0.syncs.count == 1 }
    #expect(single.count > 20)
    #expect(single.allSatisfy { $0.without.trials == 40 && $0.syncs[0].without == $0.without })
    #expect(single.allSatisfy { $0.isStaleWithout == $0.syncs[0].isNeeded })
    let several = outcomes.filter { $0.syncs.count > 1 }
    #expect(several.allSatisfy { $0.without.trials <= 20 })
    let sync = try #require(outcomes.first { $0.id == "wb.sync.to_device" })
    #expect(sync.without.stale > 0 && sync.texts(.confirmed) == ["BO_SYNC: needed"])
  }

  /// Bytes that are stale with every sync too show nothing about one of them.
  @Test func staleWithAllSyncsShowsNothing() throws {
    let outcomes = try outcomes(on: "panthor,coherent,fault=snooping", trials: 1)
    let stale = outcomes.filter { !$0.isFresh && !$0.syncs.isEmpty }
    #expect(stale.contains { $0.id == "wb.sync.to_device" })
    for outcome in stale {
      let shown = outcome.syncs.filter { $0.refusal == nil }.map {
        "\($0.name): nothing shown: stale with all syncs too"
      }
      #expect(outcome.texts(.refuted).filter { !$0.hasSuffix(": needed") } == shown)
    }
    #expect(stale.flatMap { $0.texts(.refuted) }.allSatisfy { $0 != "BO_SYNC: needed" })
  }

  private func outcomes(on text: String, trials: Int) throws -> [AccessOutcome] {
    let mock = MockKernel([try MockProfile(parsing: text)])
    let device = DRMDevice(
      DeviceDescription(
        path: "/dev/dri/renderD128", driver: "panthor", isCoherent: text.contains(",coherent"),
        features: .writeBackMapping), kernel: .substitute(mock))
    return AccessTrial(on: device, trials: trials).run { _ in }.outcomes
  }
}
