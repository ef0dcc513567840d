// SPDX-License-Identifier: MIT

/// A script with every name resolved: what a CPU and some devices do to some BOs, and what each read must see.
///
/// Nodes, buffers, jobs and writes are numbered from 0 in the order of their first mention.
public struct Script: Sendable {
  /// The file it was read from.
  public let path: String
  /// What it shows, in one line.
  public let about: String
  /// The nodes it needs; the first is the device that is asked for.
  public let nodes: [ScriptNode]
  public let buffers: [ScriptBuffer]
  /// The names of the hardware queues that jobs are submitted to.
  public let queues: [String]
  public let jobs: [ScriptJob]
  /// Every write, the CPU's and the jobs'.
  public let writes: [ScriptWrite]
  /// What the CPU does, in this order.
  public let steps: [ScriptStep]

  /// Creates a script; whoever does has checked that all numbers and ranges are in bounds.
  public init(
    path: String, about: String, nodes: [ScriptNode], buffers: [ScriptBuffer], queues: [String],
    jobs: [ScriptJob], writes: [ScriptWrite], steps: [ScriptStep]
  ) {
    self.path = path
    self.about = about
    self.nodes = nodes
    self.buffers = buffers
    self.queues = queues
    self.jobs = jobs
    self.writes = writes
    self.steps = steps
  }

  /// The memory behind a buffer, as the number of the buffer it was created with: imports share it.
  public func memory(of buffer: Int) -> Int {
    var buffer = buffer
    while case .imported(let source) = buffers[buffer].origin { buffer = source }
    return buffer
  }

  /// Whether a buffer was imported from a node of another device, so that its driver did not allocate it.
  public func isForeign(_ buffer: Int) -> Bool {
    buffers[memory(of: buffer)].node != buffers[buffer].node
  }
}

extension Script {
  /// The script's name in results: its file without `.yaml`, in the characters of a check's id.
  public var id: String {
    var name = path.split(separator: "/").last.map(String.init) ?? path
    if name.hasSuffix(".yaml") { name.removeLast(5) }
    let known = "abcdefghijklmnopqrstuvwxyz0123456789._"
    return String(name.lowercased().map { known.contains($0) ? $0 : "_" })
  }
}
