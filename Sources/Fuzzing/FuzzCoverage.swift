// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import CallTrace

/// How often each call had each result, and how many resources were alive.
public struct FuzzCoverage: Sendable {
  /// A call with one of its results.
  private struct Cell: Hashable, Sendable {
    let call: String
    /// `0`, or an errno's name.
    let result: String
  }

  private var cells: [Cell: Int] = [:]
  public private(set) var calls = 0
  public private(set) var successes = 0
  /// Calls made while at least two files and eight handles were alive.
  public private(set) var busyCalls = 0

  /// Creates an empty coverage.
  public init() {}

  mutating func count(_ call: Call, _ outcome: CallOutcome, _ model: FuzzModel) {
    calls += 1
    if !outcome.isFailure { successes += 1 }
    if model.files.count >= 2, model.liveHandles >= 8 { busyCalls += 1 }
    let result = Errno(answer: outcome.result).map(String.init(describing:)) ?? "0"
    cells[Cell(call: call.name, result: result), default: 0] += 1
  }

  /// Adds the counts of another run.
  public mutating func add(_ other: FuzzCoverage) {
    cells.merge(other.cells, uniquingKeysWith: +)
    calls += other.calls
    successes += other.successes
    busyCalls += other.busyCalls
  }

  /// Returns one line for each call, with its results by name, successes first.
  public func table() -> String {
    let names = Set(cells.keys.map(\.call)).sorted()
    let width = names.map(\.count).max() ?? 0
    return names.map { name in
      let results = cells.filter { $0.key.call == name }
        .sorted {
          ($0.key.result != "0" ? 1 : 0, $0.key.result) < (
            $1.key.result != "0" ? 1 : 0, $1.key.result
          )
        }
        .map { "\($0.key.result) \($0.value)" }
      let padding = String(repeating: " ", count: width - name.count)
      return "  \(name)\(padding)  \(results.joined(separator: "  "))\n"
    }.joined()
  }

  /// The number of calls with each result.
  public var results: [String: Int] {
    cells.reduce(into: [:]) { $0[$1.key.result, default: 0] += $1.value }
  }
}
