// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import LitmusExplorer
internal import MockDRM
internal import LitmusRunner
internal import Litmus

/// How a driver with one policy answers a question.
public struct PolicyAnswer: Hashable, Sendable, Encodable {
  public let question: String
  public let driver: String
  public let policy: String
  /// `proved`, `refused: EINVAL`, or the names of the findings; and what was maintained where that is asked.
  public let answer: String
  /// How many bytes the script's syncs maintain.
  public let maintainedBytes: UInt64
  /// Whether a run on the mock showed the same.
  public let isConfirmed: Bool

  enum CodingKeys: String, CodingKey {
    case question, driver, policy, answer
    case maintainedBytes = "maintained_bytes"
    case isConfirmed = "confirmed_on_mock"
  }

  /// Explores the question's script, and runs it on the mock to see the same there.
  ///
  /// - Throws: a script that cannot be read, which a test excludes.
  init(
    _ question: PolicyQuestion, driver: String, policy: SyncPolicy
  ) throws(ScriptError) {
    let script = try ScriptReader.read(path: question.title, text: question.text(driver))
    let platform = Platform(
      nodes: script.nodes.enumerated().map { index, node in
        NodeModel(
          driver: node.drivers[0], isCoherent: index == 0 && question.isCoherent,
          policy: node.drivers[0] == "udmabuf" ? .merged : policy)
      })
    let exploration = try Explorer().explore(script, on: platform)
    // The strictest caches: what is proved must pass there too.
    let stage = MockStage(platform, caches: CachePolicy())
    let run = stage?.run(script)
    self.question = question.title
    self.driver = driver
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
    case .undecided: (answer, isConfirmed) = ("undecided", false)
    case .impossible(_, let reason): (answer, isConfirmed) = (reason, false)
    }
    maintainedBytes = exploration.maintainedBytes
  }
}

extension Finding {
  /// What a step was refused with that has no name of its own.
  fileprivate var refusal: Errno? {
    guard name == nil, case .answer(let wrong) = evidence else { return nil }
    return wrong.answer
  }
}

extension [String] {
  /// The elements in their order, each once.
  fileprivate func uniqued() -> [String] {
    var seen: Set<String> = []
    return filter { seen.insert($0).inserted }
  }
}
