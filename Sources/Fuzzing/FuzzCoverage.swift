// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import CallTrace

/// How often each call gave each result, and how much was alive meanwhile.
public struct FuzzCoverage: Sendable {
  /// A call with one of its results.
  public struct Cell: Hashable, Sendable {
    public let call: String
    /// `0`, or an errno's name.
    public let result: String
  }

  public private(set) var cells: [Cell: Int] = [:]
  public private(set) var calls = 0
  public private(set) var successes = 0
  /// Calls made while at least two files and eight handles were alive.
  public private(set) var busyCalls = 0

  /// Creates an empty table.
  public init() {}

  mutating func count(_ call: Call, _ answer: Answer, _ model: FuzzModel) {
    calls += 1
    if !answer.isFailure { successes += 1 }
    if model.files.count >= 2, model.liveHandles >= 8 { busyCalls += 1 }
    let result = Errno(answer: answer.result).map(String.init(describing:)) ?? "0"
    cells[Cell(call: call.kindName, result: result), default: 0] += 1
  }

  /// Adds what another run counted.
  public mutating func add(_ other: FuzzCoverage) {
    cells.merge(other.cells, uniquingKeysWith: +)
    calls += other.calls
    successes += other.successes
    busyCalls += other.busyCalls
  }

  /// One line a call, its results by name, successes first.
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

  /// How many calls gave each errno.
  public var errnos: [String: Int] {
    cells.reduce(into: [:]) { $0[$1.key.result, default: 0] += $1.value }
  }
}

extension Call {
  /// The ioctl's name, or the system call's.
  var kindName: String {
    switch self {
    case .open: "open"
    case .close: "close"
    case .ioctl(let call): call.name
    case .mmap: "mmap"
    case .munmap: "munmap"
    case .lseek: "lseek"
    case .poll: "poll"
    case .duplicate: "dup"
    case .store: "store"
    case .load: "load"
    }
  }
}
