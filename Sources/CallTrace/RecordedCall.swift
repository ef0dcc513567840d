// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import UAPILayouts

/// A call that was made, with its outcome.
public struct RecordedCall: Hashable, Sendable {
  public var call: Call
  public var outcome: CallOutcome
  /// The start in seconds since the start of the recording; nil in a trace without times.
  public var start: Double?
  /// The duration in seconds; nil in a trace without times.
  public var seconds: Double?

  /// Creates a record of a call.
  public init(
    _ call: Call, _ outcome: CallOutcome, start: Double? = nil, seconds: Double? = nil
  ) {
    self.call = call
    self.outcome = outcome
    self.start = start
    self.seconds = seconds
  }
}

extension RecordedCall {
  /// Reads the line with a call's outcome.
  init(_ call: Call, _ line: JSONValue, start: Double?) throws(TraceError) {
    guard let result = line["result"] else { throw TraceError("'result' is missing") }
    let output = line["out"] ?? .object([])
    let number = try call.result(result)
    var outcome = CallOutcome(number)
    switch call {
    case .ioctl(let ioctl): outcome = try OutcomeParts.outcome(number, to: ioctl, output)
    case .load(_, _, let count):
      let text = output["bytes"]?.string ?? ""
      outcome.bytes = number < 0 ? [] : try ByteText.bytes(text, count: count)
    default: break
    }
    self.init(call, outcome, start: start, seconds: try line.time("seconds"))
  }
}

extension JSONValue {
  /// Reads a time in seconds; nil where the member is missing.
  func time(_ name: String) throws(TraceError) -> Double? {
    guard let value = self[name] else { return nil }
    guard let time = value.number, time >= 0 else {
      throw TraceError("\(name): \(value.json) is no time")
    }
    return time
  }
}

extension Call {
  /// Reads the call of a line.
  init(_ name: String, _ line: JSONValue) throws(TraceError) {
    func number<Number: FixedWidthInteger>(_ field: String) throws(TraceError) -> Number {
      guard let value: Number = line["in"]?[field]?.integer() else {
        throw TraceError("\(name): '\(field)' is missing or not a number")
      }
      return value
    }
    func descriptor() throws(TraceError) -> Descriptor {
      guard let value = line["on"] else { throw TraceError("\(name): 'on' is missing") }
      return try Descriptor(value)
    }
    func mapping() throws(TraceError) -> Int {
      guard let value = line["on"], case .mapping(let identity, 0) = try Address(value) else {
        throw TraceError("\(name): 'on' is not a mapping")
      }
      return identity
    }
    switch name {
    case "open":
      guard let path = line["in"]?["path"]?.string else {
        throw TraceError("open: 'path' is missing")
      }
      let flags: CInt = try number("flags")
      // A trace may come from anyone. It must open no file but devices, and neither create nor truncate one.
      guard TracePaths.isNode(path) || TracePaths.isExporter(path), flags & OpenFlag.changing == 0
      else { throw TraceError("open: '\(path)' with flags \(flags) opens no device") }
      self = .open(path: path, flags: flags)
    case "close": self = .close(try descriptor())
    case "mmap":
      guard let offset = line["in"]?["offset"] else {
        throw TraceError("mmap: 'offset' is missing")
      }
      let flags: CInt = try number("flags")
      guard flags & ~MapFlag.known == 0 else {
        throw TraceError("mmap: flags \(flags) map more than a file")
      }
      self = .mmap(
        length: try number("length"), protection: try number("protection"), flags: flags,
        try descriptor(), try Offset(offset))
    case "munmap":
      guard let value = line["on"] else { throw TraceError("munmap: 'on' is missing") }
      self = .munmap(try Address(value), length: try number("length"))
    case "lseek":
      self = .lseek(try descriptor(), offset: try number("offset"), whence: try number("whence"))
    case "poll":
      let milliseconds: CInt = try number("milliseconds")
      guard 0...60_000 ~= milliseconds else {
        throw TraceError("poll: the timeout is not within 60 s")
      }
      self = .poll(try descriptor(), events: try number("events"), milliseconds: milliseconds)
    case "dup": self = .duplicate(try descriptor())
    case "store":
      let count: Int = try number("length")
      guard 0...CallRegion.limit ~= count, let text = line["in"]?["bytes"]?.string else {
        throw TraceError("store: 'bytes' is missing")
      }
      self = .store(
        mapping: try mapping(), at: try number("at"), try ByteText.bytes(text, count: count))
    case "maintain":
      guard let text = line["in"]?["operation"]?.string,
        let operation = CacheOperation.allCases.first(where: { $0.rawValue == text })
      else { throw TraceError("maintain: 'operation' is missing or unknown") }
      self = .maintain(
        mapping: try mapping(), at: try number("at"), count: try number("length"), operation)
    case "load":
      let count: Int = try number("length")
      guard 0...CallRegion.limit ~= count else { throw TraceError("load: \(count) bytes") }
      self = .load(mapping: try mapping(), at: try number("at"), count: count)
    default: self = .ioctl(try IoctlCall(name, try descriptor(), line))
    }
  }

  /// Reads a result; the inverse of ``resultText(_:)``.
  func result(_ value: JSONValue) throws(TraceError) -> Int64 {
    if let number: Int64 = value.integer() {
      guard canReturn(number) else {
        throw TraceError("\(number) is not a result of this call")
      }
      return number
    }
    guard let text = value.string else { throw TraceError("\(value.json) is not a result") }
    if let errno = TraceNames.errno(text) { return Int64(errno.answer) }
    guard let kind = returnedKind, let identity = TraceNames.identity(kind, text) else {
      throw TraceError("'\(text)' is not a result")
    }
    return Int64(identity)
  }
}

extension Call {
  /// The kind of resource that a success returns, as a trace names it; nil where it returns a number.
  private var returnedKind: String? {
    switch self {
    case .open, .duplicate: "fd"
    case .ioctl(let call) where call.layout?.returnsDescriptor == true: "fd"
    case .mmap: "mapping"
    default: nil
    }
  }

  /// Whether a success can be this number.
  private func canReturn(_ number: Int64) -> Bool {
    guard returnedKind == nil, number >= 0 else { return false }
    return switch self {
    case .lseek: true
    case .poll: number <= Int16.max
    case .ioctl: number <= Int32.max
    default: number == 0
    }
  }
}

extension IoctlCall {
  /// Reads the ioctl of a line.
  init(_ name: String, _ descriptor: Call.Descriptor, _ line: JSONValue) throws(TraceError) {
    let known = IoctlLayout.byName[name]
    guard known != nil || name == "ioctl" else { throw TraceError("unknown call '\(name)'") }
    var request = known?.layout.request
    if let text = line["request"]?.string {
      guard text.hasPrefix("0x"), let number = UInt32(text.dropFirst(2), radix: 16) else {
        throw TraceError("'\(text)' is not a request")
      }
      request = IoctlRequest(rawValue: UInt(number))
    }
    guard let request else { throw TraceError("ioctl: 'request' is missing") }
    let found = IoctlLayout.find(request, driver: known?.driver)
    let isOnHeap =
      found !== known?.layout && known?.layout === IoctlLayout.find(onHeap: request.number)
    guard found === known?.layout || isOnHeap else {
      throw TraceError("\(request.digits) is not \(name)")
    }
    var reader = RegionReader()
    let input = line["in"] ?? .object([])
    if let limit = known?.layout.stringLimit {
      self.init(
        descriptor, request, driver: known?.driver, isOnHeap: isOnHeap,
        try reader.memory(input, PointerExtent(target: .string(limit: limit))))
      return
    }
    guard case .object(var members) = input else {
      self.init(
        descriptor, request, driver: known?.driver, isOnHeap: isOnHeap,
        try reader.memory(input, .unknown))
      return
    }
    let count = try input["length"].map { value throws(TraceError) in
      guard let count: Int = value.integer() else {
        throw TraceError("\(value.json) is not a length")
      }
      return count
    }
    members.removeAll { $0.name == "length" || $0.name == "cut_off" }
    var region = try reader.zeroes(
      count ?? request.size, isCutOff: input["cut_off"]?.bool ?? false)
    try reader.fill(
      &region, known?.layout.structure ?? .unknown, 0..<region.bytes.count,
      from: .object(members))
    self.init(descriptor, request, driver: known?.driver, isOnHeap: isOnHeap, .region(region))
  }
}

/// Flags of `mmap(2)` that take no more memory than the file has.
private enum MapFlag {
  // MAP_TYPE without MAP_ANONYMOUS, MAP_FIXED, MAP_NORESERVE, MAP_FIXED_NOREPLACE.
  static let known: CInt = 0x3 | 0x10 | 0x4000 | 0x100000
}

/// Flags of `open(2)` that create or truncate a file: O_CREAT, O_TRUNC, O_TMPFILE.
private enum OpenFlag {
  static let changing: CInt = 0o100 | 0o1000 | 0o20000000
}
