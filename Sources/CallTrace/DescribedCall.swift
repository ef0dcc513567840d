// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import UAPILayouts

/// The parts of a printed call before it is made, for a line of a trace and for a person.
struct DescribedCall {
  private var name = ""
  /// The descriptor or mapping of the call.
  private var subject: JSONValue?
  /// An ioctl's request, where it is not the one of its name.
  private var request: IoctlRequest?
  private var input: JSONValue = .object([])

  init(_ call: Call) {
    switch call {
    case .open(let path, let flags):
      name = "open"
      input = .object([
        JSONValue.Member("path", .string(path)), JSONValue.Member("flags", .integer(flags)),
      ])
    case .close(let descriptor): (name, subject) = ("close", descriptor.value)
    case .ioctl(let call): describe(call)
    case .mmap(let length, let protection, let flags, let descriptor, let offset):
      (name, subject) = ("mmap", descriptor.value)
      input = .object([
        JSONValue.Member("length", .integer(length)),
        JSONValue.Member("protection", .integer(protection)),
        JSONValue.Member("flags", .integer(flags)), JSONValue.Member("offset", offset.value),
      ])
    case .munmap(let address, let length):
      (name, subject) = ("munmap", address.value)
      input = .object([JSONValue.Member("length", .integer(length))])
    case .lseek(let descriptor, let offset, let whence):
      (name, subject) = ("lseek", descriptor.value)
      input = .object([
        JSONValue.Member("offset", .integer(offset)),
        JSONValue.Member("whence", .integer(whence)),
      ])
    case .poll(let descriptor, let events, let milliseconds):
      (name, subject) = ("poll", descriptor.value)
      input = .object([
        JSONValue.Member("events", .integer(events)),
        JSONValue.Member("milliseconds", .integer(milliseconds)),
      ])
    case .duplicate(let descriptor): (name, subject) = ("dup", descriptor.value)
    case .store(let mapping, let at, let bytes):
      (name, subject) = ("store", Call.Address.mapping(mapping, delta: 0).value)
      input = .object([
        JSONValue.Member("at", .integer(at)), JSONValue.Member("length", .integer(bytes.count)),
        JSONValue.Member("bytes", .string(ByteText.text(bytes))),
      ])
    case .maintain(let mapping, let at, let count, let operation):
      (name, subject) = ("maintain", Call.Address.mapping(mapping, delta: 0).value)
      input = .object([
        JSONValue.Member("at", .integer(at)), JSONValue.Member("length", .integer(count)),
        JSONValue.Member("operation", .string(operation.rawValue)),
      ])
    case .load(let mapping, let at, let count):
      (name, subject) = ("load", Call.Address.mapping(mapping, delta: 0).value)
      input = .object([
        JSONValue.Member("at", .integer(at)), JSONValue.Member("length", .integer(count)),
      ])
    }
  }

  private mutating func describe(_ call: IoctlCall) {
    name = call.layout?.name ?? "ioctl"
    subject = call.descriptor.value
    if call.layout?.request != call.request { request = call.request }
    let structure = call.layout?.structure ?? .unknown
    switch call.argument {
    case .region(let region) where call.layout?.stringLimit == nil:
      var members = RegionWriter.members(of: structure, in: region, 0..<region.bytes.count)
      if region.bytes.count != call.request.size {
        members.append(JSONValue.Member("length", .integer(region.bytes.count)))
      }
      if region.isCutOff { members.append(JSONValue.Member("cut_off", .bool(true))) }
      input = .object(members)
    default:
      let target = call.layout?.stringLimit.map { PointerTarget.string(limit: $0) }
      input = RegionWriter.value(of: call.argument, PointerExtent(target: target))
    }
  }

  /// The call's members in a trace.
  var members: [JSONValue.Member] {
    var members = [JSONValue.Member("call", .string(name))]
    if let subject { members.append(JSONValue.Member("on", subject)) }
    if let request { members.append(JSONValue.Member("request", .string(request.digits))) }
    if input != .object([]) { members.append(JSONValue.Member("in", input)) }
    return members
  }

  /// The call in one line: `PANTHOR_BO_CREATE(fd 1, size=4096 flags=WB_MMAP)`.
  var text: String {
    var arguments: [String] = []
    if let subject { arguments.append(subject.text) }
    if let request { arguments.append("request=\(request.digits)") }
    switch input {
    case .object(let members) where input.text.hasPrefix("{"):
      if !members.isEmpty { arguments.append(JSONValue.text(members)) }
    default: arguments.append(input.text)
    }
    return "\(name)(\(arguments.joined(separator: ", ")))"
  }
}

/// The parts of a printed outcome of a call.
struct DescribedOutcome {
  private let result: JSONValue
  private var output: [JSONValue.Member] = []

  init(_ recorded: RecordedCall) {
    let outcome = recorded.outcome
    let text = recorded.call.resultText(outcome.result)
    result = Int64(text).map { .integer($0) } ?? .string(text)
    switch recorded.call {
    case .ioctl(let call): output = OutcomeParts(outcome, of: call).members(after: call)
    case .load where !outcome.isFailure:
      output = [JSONValue.Member("bytes", .string(ByteText.text(outcome.bytes)))]
    default: break
    }
  }

  /// The outcome's members in a trace.
  var members: [JSONValue.Member] {
    let result = [JSONValue.Member("result", result)]
    return output.isEmpty ? result : result + [JSONValue.Member("out", .object(output))]
  }

  /// The outcome as after a call: `0 handle=1`.
  var text: String {
    output.isEmpty ? result.text : "\(result.text) \(JSONValue.text(output))"
  }
}

extension IoctlRequest {
  /// The request in hexadecimal digits.
  var digits: String { "0x" + String(rawValue, radix: 16) }
}

extension Call: CustomStringConvertible {
  /// The call in one line.
  public var description: String { DescribedCall(self).text }
}

extension RecordedCall: CustomStringConvertible {
  /// The call with its outcome, in one line.
  public var description: String { "\(call) = \(outcomeText)" }

  /// The outcome alone: `0 handle=1`.
  public var outcomeText: String { DescribedOutcome(self).text }
}
