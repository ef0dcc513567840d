// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import DRMKernel

private enum Known {
  static let create: Set = ["bo", "size", "flags", "node"]
  static let map: Set = ["bo", "through"]
  static let buffer: Set = ["bo"]
  static let bracket: Set = ["bo", "access"]
  static let importing: Set = ["bo", "from", "node"]
}

extension ScriptAssembly {
  /// Reads one step: its kind with its fields, and an optional errno.
  mutating func readStep(_ source: SourceNode) throws(ScriptError) {
    let pairs = try source.pairs("a step: a mapping such as 'write: {...}'")
    var errno: Errno?
    var kind: (key: SourceNode, value: SourceNode)?
    for (key, value) in pairs {
      if try key.string("the kind of a step") == "errno" {
        errno = try self.errno(value)
      } else if kind == nil {
        kind = (key, value)
      } else {
        throw key.error("a step has one action")
      }
    }
    guard let kind else { throw source.error("this step has no action") }
    let action = try readAction(kind.key, kind.value, isRefused: errno != nil)
    steps.append(ScriptStep(action: action, errno: errno, position: kind.key.position))
  }

  private func errno(_ source: SourceNode) throws(ScriptError) -> Errno {
    let name = try source.string("an errno")
    guard let errno = Errno(name: name) else { throw source.error("unknown errno \(name.quoted)") }
    return errno
  }

  private mutating func readAction(
    _ key: SourceNode, _ value: SourceNode, isRefused: Bool
  ) throws(ScriptError) -> ScriptStep.Action {
    let kind = try key.string("the kind of a step")
    switch kind {
    case "create": return try create(Fields(value, of: kind, known: Known.create), isRefused)
    case "map": return try map(Fields(value, of: kind, known: Known.map), isRefused)
    case "unmap": return try unmap(Fields(value, of: kind, known: Known.buffer))
    case "close": return try close(Fields(value, of: kind, known: Known.buffer))
    case "export": return try export(Fields(value, of: kind, known: Known.buffer), isRefused)
    case "import": return try importing(Fields(value, of: kind, known: Known.importing), isRefused)
    case "begin", "end":
      let fields = try Fields(value, of: kind, known: Known.bracket)
      let buffer = try sharedBuffer(fields)
      let access = try fields.required("access").choice(ScriptAccessType.self)
      return kind == "begin"
        ? .beginAccess(buffer: buffer, access) : .endAccess(buffer: buffer, access)
    case "write", "read": return .access(try access(kind, value, byJob: false))
    case "sync": return .sync(try syncs(value, isRefused))
    case "submit": return .submit(job: try submit(value))
    case "wait": return .wait(job: try wait(value))
    default:
      throw key.error(
        "unknown step \(kind.quoted); known: begin, close, create, end, export, import, map, read, "
          + "submit, sync, unmap, wait, write")
    }
  }

  private mutating func create(
    _ fields: Fields, _ isRefused: Bool
  ) throws(ScriptError) -> ScriptStep.Action {
    let node = try node(fields["node"])
    let size = try fields.required("size").bytes()
    guard 1...1 << 40 ~= size else {
      throw try fields.required("size").error("a BO has between 1 byte and 1024G")
    }
    var flags: Set<DriverFacts.CreationFlag> = []
    for flag in try fields["flags"]?.items("a list of flags") ?? [] {
      flags.insert(try flag.choice(DriverFacts.CreationFlag.self))
    }
    guard flags.isEmpty || nodes[node].hasFlags else {
      throw (fields["flags"] ?? fields.source).error(
        "\(nodes[node].drivers[0]) has no creation flags")
    }
    let number = try add(
      fields, ScriptBuffer.Origin.created(flags), node: node, size: size, exists: !isRefused)
    if !nodes[node].hasHandles { states[number].hasDMABuf = true }
    return .create(buffer: number)
  }

  private mutating func importing(
    _ fields: Fields, _ isRefused: Bool
  ) throws(ScriptError) -> ScriptStep.Action {
    let node = try node(fields["node"])
    guard nodes[node].hasHandles else {
      throw fields.source.error("\(nodes[node].drivers[0]) cannot import")
    }
    let from = try buffer(fields.required("from"))
    guard states[from].hasDMABuf else {
      throw try fields.required("from").error(
        "'\(buffers[from].name)' has no dma-buf: export it first")
    }
    let number = try add(
      fields, .imported(from: from), node: node, size: buffers[from].size, exists: !isRefused)
    states[number].hasDMABuf = true
    return .importBuffer(number)
  }

  private mutating func add(
    _ fields: Fields, _ origin: ScriptBuffer.Origin, node: Int, size: UInt64, exists: Bool
  ) throws(ScriptError) -> Int {
    let source = try fields.required("bo")
    let name = try name(source, "the name of a BO")
    guard buffersByName[name] == nil else {
      throw source.error("there is already a BO '\(name)'")
    }
    let number = buffers.count
    buffersByName[name] = number
    buffers.append(
      ScriptBuffer(
        name: name, node: node, origin: origin, size: size, position: fields.source.position))
    var state = BufferState()
    state.exists = exists
    states.append(state)
    return number
  }

  private mutating func map(
    _ fields: Fields, _ isRefused: Bool
  ) throws(ScriptError) -> ScriptStep.Action {
    let through = try fields["through"]?.choice(MapPath.self)
    let isShared = through == .dmaBuf
    let buffer = try isShared ? sharedBuffer(fields) : openBuffer(fields.required("bo"))
    guard !states[buffer].isMapped else {
      throw fields.source.error("'\(buffers[buffer].name)' is already mapped")
    }
    if !isRefused { states[buffer].isMapped = true }
    return .map(
      buffer: buffer, throughDMABuf: isShared || !nodes[buffers[buffer].node].hasHandles)
  }

  private mutating func unmap(_ fields: Fields) throws(ScriptError) -> ScriptStep.Action {
    let source = try fields.required("bo")
    let buffer = try buffer(source)
    guard states[buffer].isMapped else {
      throw source.error("'\(buffers[buffer].name)' is not mapped")
    }
    states[buffer].isMapped = false
    return .unmap(buffer: buffer)
  }

  private mutating func close(_ fields: Fields) throws(ScriptError) -> ScriptStep.Action {
    let source = try fields.required("bo")
    let buffer = try openBuffer(source)
    // A job keeps the BOs it uses alive, so that the time of their release would depend on the job.
    if let job = states[buffer].jobs.first(where: { !doneJobs.contains($0) }) {
      throw source.error(
        "the job '\(jobs[job].name)' may still use '\(buffers[buffer].name)': wait for it first")
    }
    states[buffer].closed = source.position
    // Without handles, this closes the dma-buf itself.
    if !nodes[buffers[buffer].node].hasHandles { states[buffer].hasDMABuf = false }
    return .close(buffer: buffer)
  }

  private mutating func export(
    _ fields: Fields, _ isRefused: Bool
  ) throws(ScriptError) -> ScriptStep.Action {
    let source = try fields.required("bo")
    let buffer = try openBuffer(source)
    guard nodes[buffers[buffer].node].hasHandles else {
      throw source.error("'\(buffers[buffer].name)' already is a dma-buf")
    }
    if !isRefused { states[buffer].hasDMABuf = true }
    return .export(buffer: buffer)
  }

  /// Returns a BO that has a dma-buf.
  private func sharedBuffer(_ fields: Fields) throws(ScriptError) -> Int {
    let source = try fields.required("bo")
    let buffer = try buffer(source)
    guard states[buffer].hasDMABuf else {
      throw source.error("'\(buffers[buffer].name)' has no dma-buf: export it first")
    }
    return buffer
  }
}

/// The file through which a BO is mapped.
private enum MapPath: String, CaseIterable {
  case node
  case dmaBuf = "dma_buf"
}
