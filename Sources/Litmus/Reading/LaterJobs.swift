// SPDX-License-Identifier: MIT

/// The names and waits of all jobs of a script, also of later ones, to explain a wait that cannot end.
struct LaterJobs {
  /// A job, and the jobs it waits for.
  struct Job {
    let position: SourcePosition
    fileprivate let after: [String]
    fileprivate let all: [String: (SourcePosition, [String])]

    /// Whether it waits for another job, directly or through others.
    func awaits(_ name: String) -> Bool {
      var seen: Set<String> = []
      var next = after
      while let job = next.popLast() {
        if job == name { return true }
        if seen.insert(job).inserted { next += all[job]?.1 ?? [] }
      }
      return false
    }
  }

  private var jobs: [String: (SourcePosition, [String])] = [:]

  init(_ steps: [SourceNode]) {
    for step in steps {
      guard
        let pair = try? step.pairs("a step").first(where: { (try? $0.key.string("")) == "submit" }),
        let fields = try? pair.value.pairs("fields")
      else { continue }
      var name: String?
      var after: [String] = []
      for (key, value) in fields {
        switch try? key.string("a field") {
        case "job": name = try? value.string("a name")
        case "after":
          after = (try? value.items("names"))?.compactMap { try? $0.string("a name") } ?? []
        default: break
        }
      }
      if let name { jobs[name] = (pair.value.position, after) }
    }
  }

  subscript(name: String) -> Job? {
    jobs[name].map { Job(position: $0.0, after: $0.1, all: jobs) }
  }
}
