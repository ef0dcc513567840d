// SPDX-License-Identifier: MIT

import DRMDrivers
import LitmusRunner
import Testing

/// Jobs of scripts that are submitted to a mock's drivers.
@Suite struct SubmittedJobTests {
  /// A job that uses a BO more than once, also through an import of its own, names it once in SUBMIT.
  @Test(arguments: DRMDriver.mali)
  func aJobCanUseABufferTwice(_ driver: DRMDriver) throws {
    let result = try ScriptBench([driver], jobs: .submitted).run(
      """
      version: 1
      about: a job reads and writes one BO, by two handles of it
      steps:
      - create: {bo: a, size: 4K, flags: [wb_mmap]}
      - export: {bo: a}
      - import: {bo: b, from: a}
      - write: {bo: a, size: 64}
      - sync: {bo: a, op: flush}
      - submit: {job: j, do: [{read: {bo: a, size: 64}}, {write: {bo: b, offset: 64, size: 4}}]}
      - wait: {job: j}
      - sync: {bo: a, op: flush_and_invalidate}
      - read: {bo: a, offset: 64, size: 4}
      """)
    #expect(result.verdict == .pass, "\(result.reason ?? "")")
    #expect(result.skippedSteps == 0)
  }

  /// A job that panfrost cannot run is skipped with a reason, and its reads are not judged.
  @Test(arguments: [
    ("offset: 4, size: 4, as: w2", "this one is only partly written"),
    ("offset: 64, size: 4, as: w2", nil),
  ])
  func partlyWrittenDescriptorIsNotRun(_ write: String, _ reason: String?) throws {
    let result = try ScriptBench([.panfrost], jobs: .submitted).run(
      """
      version: 1
      about: a line that a job reads
      steps:
      - create: {bo: a, size: 4K}
      - write: {bo: a, offset: 0, size: 64, as: w1}
      - write: {bo: a, \(write)}
      - submit: {job: j, do: [{read: {bo: a, offset: 0, size: 64}}]}
      - wait: {job: j}
      """)
    #expect(result.verdict == .pass)
    #expect(result.skippedSteps == (reason == nil ? 0 : 2))
    if let reason { #expect(result.reason?.hasSuffix(reason) == true) }
  }
}
