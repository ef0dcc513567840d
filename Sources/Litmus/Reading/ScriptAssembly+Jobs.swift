// SPDX-License-Identifier: MIT

private enum Known {
  static let submit: Set = ["job", "node", "queue", "after", "do"]
  static let wait: Set = ["job"]
}

extension ScriptAssembly {
  /// Reads a job and its submission.
  mutating func submit(_ value: SourceNode) throws(ScriptError) -> Int {
    let fields = try Fields(value, of: "submit", known: Known.submit)
    let source = try fields.required("job")
    let name = try name(source, "the name of a job")
    guard jobsByName[name] == nil else {
      throw source.error("there is already a job '\(name)'")
    }
    let node = try node(fields["node"])
    guard nodes[node].hasGPU else {
      throw fields.source.error("\(nodes[node].drivers[0]) cannot run jobs")
    }
    var after: [Int] = []
    for item in try fields["after"]?.items("a list of jobs") ?? [] {
      after.append(try submittedJob(item, by: name))
    }
    var accesses: [ScriptAccess] = []
    for item in try fields.required("do").items("a list of reads and writes") {
      let pairs = try item.pairs("a read or a write")
      guard pairs.count == 1 else { throw item.error("this is not one read or write") }
      let kind = try pairs[0].key.string("read or write")
      let access: ScriptAccess
      switch kind {
      case "read", "write": access = try self.access(kind, pairs[0].value, byJob: true)
      case "sync_wait", "sync_set": access = try syncAccess(kind, pairs[0].value)
      default:
        throw pairs[0].key.error(
          "a job has 'read', 'write', 'sync_wait' and 'sync_set', not \(kind.quoted)")
      }
      guard buffers[access.buffer].node == node else {
        throw pairs[0].value.error(
          "'\(buffers[access.buffer].name)' belongs to the node '\(nodes[buffers[access.buffer].node].name)', "
            + "the job to '\(nodes[node].name)'")
      }
      accesses.append(access)
    }
    guard !accesses.isEmpty else { throw fields.source.error("the job does nothing") }
    let number = jobs.count
    let queue = try queue(fields["queue"], node: node)
    jobs.append(
      ScriptJob(
        name: name, node: node, queue: queue, accesses: accesses,
        after: after + (lastJobOfQueue[queue].map { [$0] } ?? []), position: source.position))
    jobsByName[name] = number
    lastJobOfQueue[queue] = number
    for buffer in Set(accesses.map(\.buffer)) { states[buffer].jobs.append(number) }
    return number
  }

  /// Reads a wait, which also covers the jobs that its job waits for.
  mutating func wait(_ value: SourceNode) throws(ScriptError) -> Int {
    let job = try submittedJob(Fields(value, of: "wait", known: Known.wait).required("job"))
    var covered = [job]
    while let next = covered.popLast() {
      if doneJobs.insert(next).inserted { covered += jobs[next].after }
    }
    return job
  }

  private mutating func queue(_ source: SourceNode?, node: Int) throws(ScriptError) -> Int {
    var text = "queue"
    if let source { text = try name(source, "the name of a queue") }
    // Each node has its own queues.
    let queue = "\(nodes[node].name)/\(text)"
    if let known = queuesByName[queue] { return known }
    queuesByName[queue] = queues.count
    queues.append(queue)
    return queues.count - 1
  }

  private func submittedJob(
    _ source: SourceNode, by waiting: String? = nil
  ) throws(ScriptError) -> Int {
    let name = try source.string("the name of a job")
    if let job = jobsByName[name] { return job }
    guard let later = LaterJobs(stepSources)[name] else {
      throw source.error("unknown job \(name.quoted)")
    }
    if let waiting, later.awaits(waiting) {
      throw source.error(
        "a cycle of waits: '\(waiting)' waits for '\(name)', which waits for '\(waiting)'")
    }
    throw source.error(
      "'\(name)' is submitted later, in line \(later.position.line): this would wait forever")
  }
}
