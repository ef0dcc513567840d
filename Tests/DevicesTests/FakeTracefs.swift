// SPDX-License-Identifier: MIT

import DRMKernel

@testable import Devices

/// A kernel's tracefs: instances with a ring buffer, a filter of threads and options of their own.
final class FakeTracefs: TraceFiles, Sendable {
  struct State {
    /// The id of the calling thread in the first PID namespace.
    var thread = 4711
    /// The name of the calling thread.
    var name = "gem sync [2]"
    /// The options of the system's own buffer, which a new instance gets.
    var options = ["markers": "1", "overwrite": "1", "context-info": "1"]
    /// What the kernel answers about paths that end so.
    var refusals: [String: Errno] = [:]
    /// The number of instances that another process removes right after they were made.
    var raced = 0
    /// Whether buffers record.
    var isOn = true
    var instances: [String: Instance] = [:]
  }

  struct Instance {
    var options: [String: String]
    var settings: [String: String] = [:]
    var lines: [String] = []
    var read = ""
    var overrun = 0
    var isOpen = false

    /// Sixteen events for each KiB.
    var capacity: Int { (settings["buffer_size_kb"].flatMap { Int($0) } ?? 1408) * 16 }

    mutating func add(_ line: String) {
      lines.append(line)
      guard lines.count > capacity else { return }
      overrun += 1
      if options["overwrite"] == "1" { lines.removeFirst() } else { lines.removeLast() }
    }
  }

  let state: Guarded<State>

  init(_ state: sending State = State()) { self.state = Guarded(state) }

  /// The names of the instances, sorted.
  var instances: [String] { state.withLock { $0.instances.keys.sorted() } }

  /// Adds an event of a thread to every buffer that records its events; the calling thread's without one.
  func emit(_ event: String, by thread: Int? = nil) {
    state.withLock { state in
      let own = thread ?? state.thread
      for name in state.instances.keys where state.isOn {
        let settings = state.instances[name]?.settings ?? [:]
        guard settings["events/dma/enable"] == "1", settings["set_event_pid"] == "\(own)" else {
          continue
        }
        state.instances[name]?.add(" \(state.name)-\(own)   [003] ..... 26459.034414: \(event)")
      }
    }
  }

  func names(in directory: String) throws(Errno) -> [String] {
    try state.withLock { state throws(Errno) in
      try Self.check(directory, state)
      if directory == "instances" { return [".", ".."] + state.instances.keys }
      return [".", "..", "cpu0", "cpu1"]
    }
  }

  func makeDirectory(_ path: String) throws(Errno) {
    try state.withLock { state throws(Errno) in
      try Self.check("mkdir", state)
      let name = Self.instance(path)
      guard state.instances[name] == nil else { throw .EEXIST }
      guard state.raced == 0 else {
        state.raced -= 1
        return
      }
      state.instances[name] = Instance(options: state.options)
    }
  }

  func removeDirectory(_ path: String) throws(Errno) {
    try state.withLock { state throws(Errno) in
      guard let instance = state.instances[Self.instance(path)] else { throw .ENOENT }
      guard !instance.isOpen else { throw .EBUSY }
      state.instances[Self.instance(path)] = nil
    }
  }

  func write(_ text: String, to path: String) throws(Errno) {
    try state.withLock { state throws(Errno) in
      try Self.check(path, state)
      let name = Self.instance(path)
      guard var instance = state.instances[name] else { throw .ENOENT }
      let file = path.split(separator: "/").dropFirst(2).joined(separator: "/")
      if file.hasPrefix("options/") {
        instance.options[String(file.dropFirst(8))] = text
      } else if file == "trace_marker" {
        if state.isOn, instance.options["markers"] == "1" {
          let isPlain =
            instance.options["context-info"] == "1" && instance.options["raw"] != "1"
          let context = " \(state.name)-\(state.thread)  [000] ...1. 26459.034414:"
          instance.add((isPlain ? context : "5") + " tracing_mark_write: " + text)
        }
      } else {
        instance.settings[file] = text
      }
      state.instances[name] = instance
    }
  }

  func contents(of path: String) throws(Errno) -> [UInt8] {
    try state.withLock { state throws(Errno) in
      try Self.check(path, state)
      guard let instance = state.instances[Self.instance(path)] else { throw .ENOENT }
      let overrun = path.contains("cpu1") ? instance.overrun : 0
      let text = """
        entries: \(instance.lines.count)
        overrun: \(overrun)
        commit overrun: 0
        bytes: 9528
        oldest event ts: 26460.082643
        dropped events: 0
        read events: 3

        """
      return Array(text.utf8)
    }
  }

  func openPipe(_ path: String) throws(Errno) -> any TracePipe {
    try state.withLock { state throws(Errno) in
      let name = Self.instance(path)
      guard let instance = state.instances[name] else { throw .ENOENT }
      guard !instance.isOpen else { throw .EBUSY }
      state.instances[name]?.isOpen = true
    }
    return Pipe(self, Self.instance(path))
  }

  private static func check(_ path: String, _ state: State) throws(Errno) {
    for (end, errno) in state.refusals where path.hasSuffix(end) { throw errno }
  }

  private static func instance(_ path: String) -> String {
    path.split(separator: "/").dropFirst().first.map(String.init) ?? ""
  }

  private final class Pipe: TracePipe {
    private let tracefs: FakeTracefs
    private let name: String

    init(_ tracefs: FakeTracefs, _ name: String) {
      self.tracefs = tracefs
      self.name = name
    }

    deinit { tracefs.state.withLock { $0.instances[name]?.isOpen = false } }

    /// Returns at most 50 bytes, in the middle of lines and of characters.
    func read() throws(Errno) -> [UInt8] {
      try tracefs.state.withLock { state throws(Errno) in
        try FakeTracefs.check("trace_pipe", state)
        guard var instance = state.instances[name] else { throw .ENODEV }
        instance.read += instance.lines.map { $0 + "\n" }.joined()
        instance.lines = []
        let bytes = Array(instance.read.utf8)
        instance.read = String(decoding: bytes.dropFirst(50), as: UTF8.self)
        state.instances[name] = instance
        return Array(bytes.prefix(50))
      }
    }
  }
}
