// SPDX-License-Identifier: MIT

import DRMDrivers
import Litmus
import LitmusExplorer
import Testing

/// Claims, later writes and empty syncs, as the explorer treats them.
@Suite struct ScriptFeatureTests {
  private func explore(
    _ text: String, _ driver: DRMDriver, isCoherent: Bool = false
  ) throws -> Exploration {
    let script = try ScriptReader.read(path: "a.yaml", text: text)
    return try Explorer().explore(
      script, on: Platform(nodes: [NodeModel(driver: driver, isCoherent: isCoherent)]))
  }

  /// The driver of a device that is said to be coherent and is not makes every sync do nothing.
  @Test(arguments: DRMDriver.mali, [true, false])
  func aClaimOfCoherencyIsBelieved(_ driver: DRMDriver, _ isCoherent: Bool) throws {
    func verdict(_ claim: String) throws -> Exploration.Verdict {
      try explore(
        """
        version: 1
        nodes: {gpu: {drivers: [panthor, panfrost], claims: \(claim)}}
        steps:
        - create: {bo: a, size: 4K, flags: [wb_mmap]}
        - write: {bo: a, size: 64}
        - sync: {bo: a, size: 64, op: flush}
        - submit: {job: j, do: [{read: {bo: a, size: 64}}, {write: {bo: a, offset: 64, size: 64}}]}
        - wait: {job: j}
        - sync: {bo: a, offset: 64, size: 64, op: flush_and_invalidate}
        - read: {bo: a, offset: 64, size: 64}
        """, driver, isCoherent: isCoherent
      ).verdict
    }
    #expect(try verdict("coherent") == (isCoherent ? .proved : .finding))
    #expect(try verdict("non_coherent") == .proved)
  }

  /// Where maintenance steps by 64 bytes and a core shares 128, a proof is for blocks of 128 bytes.
  @Test(arguments: [(64, Exploration.Verdict.proved), (128, .finding)])
  func aProofIsForTheLargestSharingGranule(
    _ granule: Int, _ verdict: Exploration.Verdict
  ) throws {
    let script = try ScriptReader.read(
      path: "a.yaml",
      text: """
        version: 1
        steps:
        - create: {bo: a, size: 4K, flags: [wb_mmap]}
        - sync: {bo: a, op: flush}
        - write: {bo: a, size: 64}
        - submit: {job: j, do: [{write: {bo: a, offset: 64, size: 64, as: result}}]}
        - wait: {job: j}
        - sync: {bo: a, size: 64, op: flush}
        - sync: {bo: a, offset: 64, size: 64, op: flush_and_invalidate}
        - read: {bo: a, offset: 64, size: 64, sees: result}
        """)
    let device = DeviceDescription(
      label: "board", driver: "panthor", isCoherent: false,
      features: DRMDriver.panthor.facts.features(ofMinor: 9), lineSize: granule,
      maintenanceStep: 64)
    let choices = PlatformChoice(devices: [device], others: [:]).choices(for: script)
    guard case .platform("board", let platform)? = choices.first else {
      Issue.record("\(choices)")
      return
    }
    #expect(try Explorer().explore(script, on: platform).verdict == verdict)
  }

  /// A job's read that names a write of a later step, which nothing orders after the job, is a finding.
  @Test(arguments: DRMDriver.mali)
  func aReadThatNamesALaterWriteIsARace(_ driver: DRMDriver) throws {
    let start = "version: 1\nsteps:\n- create: {bo: a, size: 4K, flags: [wb_mmap]}\n"
    let submit = "- submit: {job: j, do: [{read: {bo: a, size: 64, sees: late}}]}\n"
    let write = "- write: {bo: a, size: 64, as: late}\n"
    let wait = "- wait: {job: j}\n"
    #expect(try explore(start + submit + write + wait, driver).verdict == .finding)
    // Behind the wait it cannot be seen at all.
    #expect(throws: ScriptError.self) { try explore(start + submit + wait + write, driver) }
    #expect(throws: ScriptError.self) {
      try explore(start + "- read: {bo: a, size: 64, sees: late}\n" + write, driver)
    }
  }

  /// A sync of size 0 succeeds up to the end of the BO, and maintains nothing.
  @Test(arguments: DRMDriver.mali)
  func anEmptySyncMaintainsNothing(_ driver: DRMDriver) throws {
    func script(_ sync: String) -> String {
      """
      version: 1
      steps:
      - create: {bo: a, size: 4K, flags: [wb_mmap]}
      - write: {bo: a, size: 64}
      - sync: \(sync)
      - submit: {job: j, do: [{read: {bo: a, size: 64}}]}
      - wait: {job: j}
      """
    }
    for sync in [
      "{bo: a, size: 0, op: flush}", "{bo: a, offset: 4K, size: 0, op: flush_and_invalidate}",
      "{bo: a, size: 0, for: device, access: read}",
      "{bo: a, size: 0, op: flush, method: userland}",
    ] {
      let exploration = try explore(script(sync), driver)
      #expect(exploration.verdict == .finding && exploration.maintainedBytes == 0, "\(sync)")
      #expect(exploration.findings.allSatisfy { $0.name != nil })
    }
    // Past the end it is refused, also where the client has nothing to maintain.
    for sync in ["op: flush", "for: cpu, access: write", "for: cpu, access: read"] {
      let text = script("{bo: a, offset: 4097, size: 0, \(sync)}\n  errno: EINVAL")
      #expect(try explore(text, driver).findings.allSatisfy { $0.name != nil }, "\(sync)")
    }
  }

  /// A script whose queue waits for memory is undecided, never proved.
  @Test func aWaitForMemoryIsNotExplored() throws {
    let exploration = try explore(
      """
      version: 1
      steps:
      - create: {bo: s, size: 4K}
      - submit: {job: w, do: [{sync_wait: {bo: s, value: 1}}, {read: {bo: s, size: 4}}]}
      """, .panthor)
    guard case .unexplored(let reason) = exploration.verdict else {
      Issue.record("\(exploration.verdict)")
      return
    }
    #expect(reason.hasPrefix("a.yaml:4:37: a queue that waits for memory is not explored"))
    #expect(exploration.reads == 1)
    // A number that is only set is a write.
    let set = """
      version: 1
      steps:
      - create: {bo: s, size: 4K, flags: [wb_mmap]}
      - submit: {job: w, do: [{sync_set: {bo: s, value: 1, as: n}}]}
      - wait: {job: w}
      - sync: {bo: s, op: flush_and_invalidate}
      - read: {bo: s, size: 8, sees: n}
      """
    #expect(try explore(set, .panthor).verdict == .proved)
  }
}
