// SPDX-License-Identifier: MIT

internal import DRMKernel

extension RecordedCall {
  /// The call as a line of a trace.
  var line: TraceValue {
    let described = DescribedCall(call, answer)
    var members = [TraceValue.Member("call", .string(described.name))]
    if let subject = described.subject { members.append(TraceValue.Member("on", subject)) }
    if let request = described.request {
      members.append(TraceValue.Member("request", .string(request.words)))
    }
    if described.input != .object([]) { members.append(TraceValue.Member("in", described.input)) }
    members.append(TraceValue.Member("result", described.result))
    if !described.output.isEmpty {
      members.append(TraceValue.Member("out", .object(described.output)))
    }
    if let start { members.append(TraceValue.Member("start", .decimal(start.inMicroseconds))) }
    if let seconds {
      members.append(TraceValue.Member("seconds", .decimal(seconds.inMicroseconds)))
    }
    return .object(members)
  }

  /// Reads a line of a trace.
  init(_ line: TraceValue) throws(TraceError) {
    guard case .object(let members) = line, let name = line["call"]?.string else {
      throw TraceError("this is no call")
    }
    let known = ["call", "on", "request", "in", "result", "out", "start", "seconds"]
    if let unknown = members.first(where: { !known.contains($0.name) })?.name {
      throw TraceError("a call has no '\(unknown)'")
    }
    guard let result = line["result"] else { throw TraceError("a call without a result") }
    let output = line["out"] ?? .object([])
    self.init(.close(.literal(-1)), Answer(0))
    call = try Call(name, line)
    let number = try call.result(result)
    switch call {
    case .ioctl(let ioctl): answer = try AnswerParts.answer(number, to: ioctl, output)
    case .load(_, _, let count):
      let text = output["bytes"]?.string ?? ""
      answer = Answer(
        number, bytes: number < 0 ? [] : try ByteText.bytes(text, count: count))
    default: answer = Answer(number)
    }
    start = line["start"]?.number
    seconds = line["seconds"]?.number
  }
}

extension Call {
  /// Reads the call of a line.
  init(_ name: String, _ line: TraceValue) throws(TraceError) {
    func number<Number: FixedWidthInteger>(_ field: String) throws(TraceError) -> Number {
      guard let value: Number = line["in"]?[field]?.integer() else {
        throw TraceError("\(name) without a number '\(field)'")
      }
      return value
    }
    func descriptor() throws(TraceError) -> Descriptor {
      guard let value = line["on"] else { throw TraceError("\(name) without 'on'") }
      return try Descriptor(value)
    }
    func mapping() throws(TraceError) -> Int {
      guard let value = line["on"], case .mapping(let identity, 0) = try Address(value) else {
        throw TraceError("\(name) without a mapping")
      }
      return identity
    }
    switch name {
    case "open":
      guard let path = line["in"]?["path"]?.string else { throw TraceError("open without a path") }
      let flags: CInt = try number("flags")
      // A trace comes from anywhere: it must not reach what is no device, nor create or empty a file.
      guard path.hasPrefix("/dev/"), !path.contains(".."), flags & OpenFlag.changing == 0 else {
        throw TraceError("open of '\(path)' with flags \(flags) is none of a device")
      }
      self = .open(path: path, flags: flags)
    case "close": self = .close(try descriptor())
    case "mmap":
      guard let offset = line["in"]?["offset"] else { throw TraceError("mmap without an offset") }
      self = .mmap(
        length: try number("length"), protection: try number("protection"),
        flags: try number("flags"), try descriptor(), try Offset(offset))
    case "munmap":
      guard let value = line["on"] else { throw TraceError("munmap without 'on'") }
      self = .munmap(try Address(value), length: try number("length"))
    case "lseek":
      self = .lseek(try descriptor(), offset: try number("offset"), whence: try number("whence"))
    case "poll":
      let milliseconds: CInt = try number("milliseconds")
      guard 0...60_000 ~= milliseconds else { throw TraceError("poll without an end") }
      self = .poll(try descriptor(), events: try number("events"), milliseconds: milliseconds)
    case "dup": self = .duplicate(try descriptor())
    case "store":
      let count: Int = try number("length")
      guard 0...CallRegion.limit ~= count, let text = line["in"]?["bytes"]?.string else {
        throw TraceError("store without bytes")
      }
      self = .store(
        mapping: try mapping(), at: try number("at"), try ByteText.bytes(text, count: count))
    case "load":
      let count: Int = try number("length")
      guard 0...CallRegion.limit ~= count else { throw TraceError("load of \(count) bytes") }
      self = .load(mapping: try mapping(), at: try number("at"), count: count)
    default: self = .ioctl(try IoctlCall(name, try descriptor(), line))
    }
  }

  /// Reads what ``resultText(_:)`` wrote.
  func result(_ value: TraceValue) throws(TraceError) -> Int64 {
    if let number: Int64 = value.integer() { return number }
    guard let text = value.string else { throw TraceError("\(value.json) is no result") }
    if let errno = TraceNames.errno(text) { return Int64(errno.answer) }
    let word: String? =
      switch self {
      case .open, .duplicate: "fd"
      case .ioctl(let call) where call.layout?.answersDescriptor == true: "fd"
      case .mmap: "mapping"
      default: nil
      }
    guard let word, let identity = TraceNames.identity(word, text) else {
      throw TraceError("'\(text)' is no result")
    }
    return Int64(identity)
  }
}

extension IoctlCall {
  /// Reads the ioctl of a line.
  init(_ name: String, _ descriptor: Call.Descriptor, _ line: TraceValue) throws(TraceError) {
    let known = IoctlLayout.byName[name]
    guard known != nil || name == "ioctl" else { throw TraceError("there is no call '\(name)'") }
    var request = known?.layout.request
    if let text = line["request"]?.string {
      guard text.hasPrefix("0x"), let number = UInt32(text.dropFirst(2), radix: 16) else {
        throw TraceError("'\(text)' is no request")
      }
      request = IoctlRequest(rawValue: UInt(number))
    }
    guard let request else { throw TraceError("ioctl without a request") }
    guard IoctlLayout.find(request, driver: known?.driver) === known?.layout else {
      throw TraceError("\(request.words) is no \(name)")
    }
    var reader = RegionReader()
    let input = line["in"] ?? .object([])
    if let limit = known?.layout.stringLimit {
      self.init(
        descriptor, request, driver: known?.driver,
        try reader.memory(input, PointerExtent(target: .string(limit: limit))))
      return
    }
    guard case .object(var members) = input else {
      self.init(descriptor, request, driver: known?.driver, try reader.memory(input, .unknown))
      return
    }
    let count = try input["length"].map { value throws(TraceError) in
      guard let count: Int = value.integer() else {
        throw TraceError("\(value.json) is no length")
      }
      return count
    }
    members.removeAll { $0.name == "length" || $0.name == "cut_off" }
    var region = try reader.zeroes(
      count ?? request.size, isCutOff: input["cut_off"]?.bool ?? false)
    try reader.fill(
      &region, known?.layout.structure ?? StructLayout([]), 0..<region.bytes.count,
      from: .object(members))
    self.init(descriptor, request, driver: known?.driver, .region(region))
  }
}

extension IoctlLayout {
  /// Every layout by its name, which no two have in common.
  static let byName = Dictionary(
    all.map { ($0.layout.name, $0) }, uniquingKeysWith: { first, _ in first })
}

/// Flags of `open(2)` that make or empty a file: O_CREAT, O_TRUNC, O_TMPFILE.
private enum OpenFlag {
  static let changing: CInt = 0o100 | 0o1000 | 0o20000000
}

extension Double {
  /// Rounded: nothing here is timed more finely.
  fileprivate var inMicroseconds: Double { (self * 1e6).rounded() / 1e6 }
}
