// SPDX-License-Identifier: MIT

internal import DRMKernel

/// The reason why a trace cannot be used.
struct TraceError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// A trace instance: a ring buffer with settings of its own, which does not affect other tracing.
///
/// It exists as long as this value. Its pipe is open all the time, so that nothing else can read from it, and so that
/// the kernel refuses to remove it. Instances that a killed process left can be removed, and the next one does.
final class TraceInstance {
  private static let names = "gemsync-"
  /// The most instances of this program at once.
  private static let most = 256

  private let files: any TraceFiles
  private let path: String
  private var pipe: (any TracePipe)?
  // What was read behind the last marker.
  private var rest: [UInt8] = []
  private var markers = 0

  /// Creates an instance that records no event yet.
  ///
  /// - Parameter bufferSize: the size of each CPU's ring buffer in KiB; nil for the kernel's default.
  init(in files: any TraceFiles, bufferSize: Int?) throws(TraceError) {
    for name in (try? files.names(in: "instances")) ?? [] where name.hasPrefix(Self.names) {
      try? files.removeDirectory("instances/" + name)
    }
    self.files = files
    (path, pipe) = try Self.create(in: files)
    // A new instance has the options of the system's own, which another user may have changed.
    for (option, value) in [
      ("overwrite", "1"), ("markers", "1"), ("context-info", "1"), ("raw", "0"), ("hex", "0"),
      ("bin", "0"), ("fields", "0"), ("latency-format", "0"), ("event-fork", "1"),
    ] {
      // Some kernels lack one; the first marker shows whether the text can be read.
      try? files.write(value, to: "\(path)/options/\(option)")
    }
    // Other clocks may differ from CPU to CPU, and with them the order of events.
    try write("global", to: "trace_clock")
    if let bufferSize { try write("\(bufferSize)", to: "buffer_size_kb") }
  }

  deinit {
    pipe = nil
    try? files.removeDirectory(path)
  }

  /// Makes a directory that no process has, and opens its pipe before another process removes it.
  private static func create(
    in files: any TraceFiles
  ) throws(TraceError) -> (String, any TracePipe) {
    var last = Errno.EBUSY
    for number in 0..<most {
      let path = "instances/\(names)\(number)"
      do throws(Errno) {
        try files.makeDirectory(path)
        return (path, try files.openPipe(path + "/trace_pipe"))
      } catch {
        last = error
        guard [.EEXIST, .ENOENT, .EBUSY].contains(error) else { break }
      }
    }
    throw TraceError("a trace instance cannot be created: \(last)")
  }

  /// Records events of one system, such as `dma`, of the calling thread and of threads that it starts.
  ///
  /// The kernel knows a thread by its id in the first PID namespace, which a container cannot ask for: the trace has it.
  func record(_ system: String) throws(TraceError) {
    guard let thread = try drain().thread else {
      throw TraceError("the kernel's trace does not show what this process does")
    }
    try write("\(thread)", to: "set_event_pid")
    try write("1", to: "events/\(system)/enable")
  }

  /// Returns and consumes the lines of the buffer, and the kernel's id of the calling thread.
  ///
  /// It ends with a marker that it writes itself. A buffer in which that is missing is not recording, and then no id
  /// is returned.
  func drain() throws(TraceError) -> (lines: [Substring], thread: Int?) {
    markers += 1
    let marker = "gemsync-marker-\(markers)"
    try write(marker, to: "trace_marker")
    var lines: [Substring] = []
    while true {
      while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        let line = Substring(String(decoding: rest[..<end], as: UTF8.self))
        rest.removeSubrange(...end)
        if line.hasSuffix(": " + marker) { return (lines, Self.thread(of: line)) }
        lines.append(line)
      }
      let more: [UInt8]
      do throws(Errno) {
        more = try pipe?.read() ?? []
      } catch {
        throw TraceError("trace_pipe: \(error)")
      }
      guard !more.isEmpty else { return (lines, nil) }
      rest += more
    }
  }

  /// The number of events that the buffer had no room for, or that came at a moment when it could take none.
  func lostEvents() throws(TraceError) -> Int {
    do throws(Errno) {
      var lost = 0
      for cpu in try files.names(in: path + "/per_cpu") where cpu.hasPrefix("cpu") {
        let text = try files.contents(of: "\(path)/per_cpu/\(cpu)/stats")
        lost += Self.losses(in: String(decoding: text, as: UTF8.self))
      }
      return lost
    } catch {
      throw TraceError("stats: \(error)")
    }
  }

  /// Returns the number of lost events in a CPU's `stats`, such as `overrun: 252`.
  static func losses(in stats: String) -> Int {
    stats.split(separator: "\n").reduce(0) { lost, line in
      let words = line.split(separator: ":")
      guard words.count == 2, ["overrun", "commit overrun", "dropped events"].contains(words[0])
      else { return lost }
      // A number that cannot be read is no proof that nothing was lost.
      return lost + (Int(words[1].drop { $0 == " " }) ?? 1)
    }
  }

  /// Reads the thread of a line: `some name-1234    [002] ..... 9.1: event: text`.
  private static func thread(of line: Substring) -> Int? {
    let words = line.split(separator: " ")
    guard let cpu = words.lastIndex(where: { $0.hasPrefix("[") && $0.hasSuffix("]") }), cpu > 0,
      let dash = words[cpu - 1].lastIndex(of: "-")
    else { return nil }
    return Int(words[cpu - 1][dash...].dropFirst())
  }

  private func write(_ text: String, to file: String) throws(TraceError) {
    do throws(Errno) {
      try files.write(text, to: "\(path)/\(file)")
    } catch {
      throw TraceError("\(file): \(error)")
    }
  }
}
