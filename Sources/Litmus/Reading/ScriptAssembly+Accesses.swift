// SPDX-License-Identifier: MIT

private enum Known {
  static let write: Set = ["bo", "offset", "size", "as"]
  static let syncWait: Set = ["bo", "offset", "value"]
  static let syncSet: Set = ["bo", "offset", "value", "as"]
  static let read: Set = ["bo", "offset", "size", "sees"]
  static let sync: Set = ["bo", "offset", "size", "op", "method", "for", "access"]
}

extension ScriptAssembly {
  /// Reads one access of the CPU or of a job.
  mutating func access(
    _ kind: String, _ value: SourceNode, byJob: Bool
  ) throws(ScriptError) -> ScriptAccess {
    let fields = try Fields(
      value, of: kind, known: kind == "write" ? Known.write : Known.read)
    let source = try fields.required("bo")
    let buffer = try byJob ? openBuffer(source) : accessibleBuffer(source)
    let range = try range(fields, of: buffer)
    guard range.upperBound - range.lowerBound <= ScriptAccess.mostBytes else {
      throw (fields["size"] ?? fields.source).error(
        "a \(kind) has at most \(ScriptAccess.mostBytes >> 20)M")
    }
    let position = fields.source.position
    let action: ScriptAccess.Kind =
      kind == "write"
      ? .write(try addWrite(fields["as"], at: position)) : .read(sees: try seen(fields["sees"]))
    if !byJob { states[buffer].isMapped = true }
    return ScriptAccess(kind: action, buffer: buffer, range: range, position: position)
  }

  /// Reads a SYNC_WAIT64 or SYNC_SET64 of a job, on an aligned number of 8 bytes.
  mutating func syncAccess(
    _ kind: String, _ value: SourceNode
  ) throws(ScriptError) -> ScriptAccess {
    let isWait = kind == "sync_wait"
    let fields = try Fields(value, of: kind, known: isWait ? Known.syncWait : Known.syncSet)
    let buffer = try openBuffer(fields.required("bo"))
    let offset = try fields["offset"]?.bytes() ?? 0
    let size = ScriptAccess.syncSize
    guard offset % size == 0 else {
      throw (fields["offset"] ?? fields.source).error("the offset is not a multiple of \(size)")
    }
    guard buffers[buffer].size >= size, offset <= buffers[buffer].size - size else {
      throw (fields["offset"] ?? fields.source).error(
        "the \(size) bytes end past '\(buffers[buffer].name)', which has \(buffers[buffer].size) bytes"
      )
    }
    let source = try fields.required("value")
    let number = try source.number()
    if isWait, number == 0 { throw source.error("a wait for 0 never waits") }
    let position = fields.source.position
    return ScriptAccess(
      kind: isWait
        ? .syncWait(number) : .write(try addWrite(fields["as"], at: position, value: number)),
      buffer: buffer, range: offset..<offset + size, position: position)
  }

  /// Returns a BO that the CPU can access: it is mapped, or open and so can be mapped.
  private func accessibleBuffer(_ source: SourceNode) throws(ScriptError) -> Int {
    let buffer = try buffer(source)
    return states[buffer].isMapped ? buffer : try openBuffer(source)
  }

  /// Reads one sync, or a list of them as a batch.
  mutating func syncs(
    _ value: SourceNode, _ isRefused: Bool
  ) throws(ScriptError) -> [ScriptSync] {
    guard value.isList else { return [try sync(value, isRefused)] }
    var batch: [ScriptSync] = []
    for item in try value.items("a list of syncs") {
      let sync = try sync(item, isRefused)
      guard sync.method == .ioctl else { throw item.error("a batch is one ioctl") }
      guard batch.allSatisfy({ buffers[$0.buffer].node == buffers[sync.buffer].node }) else {
        throw item.error("all BOs of a batch must be of one node")
      }
      batch.append(sync)
    }
    guard !batch.isEmpty else { throw value.error("the batch is empty") }
    return batch
  }

  private mutating func sync(
    _ value: SourceNode, _ isRefused: Bool
  ) throws(ScriptError) -> ScriptSync {
    let fields = try Fields(value, of: "sync", known: Known.sync)
    let method = try fields["method"]?.choice(ScriptSync.Method.self) ?? .ioctl
    let source = try fields.required("bo")
    let buffer = try method == .userland ? accessibleBuffer(source) : openBuffer(source)
    guard method == .userland || nodes[buffers[buffer].node].hasHandles else {
      throw source.error(
        "\(nodes[buffers[buffer].node].drivers[0]) has no sync ioctl: use begin and end")
    }
    if method == .userland { states[buffer].isMapped = true }
    return ScriptSync(
      buffer: buffer,
      range: try range(
        fields, of: buffer, mayExceed: isRefused && method == .ioctl,
        mayBeEmpty: true),
      method: method, operation: try operation(fields), position: fields.source.position)
  }

  private func operation(_ fields: Fields) throws(ScriptError) -> ScriptSync.Operation {
    if let accessor = fields["for"] {
      if let merged = fields["op"] { throw merged.error("a sync has 'op', or 'for' and 'access'") }
      return .proposed(
        try accessor.choice(), try fields.required("access").choice(ScriptAccessType.self))
    }
    if let access = fields["access"] { throw access.error("'access' goes with 'for'") }
    switch try fields.required("op").choice(MergedOperation.self) {
    case .flush: return .flush
    case .flushAndInvalidate: return .flushAndInvalidate
    }
  }
}

/// The kinds of sync in the merged uAPI.
private enum MergedOperation: String, CaseIterable {
  case flush
  case flushAndInvalidate = "flush_and_invalidate"
}
