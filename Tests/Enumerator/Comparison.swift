// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import LitmusExplorer
internal import MockDRM
internal import Litmus

/// The comparison of the explorer's result on a script with a search's.
struct Comparison {
  /// The difference; nil where they agree.
  let disagreement: String?
  /// The names of the explorer's findings.
  let labels: Set<String>

  init(_ script: Script, _ platform: MockPlatform, _ verdict: Verdict) {
    do throws(ScriptError) {
      let exploration = try Explorer().explore(script, on: Self.platform(platform))
      labels = Set(exploration.findings.map(\.label))
      disagreement = Self.difference(script, exploration, verdict)
    } catch {
      labels = []
      disagreement = "the explorer rejects the script: \(error)"
    }
  }

  /// Returns the explorer's platform for a mock's.
  static func platform(_ mock: MockPlatform) -> Platform {
    let policy = SyncPolicy(rawValue: mock.policy.rawValue) ?? .merged
    return Platform(
      nodes: zip(mock.drivers, mock.coherency).map { driver, isCoherent in
        NodeModel(driver: driver, isCoherent: isCoherent, policy: policy)
      })
  }

  private static func difference(
    _ script: Script, _ exploration: Exploration, _ verdict: Verdict
  ) -> String? {
    var reads: Set<ReadID> = []
    for read in exploration.badReads {
      switch read {
      case .cpu(let step): reads.insert(ReadID(step: step, access: nil))
      case .device(let job, let access):
        if let step = script.submission(of: job) {
          reads.insert(ReadID(step: step, access: access))
        }
      }
    }
    var results: [Int: CInt] = [:]
    for finding in exploration.findings {
      if case .result(let wrong) = finding.evidence {
        results[wrong.step] = wrong.errno?.answer ?? 0
      }
    }
    let isDecided =
      switch exploration.verdict {
      case .proved, .finding: true
      case .undecided, .unexplored, .impossible: false
      }
    guard
      !isDecided || reads != verdict.badReads
        || Set(results.keys) != Set(verdict.refusals.keys)
        || results.contains(where: { $0.value < 0 && verdict.refusals[$0.key] != $0.value })
    else { return nil }
    let other = Verdict(badReads: reads, refusals: results).summary
    return "the explorer's verdict is \(exploration.verdict): \(other)"
  }
}

extension Script {
  /// Whether it has syncs in the form of the series as proposed.
  var isProposed: Bool {
    steps.contains { step in
      guard case .sync(let syncs) = step.action else { return false }
      return syncs.contains { sync in
        if case .proposed = sync.operation { true } else { false }
      }
    }
  }

  /// The step that submits a job.
  fileprivate func submission(of job: Int) -> Int? {
    steps.firstIndex { step in
      if case .submit(job) = step.action { true } else { false }
    }
  }
}
