// SPDX-License-Identifier: MIT

internal import DRMDrivers

/// A script while it is read: what its steps have named so far.
struct ScriptAssembly {
  /// The state of a buffer at this point of the script.
  struct BufferState {
    /// False where its creation is expected to fail.
    var exists = true
    var isMapped = false
    var hasDMABuf = false
    var closed: SourcePosition?
    /// All jobs that use it, pending and completed.
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
  /// All named writes of the script, including those of steps not read yet.
  let allWrites: NamedWrites
  var lastJobOfQueue: [Int: Int] = [:]
  /// Jobs that the CPU has waited for.
  var doneJobs: Set<Int> = []

  /// All steps of the script, including those not read yet.
  let stepSources: [SourceNode]

  init(path: String, stepSources: [SourceNode]) {
    self.path = path
    self.stepSources = stepSources
    allWrites = NamedWrites(stepSources)
  }

  var script: Script {
    Script(
      path: path, about: about, nodes: nodes, buffers: buffers, queues: queues, jobs: jobs,
      writes: writes, steps: steps)
  }

  /// Reads a name, whose characters are limited because it appears in one-line messages and ids.
  func name(_ source: SourceNode, _ what: String) throws(ScriptError) -> String {
    let text = try source.string(what)
    guard text.count <= 64,
      text.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) })
    else { throw source.error("\(what) has at most 64 letters, digits, '.', '_' and '-'") }
    return text
  }

  mutating func readNodes(_ source: SourceNode?) throws(ScriptError) {
    guard let source else {
      nodes = [
        ScriptNode(name: "gpu", drivers: DRMDriver.mali.map(ScriptDriver.drm), claim: nil)
      ]
      return
    }
    for (key, value) in try source.pairs("a mapping from names to lists of drivers") {
      let name = try name(key, "the name of a node")
      guard !value.isList else {
        nodes.append(ScriptNode(name: name, drivers: try drivers(value), claim: nil))
        continue
      }
      let fields = try Fields(value, of: "a node", known: ["drivers", "claims"])
      let node = ScriptNode(
        name: name, drivers: try drivers(fields.required("drivers")),
        claim: try fields["claims"]?.choice())
      if let claims = fields["claims"], !node.hasGPU {
        throw claims.error("\(node.drivers[0]) has no device that could be coherent")
      }
      nodes.append(node)
    }
    guard let first = nodes.first else { throw source.error("a script needs a node") }
    guard first.hasGPU else {
      throw source.error(
        "the first node is the device under test, and \(first.drivers[0]) has no GPU")
    }
  }

  private func drivers(_ source: SourceNode) throws(ScriptError) -> [ScriptDriver] {
    var drivers: [ScriptDriver] = []
    for item in try source.items("a list of drivers") {
      let name = try item.string("a driver")
      guard let driver = ScriptDriver(name: name) else {
        let known = ScriptDriver.allCases.map(\.name).joined(separator: ", ")
        throw item.error("unknown driver \(name.quoted); known: \(known)")
      }
      drivers.append(driver)
    }
    guard !drivers.isEmpty else { throw source.error("a node needs a driver") }
    return drivers
  }

  /// Returns the node that a field names; without a field, the first node.
  func node(_ source: SourceNode?) throws(ScriptError) -> Int {
    guard let source else { return 0 }
    let name = try source.string("the name of a node")
    guard let index = nodes.firstIndex(where: { $0.name == name }) else {
      throw source.error(
        "unknown node \(name.quoted); known: \(nodes.map(\.name).joined(separator: ", "))")
    }
    return index
  }

  /// Returns the BO that a field names, which must exist.
  func buffer(_ source: SourceNode) throws(ScriptError) -> Int {
    let name = try source.string("the name of a BO")
    guard let index = buffersByName[name] else {
      throw source.error("no step before this one creates a BO \(name.quoted)")
    }
    guard states[index].exists else {
      throw source.error("'\(name)' does not exist: its creation is expected to fail")
    }
    return index
  }

  /// Returns the BO that a field names, whose handle must be open.
  func openBuffer(_ source: SourceNode) throws(ScriptError) -> Int {
    let index = try buffer(source)
    if let closed = states[index].closed {
      throw source.error("'\(buffers[index].name)' was closed in line \(closed.line)")
    }
    return index
  }

  /// Reads a range.
  ///
  /// It may end past the end of its BO only where the step expects an errno. A sync may have size 0.
  func range(
    _ fields: Fields, of buffer: Int, mayExceed: Bool = false, mayBeEmpty: Bool = false
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
    guard length > 0 || mayExceed || mayBeEmpty && fields["size"] != nil else {
      throw source.error("the range is empty")
    }
    return offset..<end
  }

  /// Adds a write and returns its number.
  mutating func addWrite(
    _ source: SourceNode?, at position: SourcePosition, value: UInt64? = nil
  ) throws(ScriptError) -> Int {
    var name = "the write at line \(position.line)"
    if let source {
      name = try self.name(source, "the name of a write")
      guard writesByName[name] == nil, name != "zeroes" else {
        throw source.error("there is already a write '\(name)'")
      }
      writesByName[name] = writes.count
    }
    writes.append(ScriptWrite(name: name, value: value))
    return writes.count - 1
  }

  /// Returns the number of the write that a read must see.
  func seen(_ source: SourceNode?) throws(ScriptError) -> Int? {
    guard let source else { return nil }
    let name = try source.string("the name of a write")
    if name == "zeroes" { return ScriptAccess.zeroes }
    guard let number = allWrites[name] else {
      let hint = name.nearest(in: allWrites.names + ["zeroes"]).map { "; is it '\($0)'?" } ?? ""
      throw source.error("no write of this script is named \(name.quoted)\(hint)")
    }
    return number
  }
}
