// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import DRMKernel

/// Writes scripts as YAML that ``ScriptReader`` reads.
public struct ScriptWriter {
  private let script: Script
  // The jobs before which another one was submitted to the same queue: that one is the last of their `after`.
  private let followsOnQueue: [Bool]

  /// Creates a writer of a script and its steps.
  public init(_ script: Script) {
    self.script = script
    var used: Set<Int> = []
    followsOnQueue = script.jobs.map { !used.insert($0.queue).inserted }
  }

  /// The whole script; comments of the file that it was read from are not part of it.
  public var text: String {
    var lines = ["version: 1"]
    if !script.about.isEmpty { lines.append("about: \(Self.quoted(script.about))") }
    lines.append("nodes:")
    for node in script.nodes { lines.append("  \(node.name): \(text(of: node))") }
    lines.append("steps:")
    for step in script.steps { lines.append("- \(text(of: step))") }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Returns a step in one line, such as `wait: {job: j}`.
  public func text(of step: ScriptStep) -> String {
    let action = text(of: step.action)
    return step.errno.map { "{\(action), errno: \($0)}" } ?? action
  }

  /// Returns a step's action in one line.
  public func text(of action: ScriptStep.Action) -> String {
    switch action {
    case .create(let buffer): "create: {\(creation(buffer))}"
    case .map(let buffer, let isThroughDMABuf):
      "map: {bo: \(name(buffer))\(isThroughDMABuf && hasHandle(buffer) ? ", through: dma_buf" : "")}"
    case .unmap(let buffer): "unmap: {bo: \(name(buffer))}"
    case .close(let buffer): "close: {bo: \(name(buffer))}"
    case .access(let access): text(of: access)
    case .sync(let syncs) where syncs.count == 1: "sync: \(text(of: syncs[0]))"
    case .sync(let syncs): "sync: [\(syncs.map(text(of:)).joined(separator: ", "))]"
    case .beginAccess(let buffer, let type):
      "begin: {bo: \(name(buffer)), access: \(type.rawValue)}"
    case .endAccess(let buffer, let type): "end: {bo: \(name(buffer)), access: \(type.rawValue)}"
    case .export(let buffer): "export: {bo: \(name(buffer))}"
    case .importBuffer(let buffer): "import: {\(importing(buffer))}"
    case .submit(let job): "submit: {\(submission(job))}"
    case .wait(let job): "wait: {job: \(script.jobs[job].name)}"
    }
  }

  private func text(of node: ScriptNode) -> String {
    let drivers = "[\(node.drivers.map(\.name).joined(separator: ", "))]"
    return node.claim.map { "{drivers: \(drivers), claims: \($0.rawValue)}" } ?? drivers
  }

  private func creation(_ buffer: Int) -> String {
    var fields = "bo: \(name(buffer)), size: \(Self.bytes(script.buffers[buffer].size))"
    if case .created(let flags) = script.buffers[buffer].origin, !flags.isEmpty {
      fields += ", flags: [\(flags.map(\.rawValue).sorted().joined(separator: ", "))]"
    }
    return fields + node(script.buffers[buffer].node)
  }

  private func importing(_ buffer: Int) -> String {
    var fields = "bo: \(name(buffer))"
    if case .imported(let source) = script.buffers[buffer].origin {
      fields += ", from: \(name(source))"
    }
    return fields + node(script.buffers[buffer].node)
  }

  private func submission(_ job: Int) -> String {
    let described = script.jobs[job]
    var fields = "job: \(described.name)" + node(described.node)
    // The name of a queue follows that of its node.
    let prefix = script.nodes[described.node].name.count + 1
    let queue = script.queues[described.queue].dropFirst(prefix)
    if queue != "queue" { fields += ", queue: \(queue)" }
    let after = described.after.dropLast(followsOnQueue[job] ? 1 : 0).map { script.jobs[$0].name }
    if !after.isEmpty { fields += ", after: [\(after.joined(separator: ", "))]" }
    let accesses = described.accesses.map { "{\(text(of: $0))}" }
    return fields + ", do: [\(accesses.joined(separator: ", "))]"
  }

  private func text(of access: ScriptAccess) -> String {
    let place = "bo: \(name(access.buffer))\(range(access.range, of: access.buffer))"
    switch access.kind {
    case .write(let number):
      let write = script.writes[number]
      let name = write.name.contains(" ") ? "" : ", as: \(write.name)"
      guard let value = write.value else { return "write: {\(place)\(name)}" }
      return "sync_set: {\(numberPlace(access)), value: \(value)\(name)}"
    case .syncWait(let value): return "sync_wait: {\(numberPlace(access)), value: \(value)}"
    case .read(sees: nil): return "read: {\(place)}"
    case .read(sees: ScriptAccess.zeroes?): return "read: {\(place), sees: zeroes}"
    case .read(sees: let number?):
      return "read: {\(place), sees: \(script.writes[number].name)}"
    }
  }

  /// The place of a number in memory.
  private func numberPlace(_ access: ScriptAccess) -> String {
    "bo: \(name(access.buffer)), offset: \(Self.bytes(access.range.lowerBound))"
  }

  private func text(of sync: ScriptSync) -> String {
    var fields = "bo: \(name(sync.buffer))\(range(sync.range, of: sync.buffer))"
    switch sync.operation {
    case .flush: fields += ", op: flush"
    case .flushAndInvalidate: fields += ", op: flush_and_invalidate"
    case .proposed(let accessor, let type):
      fields += ", for: \(accessor.rawValue), access: \(type.rawValue)"
    }
    return "{\(fields)\(sync.method == .ioctl ? "" : ", method: \(sync.method.rawValue)")}"
  }

  private func range(_ range: Range<UInt64>, of buffer: Int) -> String {
    if range == 0..<script.buffers[buffer].size { return "" }
    let offset = range.lowerBound == 0 ? "" : ", offset: \(Self.bytes(range.lowerBound))"
    return offset + ", size: \(Self.bytes(range.upperBound - range.lowerBound))"
  }

  private func node(_ node: Int) -> String {
    node == 0 ? "" : ", node: \(script.nodes[node].name)"
  }

  private func name(_ buffer: Int) -> String { script.buffers[buffer].name }

  private func hasHandle(_ buffer: Int) -> Bool {
    script.nodes[script.buffers[buffer].node].hasHandles
  }

  /// Returns a number of bytes with the largest unit that divides it.
  static func bytes(_ number: UInt64) -> String {
    for (shift, unit) in [(30, "G"), (20, "M"), (10, "K")] as [(UInt64, String)]
    where number > 0 && number % (1 << shift) == 0 {
      return "\(number >> shift)\(unit)"
    }
    return "\(number)"
  }

  /// Returns text as a scalar in double quotes.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case _
      where scalar.value < 0x20 || 0x7f..<0xa0 ~= scalar.value
        || [0x2028, 0x2029, 0xfeff].contains(scalar.value):
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

extension Script {
  /// Returns the script with other steps; what the steps refer to stays the same.
  public func replacing(steps: [ScriptStep]) -> Script {
    Script(
      path: path, about: about, nodes: nodes, buffers: buffers, queues: queues, jobs: jobs,
      writes: writes, steps: steps)
  }
}
