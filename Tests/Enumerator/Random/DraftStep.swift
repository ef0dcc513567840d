// SPDX-License-Identifier: MIT

internal import Litmus

/// A generated step, with the names of a script.
enum DraftStep {
  struct Access {
    var isWrite: Bool
    var buffer: String
    var range: Range<UInt64>
  }

  struct Sync {
    var buffer: String
    var range: Range<UInt64>
    /// The fields of the method and the operation.
    var how: String
  }

  struct Job {
    var name: String
    var node: String
    var queue: String
    var after: [String]
    var accesses: [Access]
  }

  case create(String, node: String, flags: String)
  case export(String)
  case importing(String, from: String, node: String)
  case map(String)
  case unmap(String)
  case close(String)
  case access(Access)
  case sync([Sync])
  case bracket(isEnd: Bool, String, ScriptAccessType)
  case submit(Job)
  case wait(String)

  /// Whether a script without it is still valid, but can be wrong.
  var isProtocol: Bool {
    switch self {
    case .sync, .bracket, .wait: true
    default: false
    }
  }

  /// Whether it invalidates lines.
  var invalidates: Bool {
    switch self {
    case .sync(let syncs):
      syncs.contains { $0.how.contains("invalidate") || $0.how.contains("cpu") }
    case .bracket(let isEnd, _, let type): !isEnd && type != .write
    default: false
    }
  }

  var isSubmission: Bool {
    if case .submit = self { true } else { false }
  }

  /// The first range that a submitted job writes.
  var writtenByJob: Range<UInt64>? {
    guard case .submit(let job) = self else { return nil }
    return job.accesses.first(where: \.isWrite)?.range
  }

  /// The step as text of a script.
  var text: String {
    switch self {
    case .create(let buffer, let node, let flags):
      "create: {bo: \(buffer), size: 4K, node: \(node)\(flags)}"
    case .export(let buffer): "export: {bo: \(buffer)}"
    case .importing(let buffer, let source, let node):
      "import: {bo: \(buffer), from: \(source), node: \(node)}"
    case .map(let buffer): "map: {bo: \(buffer)}"
    case .unmap(let buffer): "unmap: {bo: \(buffer)}"
    case .close(let buffer): "close: {bo: \(buffer)}"
    case .access(let access): access.text
    case .sync(let syncs):
      syncs.count == 1
        ? "sync: \(syncs[0].text)" : "sync: [\(syncs.map(\.text).joined(separator: ", "))]"
    case .bracket(let isEnd, let buffer, let type):
      "\(isEnd ? "end" : "begin"): {bo: \(buffer), access: \(type.rawValue)}"
    case .submit(let job): "submit: \(job.text)"
    case .wait(let job): "wait: {job: \(job)}"
    }
  }
}

extension DraftStep.Access {
  var text: String {
    "\(isWrite ? "write" : "read"): {bo: \(buffer), \(range.text)}"
  }
}

extension DraftStep.Sync {
  var text: String { "{bo: \(buffer), \(range.text), \(how)}" }
}

extension DraftStep.Job {
  var text: String {
    let waits = after.isEmpty ? "" : ", after: [\(after.joined(separator: ", "))]"
    let accesses = accesses.map { "{\($0.text)}" }.joined(separator: ", ")
    return "{job: \(name), node: \(node), queue: \(queue)\(waits), do: [\(accesses)]}"
  }
}

extension Range<UInt64> {
  fileprivate var text: String { "offset: \(lowerBound), size: \(upperBound - lowerBound)" }
}
