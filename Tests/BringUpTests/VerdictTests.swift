// SPDX-License-Identifier: MIT

@testable import BringUp
import DRM
import DRMDrivers
import DRMKernel
import MockDRM
import Testing

/// Conclusions from outcomes of every kind.
@Suite struct VerdictTests {
  /// One outcome: its memory, and in how many of three trials bytes were stale.
  struct Case: CustomTestStringConvertible {
    let isCoherent: Bool?
    let memory: AccessMemory
    let direction: AccessOutcome.Direction
    let staleWithAll: Int
    let staleWithout: Int

    var testDescription: String {
      "\(isCoherent.map { $0 ? "coherent" : "non-coherent" } ?? "unknown"), \(memory) \(direction): "
        + "\(staleWithAll) and \(staleWithout) stale"
    }

    var outcome: AccessOutcome {
      AccessOutcome(
        memory: memory, path: .sync, direction: direction, whole: StaleCount(staleWithAll, of: 3),
        syncs: [.init(name: "BO_SYNC", without: StaleCount(staleWithout, of: 3))],
        without: StaleCount(staleWithout, of: 3),
        needsNoSyncByRule: memory == .writeCombining || isCoherent == true, maintenance: nil)
    }

    static let all = [nil, true, false].flatMap { isCoherent in
      AccessMemory.allCases.flatMap { memory in
        AccessOutcome.Direction.allCases.flatMap { direction in
          [0, 1].flatMap { with in
            [0, 3].map {
              Case(
                isCoherent: isCoherent, memory: memory, direction: direction, staleWithAll: with,
                staleWithout: $0)
            }
          }
        }
      }
    }
  }

  @Test(arguments: Case.all)
  func theVerdictFollowsFromTheTable(_ one: Case) {
    let verdict = BringUpVerdict(isCoherent: one.isCoherent, [one.outcome], [])
    let isStale = one.staleWithAll > 0 || one.staleWithout > 0
    let isEvidence =
      one.direction != .ownWrites && (one.isCoherent == true || one.memory != .writeCombining)
    let expected: BringUpVerdict.Claim =
      switch one.isCoherent {
      case nil: .unknown
      case _ where !isEvidence: .unknown
      case true?: isStale ? .refuted : .confirmed
      case false?: isStale ? .confirmed : .notObserved
      }
    #expect(verdict.claim == expected)
    #expect(verdict.isSound == (one.staleWithAll == 0 && expected != .refuted))
    #expect(verdict.lines.allSatisfy { $0.count <= 98 })
    let text = verdict.lines.joined(separator: "\n")
    #expect(text.contains("Stale WITH all syncs") == (one.staleWithAll > 0))
    #expect(text.contains("  STALE WITH ALL SYNCS 1 of 3") == (one.staleWithAll > 0))
    #expect(verdict.lines.contains { $0.contains("  \(one.staleWithout) of 3  ") })
    // A row with stale bytes names what is needed; one without says by which right none is.
    #expect(text.contains("  BO_SYNC 3 of 3") == (one.staleWithAll == 0 && one.staleWithout > 0))
    let isRuled = one.memory == .writeCombining || one.isCoherent == true
    #expect(text.contains("none, by rule") == (isRuled && !isStale))
    #expect(text.contains("none observed (below 63.2 %)") == (!isRuled && !isStale))
    #expect(
      verdict.summary.contains("the device does not snoop.")
        == (one.isCoherent == nil && isEvidence && one.staleWithout > 0))
  }

  /// One stale import refutes a claim of coherency, and with it what would follow from the claim.
  @Test func aRefutedClaimJustifiesNothing() {
    func outcome(
      _ memory: AccessMemory, _ direction: AccessOutcome.Direction, stale: Int
    ) -> AccessOutcome {
      Case(
        isCoherent: true, memory: memory, direction: direction, staleWithAll: 0,
        staleWithout: stale
      ).outcome
    }
    let fresh = [
      outcome(.writeBack, .toDevice, stale: 0), outcome(.writeBack, .ownWrites, stale: 0),
      outcome(.writeCombining, .fromDevice, stale: 0),
    ]
    let confirmed = BringUpVerdict(isCoherent: true, fresh, [])
    #expect(confirmed.claim == .confirmed)
    #expect(confirmed.lines.count { $0.hasSuffix("none, by rule") } == 3)
    let refuted = BringUpVerdict(
      isCoherent: true, fresh + [outcome(.udmabuf, .firstUse, stale: 1)], [])
    #expect(refuted.claim == .refuted && !refuted.isSound)
    #expect(!refuted.lines.contains { $0.contains("by rule") })
    #expect(fresh.allSatisfy { $0.text($0.syncs[0], .refuted) == "not observed to be needed" })
    #expect(fresh.allSatisfy { $0.text($0.syncs[0], .confirmed) == "not needed" })
  }

  /// The counts of the column "stale without" add up to that of the claim, with those of failed accesses.
  @Test(arguments: ["panthor", "panthor,coherent", "panthor,coherent,fault=snooping"])
  func theTableAddsUpToTheClaim(_ text: String) throws {
    let mock = MockKernel([try MockProfile(parsing: text)])
    let isCoherent = text.contains("coherent")
    let device = DRMDevice(
      DeviceDescription(
        path: "/dev/dri/renderD128", driver: "panthor", isCoherent: isCoherent,
        features: .writeBackMapping), kernel: .substitute(mock))
    let found = AccessTrial(on: device, trials: 2).run { _ in }
    let verdict = BringUpVerdict(isCoherent: isCoherent, found.outcomes, [])
    var sum = StaleCount()
    for line in verdict.lines where !line.contains("to keep other") {
      guard let row = line.firstMatch(of: #/^(\w+) +[a-zA-Z ]+? {2,}([0-9]+) of ([0-9]+) /#),
        isCoherent || row.output.1 != "wc"
      else { continue }
      sum += StaleCount(
        try #require(Int(row.output.2)), of: try #require(Int(row.output.3)))
    }
    #expect(sum.trials > 40)
    #expect(verdict.summary.contains(" in \(sum) trials"), "\(verdict.lines)")
  }

  /// The bound of 0 of n is the share at which n fresh trials still have a chance of 5 %.
  @Test func nothingStaleGivesABound() {
    for trials in Array(1...300) + [1000, 100_000, 600_000] {
      let bound = StaleCount(0, of: trials).upperBound
      // (1 - bound)^trials by squaring, without the function that the bound is computed by.
      var (chance, base, power) = (1.0, 1 - bound, trials)
      while power > 0 {
        if power % 2 == 1 { chance *= base }
        base *= base
        power /= 2
      }
      #expect(abs(chance - 0.05) < 1e-9, "\(trials)")
    }
    #expect(StaleCount().upperBound == 1)
    for (trials, text) in [
      (1, "below 95.0 %"), (3, "below 63.2 %"), (10, "below 25.9 %"), (20, "below 14.0 %"),
      (59, "below 5.0 %"), (100, "below 3.0 %"), (100_000, "below 0.1 %"),
    ] {
      #expect(StaleCount(0, of: trials).boundText == text)
    }
    let outcome = AccessOutcome(
      memory: .writeBack, path: .sync, direction: .toDevice, whole: StaleCount(0, of: 100),
      syncs: [.init(name: "BO_SYNC", without: StaleCount(0, of: 100))],
      without: StaleCount(0, of: 100), needsNoSyncByRule: false, maintenance: nil)
    let verdict = BringUpVerdict(isCoherent: false, [outcome], [])
    #expect(
      verdict.summary.contains(
        "not observed. Stale bytes without syncs in 0 of 100 trials (below 3.0 %)"))
    #expect(verdict.lines.contains { $0.hasSuffix("none observed (below 3.0 %)") })
  }

  /// Also with the most trials and the longest names, columns stay apart and lines within their width.
  @Test func theTableHasItsWidthWithAnyCounts() {
    let count = StaleCount(100_000, of: 100_000)
    let outcomes = AccessPath.allCases.map { path in
      AccessOutcome(
        memory: .systemHeap, path: path, direction: .ownWrites, whole: StaleCount(0, of: 100_000),
        syncs: ["userland flush_and_invalidate", "START|WRITE", "END|READ"].map {
          .init(name: $0, without: count)
        }, without: count, needsNoSyncByRule: false, maintenance: nil)
    }
    let lines = BringUpVerdict(isCoherent: false, outcomes, []).lines
    #expect(lines.allSatisfy { $0.count <= 98 })
    #expect(lines.contains { $0.contains(" 600000 of 600000 ") })
    #expect(lines.joined().contains("flush_and_invalidate"))
  }
}
