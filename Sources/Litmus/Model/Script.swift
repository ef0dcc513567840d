// SPDX-License-Identifier: MIT

public import DRMDrivers

/// A script with every name resolved: accesses of a CPU and of devices, and what each read must see.
///
/// Nodes, buffers, jobs and writes are numbered from 0 in the order of their first mention. The reader has
/// checked that all numbers and ranges are in bounds.
public struct Script: Sendable {
  /// The file it was read from.
  public let path: String
  /// What it shows, in one line.
  public let about: String
  /// The nodes it needs; the first one is the device under test.
  public let nodes: [ScriptNode]
  public let buffers: [ScriptBuffer]
  /// The names of the hardware queues that jobs are submitted to.
  public let queues: [String]
  public let jobs: [ScriptJob]
  /// Every write of the CPU and of jobs.
  public let writes: [ScriptWrite]
  /// The CPU's steps, in program order.
  public let steps: [ScriptStep]

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

/// A BO of a script, in one node.
public struct ScriptBuffer: Sendable {
  /// Where the node has the BO from.
  public enum Origin: Hashable, Sendable {
    /// It was created there, with these flags.
    case created(Set<DriverFacts.CreationFlag>)
    /// It was imported from the dma-buf of this other buffer.
    case imported(from: Int)
  }

  public let name: String
  public let node: Int
  public let origin: Origin
  /// The requested size in bytes; for an import, the size of the buffer it was imported from.
  public let size: UInt64
  public let position: SourcePosition
}

extension Script {
  /// The script's name in results: its file without `.yaml`, in the characters of a check's id.
  public var id: String { Self.id(ofPath: path) }

  /// The name in results of the script in a file.
  package static func id(ofPath path: String) -> String {
    var name = path.split(separator: "/").last.map(String.init) ?? path
    if name.hasSuffix(".yaml") { name.removeLast(5) }
    let known = "abcdefghijklmnopqrstuvwxyz0123456789._"
    return String(name.lowercased().map { known.contains($0) ? $0 : "_" })
  }
}
