// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import LitmusExplorer

/// The answer of each policy to each question, by exploration and by a run on the mock.
public struct PolicyTable: Sendable {
  /// The answers, sorted by question, then driver, then policy.
  public let answers: [PolicyAnswer]

  /// The number of answers to all questions.
  public static var count: Int {
    PolicyQuestion.all.reduce(0) { $0 + $1.drivers.count } * SyncPolicy.allCases.count
  }

  /// Computes all answers.
  ///
  /// - Parameter isInterrupted: called before each answer; once true, the remaining ones are left out.
  /// - Throws: an error of a script, which a test excludes.
  public init(isInterrupted: () -> Bool = { false }) throws {
    var answers: [PolicyAnswer] = []
    for question in PolicyQuestion.all {
      for driver in question.drivers {
        for policy in SyncPolicy.allCases where !isInterrupted() {
          answers.append(try PolicyAnswer(question, driver: driver, policy: policy))
        }
      }
    }
    self.answers = answers
  }

  /// Whether every run on the mock confirmed the exploration.
  public var isConfirmed: Bool { answers.allSatisfy(\.isConfirmed) }

  /// Returns the table in Markdown; drivers with the same answers share a row.
  public func markdown() -> String {
    let policies = SyncPolicy.allCases.map(\.rawValue)
    var lines = [
      "| question | driver | " + policies.map { "`\($0)`" }.joined(separator: " | ") + " |",
      "|---|---|" + policies.map { _ in "---|" }.joined(),
    ]
    for question in PolicyQuestion.all {
      let rows = question.drivers.map { driver in
        (
          driver.name,
          answers.filter { $0.question == question.title && $0.driver == driver.name }.map(\.cell)
        )
      }
      let isCommon = rows.allSatisfy { $0.1 == rows[0].1 }
      let shown = isCommon ? [(rows.map(\.0).joined(separator: ", "), rows[0].1)] : rows
      for (drivers, cells) in shown {
        lines.append("| \(question.title) | \(drivers) | \(cells.joined(separator: " | ")) |")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension PolicyAnswer {
  /// The answer, with the number of maintained bytes.
  fileprivate var cell: String {
    guard answer == "proved" else { return answer }
    return "proved, \(Self.text(maintainedBytes)) maintained"
  }

  private static func text(_ bytes: UInt64) -> String {
    if bytes >= 1 << 20, bytes % (1 << 20) == 0 { return "\(bytes >> 20) MiB" }
    if bytes >= 1 << 10, bytes % (1 << 10) == 0 { return "\(bytes >> 10) KiB" }
    return "\(bytes) B"
  }
}
