// SPDX-License-Identifier: MIT

internal import LitmusExplorer

/// How each policy answers each question, by run and by exploration.
public struct PolicyTable: Sendable {
  /// By question, then driver, then policy.
  public let answers: [PolicyAnswer]

  /// Finds all answers.
  ///
  /// - Throws: a script that cannot be read, which a test excludes.
  public init() throws {
    var answers: [PolicyAnswer] = []
    for question in PolicyQuestion.all {
      for driver in question.drivers {
        for policy in SyncPolicy.allCases {
          answers.append(try PolicyAnswer(question, driver: driver, policy: policy))
        }
      }
    }
    self.answers = answers
  }

  /// Whether every run on the mock showed what was explored.
  public var isConfirmed: Bool { answers.allSatisfy(\.isConfirmed) }

  /// The table in Markdown; drivers that answer alike share a row.
  public func markdown() -> String {
    let policies = SyncPolicy.allCases.map(\.rawValue)
    var lines = [
      "| question | driver | " + policies.map { "`\($0)`" }.joined(separator: " | ") + " |",
      "|---|---|" + policies.map { _ in "---|" }.joined(),
    ]
    for question in PolicyQuestion.all {
      let rows = question.drivers.map { driver in
        (
          driver,
          answers.filter { $0.question == question.title && $0.driver == driver }.map(\.cell)
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
  /// The answer, and how much was maintained for it.
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
