// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import DRMKernel
internal import UAPILayouts

/// Reads the lines of a trace after its header, and refuses what no recording has.
///
/// A trace may come from anyone. What it names must not make a replay open, change or use more than the devices.
struct TraceReader {
  let header: TraceHeader
  private(set) var calls: [RecordedCall] = []
  /// The line of each call.
  private(set) var lines: [Int] = []
  private(set) var isEnded = false
  private var open: [Int: (call: Call, start: Double?, line: Int)] = [:]
  private var begun = 0
  // What the calls hold: a few characters can stand for many bytes.
  private var bytes = 0
  private let mostBytes: Int
  private var returned = IdentityCounts()
  // The drivers of the header's nodes, and of the descriptors that they were opened as.
  private var nodes: [String: DRMDriver?] = [:]
  private var drivers: [Int: DRMDriver] = [:]

  init(_ header: TraceHeader, fileSize: Int) {
    self.header = header
    mostBytes = 64 << 20 + 16 * fileSize
    for device in header.devices {
      for path in [device.renderNode, device.primaryNode] {
        if let path { nodes[path] = DRMDriver(rawValue: device.driver) }
      }
    }
  }

  /// The calls without an outcome.
  var callsInFlight: [Trace.CallInFlight] {
    open.values.sorted { $0.line < $1.line }.map {
      Trace.CallInFlight(call: $0.call, line: $0.line)
    }
  }

  /// Reads the value of a line.
  mutating func read(_ value: JSONValue, at line: Int) throws(TraceError) {
    guard !isEnded else { throw TraceError("there are lines after the end") }
    guard case .object(let members) = value else { throw TraceError("not a call") }
    if let end = value["end"] {
      guard open.isEmpty else {
        throw TraceError("\(open.count) calls before the end have no result")
      }
      guard end.integer() == calls.count, members.count == 1 else {
        throw TraceError("the end counts \(end.json) calls, the trace has \(calls.count)")
      }
      isEnded = true
      return
    }
    let hasCall = value["call"] != nil
    // A line of the first version has the call and its outcome, and no number.
    let isWhole = header.schemaVersion == 1
    let known =
      (isWhole ? [] : ["n"]) + (hasCall || isWhole ? ["call", "on", "request", "in", "start"] : [])
      + (!hasCall || isWhole ? ["result", "out", "seconds"] : [])
    if let unknown = members.first(where: { !known.contains($0.name) })?.name {
      throw TraceError("unknown member '\(unknown)'")
    }
    let number = isWhole ? begun + 1 : value["n"]?.integer()
    guard let number else { throw TraceError("the call's number 'n' is missing") }
    if hasCall { try begin(number, value, at: line) }
    if !hasCall || isWhole { try end(number, value) }
  }

  private mutating func begin(
    _ number: Int, _ value: JSONValue, at line: Int
  ) throws(TraceError) {
    guard number == begun + 1 else {
      throw TraceError("call \(number) does not follow call \(begun)")
    }
    guard let name = value["call"]?.string else { throw TraceError("'call' is no name") }
    let call = try Call(name, value)
    bytes += call.byteCount
    guard bytes <= mostBytes else {
      throw TraceError("the calls up to here hold more than \(mostBytes >> 20) MiB")
    }
    begun = number
    open[number] = (call, try value.time("start"), line)
  }

  private mutating func end(_ number: Int, _ value: JSONValue) throws(TraceError) {
    guard let (call, start, line) = open.removeValue(forKey: number) else {
      throw TraceError(
        value["call"] == nil && header.schemaVersion == 1
          ? "'call' is missing" : "a result of call \(number), which is not in flight")
    }
    let recorded = try RecordedCall(call, value, start: start)
    try returned.check(recorded)
    if let reason = refusal(of: recorded) { throw TraceError(reason, line: line) }
    note(recorded)
    calls.append(recorded)
    lines.append(line)
  }

  /// Returns the reason why a call must not be made again; nil where it may be.
  private func refusal(of recorded: RecordedCall) -> String? {
    let isFailure = recorded.outcome.isFailure
    switch recorded.call {
    case .open(let path, _):
      // A node that did not exist does not exist in the replay either.
      guard nodes[path] != nil || TracePaths.isExporter(path) || isFailure else {
        return "open: '\(path)' is no node of the header"
      }
    case .ioctl(let call) where call.layout == nil:
      guard isFailure, IoctlLayout.isUnassigned(call.request) else {
        return "\(call.name): an unknown call"
      }
      guard let driver = driver(of: call), recorded.outcome.result != Errno.EBADF.answer else {
        return nil
      }
      guard call.isMeant(for: driver) else { return "\(call.name): an unknown call of \(driver)" }
    case .ioctl(let call):
      guard let driver = driver(of: call), !call.isMeant(for: driver) else { return nil }
      return "\(call.name): no call of \(driver), the driver of the node"
    default: break
    }
    return nil
  }

  /// The driver of the node that a driver's own request goes to.
  private func driver(of call: IoctlCall) -> DRMDriver? {
    guard call.request.isOfDriver, case .given(let identity) = call.descriptor else { return nil }
    return drivers[identity]
  }

  private mutating func note(_ recorded: RecordedCall) {
    guard !recorded.outcome.isFailure else { return }
    let identity = Int(recorded.outcome.result)
    switch recorded.call {
    case .open(let path, _): drivers[identity] = nodes[path] ?? nil
    case .duplicate(.given(let original)): drivers[identity] = drivers[original]
    default: break
    }
  }
}
