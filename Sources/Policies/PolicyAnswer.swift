// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import DRMKernel
internal import LitmusExplorer
internal import MockDRM
internal import LitmusRunner
internal import Litmus

/// The answer of one driver with one policy to a question.
public struct PolicyAnswer: Hashable, Sendable, Encodable {
  public let question: String
  public let driver: String
  public let policy: String
  /// `proved`, `refused: EINVAL`, or the names of the findings.
  public let answer: String
  /// The number of bytes that the script's syncs maintain.
  public let maintainedBytes: UInt64
  /// Whether a run on the mock has the same result.
  public let isConfirmed: Bool

  enum CodingKeys: String, CodingKey {
    case question, driver, policy, answer
    case maintainedBytes = "maintained_bytes"
    case isConfirmed = "confirmed_on_mock"
  }

  /// Explores the question's script, and runs it on the mock to confirm the result.
  ///
  /// - Throws: an error of the script, which a test excludes.
  init(
    _ question: PolicyQuestion, driver: DRMDriver, policy: SyncPolicy
  ) throws(ScriptError) {
    let script = try ScriptReader.read(path: question.title, text: question.text(driver))
    let platform = Platform(
      nodes: script.nodes.enumerated().map { index, node in
        NodeModel(
          driver: node.drivers[0], isCoherent: index == 0 && question.isCoherent,
          policy: node.drivers[0].drm == nil ? .merged : policy)
      })
    var limits = Explorer.Limits()
    limits.adviceVisits = 0
    let exploration = try Explorer(limits).explore(script, on: platform)
    // A proved script must pass under the strictest cache policy too.
    let run = ReplayMachine(platform, caches: CachePolicy())?.run(script)
    self.question = question.title
    self.driver = driver.name
    self.policy = policy.rawValue
    switch exploration.verdict {
    case .proved:
      answer = "proved"
      isConfirmed = run?.verdict == .pass
    case .finding:
      let refusal = exploration.findings.compactMap(\.refusal).first
      let names = exploration.findings.map(\.label)
      answer = refusal.map { "refused: \($0)" } ?? names.uniqued().joined(separator: ", ")
      isConfirmed =
        !exploration.findings.isEmpty
        && exploration.findings.allSatisfy {
          FindingReplay($0, of: script, on: platform)?.isConfirmed == true
        }
    case .undecided, .unexplored: (answer, isConfirmed) = ("undecided", false)
    case .impossible(_, let reason): (answer, isConfirmed) = (reason, false)
    }
    maintainedBytes = exploration.maintainedBytes
  }
}

extension Finding {
  /// The errno of a refused step without a finding name of its own.
  fileprivate var refusal: Errno? {
    guard name == nil, case .result(let wrong) = evidence else { return nil }
    return wrong.errno
  }
}

extension [String] {
  /// Returns the elements in their order, each once.
  fileprivate func uniqued() -> [String] {
    var seen: Set<String> = []
    return filter { seen.insert($0).inserted }
  }
}
