// SPDX-License-Identifier: MIT

internal import DRMKernel

/// A script while it is read: what its steps have named so far.
struct ScriptAssembly {
  /// What is known of a buffer at this point of the script.
  struct BufferState {
    /// False where its creation is expected to fail.
    var exists = true
    var isMapped = false
    var hasDMABuf = false
    var closed: SourcePosition?
    /// Jobs that use it, waited for or not.
    var jobs: [Int] = []
  }

  let path: String
  var about = ""
  var nodes: [ScriptNode] = []
  var buffers: [ScriptBuffer] = []
  var queues: [String] = []
  var jobs: [ScriptJob] = []
  var writes: [ScriptWrite] = []
  var steps: [ScriptStep] = []

  var states: [BufferState] = []
  var buffersByName: [String: Int] = [:]
  var queuesByName: [String: Int] = [:]
  var jobsByName: [String: Int] = [:]
  var writesByName: [String: Int] = [:]
  var lastJobOfQueue: [Int: Int] = [:]
  /// Jobs that a wait has covered.
  var doneJobs: Set<Int> = []

  /// All of the script's steps, also those that are still to be read.
  let stepSources: [SourceNode]

  init(path: String, stepSources: [SourceNode]) {
    self.path = path
    self.stepSources = stepSources
  }

  var script: Script {
    Script(
      path: path, about: about, nodes: nodes, buffers: buffers, queues: queues, jobs: jobs,
      writes: writes, steps: steps)
  }

  /// What may stand as a name: it appears in one-line messages and ids.
  func name(_ source: SourceNode, _ what: String) throws(ScriptError) -> String {
    let text = try source.string(what)
    guard text.count <= 64,
      text.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) })
    else { throw source.error("\(what) has at most 64 letters, digits, '.', '_' and '-'") }
    return text
  }

  mutating func readNodes(_ source: SourceNode?) throws(ScriptError) {
    guard let source else {
      nodes = [ScriptNode(name: "gpu", drivers: ["panthor", "panfrost"])]
      return
    }
    for (key, value) in try source.pairs("a mapping from names to lists of drivers") {
      var drivers: [String] = []
      for item in try value.items("a list of drivers") {
        let driver = try item.string("a driver")
        guard ScriptNode.knownDrivers.contains(driver) else {
          throw item.error(
            "no driver is called '\(driver)'; known: \(ScriptNode.knownDrivers.joined(separator: ", "))"
          )
        }
        drivers.append(driver)
      }
      guard !drivers.isEmpty else { throw value.error("a node needs a driver") }
      nodes.append(ScriptNode(name: try name(key, "the name of a node"), drivers: drivers))
    }
    guard let first = nodes.first else { throw source.error("a script needs a node") }
    guard first.hasGPU else {
      throw source.error("the first node is the device asked for, and \(first.drivers[0]) is none")
    }
  }

  /// Answers the node that a field names; the first without one.
  func node(_ source: SourceNode?) throws(ScriptError) -> Int {
    guard let source else { return 0 }
    let name = try source.string("the name of a node")
    guard let index = nodes.firstIndex(where: { $0.name == name }) else {
      throw source.error(
        "no node is called '\(name)'; known: \(nodes.map(\.name).joined(separator: ", "))")
    }
    return index
  }

  /// Answers the BO that a field names, which must exist.
  func buffer(_ source: SourceNode) throws(ScriptError) -> Int {
    let name = try source.string("the name of a BO")
    guard let index = buffersByName[name] else {
      throw source.error("no BO is called '\(name)' up to here")
    }
    guard states[index].exists else {
      throw source.error("'\(name)' is not there: its creation is expected to fail")
    }
    return index
  }

  /// Answers the BO that a field names, whose handle must be open.
  func openBuffer(_ source: SourceNode) throws(ScriptError) -> Int {
    let index = try buffer(source)
    if let closed = states[index].closed {
      throw source.error("'\(buffers[index].name)' was closed in line \(closed.line)")
    }
    return index
  }

  /// Reads a range; past the end of its BO only where a refusal is expected.
  func range(
    _ fields: Fields, of buffer: Int, mayExceed: Bool = false
  ) throws(ScriptError) -> Range<UInt64> {
    let size = buffers[buffer].size
    let offset = try fields["offset"]?.bytes() ?? 0
    let source = fields["size"] ?? fields["offset"] ?? fields.source
    let length = try fields["size"]?.bytes() ?? (offset < size ? size - offset : 0)
    let (end, overflow) = offset.addingReportingOverflow(length)
    guard !overflow else { throw source.error("the range ends past 2^64") }
    guard end <= size || mayExceed else {
      throw source.error(
        "the range \(offset)..<\(end) ends past '\(buffers[buffer].name)', which has \(size) bytes")
    }
    guard length > 0 || mayExceed else { throw source.error("the range is empty") }
    return offset..<end
  }

  /// Gives the next write its number.
  mutating func addWrite(
    _ source: SourceNode?, at position: SourcePosition
  ) throws(ScriptError) -> Int {
    var name = "line \(position.line)"
    if let source {
      name = try self.name(source, "the name of a write")
      guard writesByName[name] == nil, name != "zeroes" else {
        throw source.error("a write is called '\(name)' already")
      }
      writesByName[name] = writes.count
    }
    writes.append(ScriptWrite(name: name))
    return writes.count - 1
  }

  /// Answers the number of the write a read must see.
  func seen(_ source: SourceNode?) throws(ScriptError) -> Int? {
    guard let source else { return nil }
    let name = try source.string("the name of a write")
    if name == "zeroes" { return ScriptAccess.zeroes }
    guard let number = writesByName[name] else {
      throw source.error("no write is called '\(name)' up to here")
    }
    return number
  }
}
