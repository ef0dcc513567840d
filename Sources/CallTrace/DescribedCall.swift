// SPDX-License-Identifier: MIT

internal import DRMKernel

/// A call and its answer in the words of a trace: what a line of it holds, and what a person reads.
struct DescribedCall {
  var name = ""
  /// What it was made on: a descriptor or a mapping.
  var subject: TraceValue?
  /// An ioctl's request, where it is not the one that its name stands for.
  var request: IoctlRequest?
  var input: TraceValue = .object([])
  var result: TraceValue
  var output: [TraceValue.Member] = []

  init(_ call: Call, _ answer: Answer) {
    let text = call.resultText(answer.result)
    result = Int64(text).map { .integer($0) } ?? .string(text)
    switch call {
    case .open(let path, let flags):
      name = "open"
      input = .object([
        TraceValue.Member("path", .string(path)), TraceValue.Member("flags", .integer(flags)),
      ])
    case .close(let descriptor): (name, subject) = ("close", descriptor.value)
    case .ioctl(let call): describe(call, answer)
    case .mmap(let length, let protection, let flags, let descriptor, let offset):
      (name, subject) = ("mmap", descriptor.value)
      input = .object([
        TraceValue.Member("length", .integer(length)),
        TraceValue.Member("protection", .integer(protection)),
        TraceValue.Member("flags", .integer(flags)), TraceValue.Member("offset", offset.value),
      ])
    case .munmap(let address, let length):
      (name, subject) = ("munmap", address.value)
      input = .object([TraceValue.Member("length", .integer(length))])
    case .lseek(let descriptor, let offset, let whence):
      (name, subject) = ("lseek", descriptor.value)
      input = .object([
        TraceValue.Member("offset", .integer(offset)),
        TraceValue.Member("whence", .integer(whence)),
      ])
    case .poll(let descriptor, let events, let milliseconds):
      (name, subject) = ("poll", descriptor.value)
      input = .object([
        TraceValue.Member("events", .integer(events)),
        TraceValue.Member("milliseconds", .integer(milliseconds)),
      ])
    case .duplicate(let descriptor): (name, subject) = ("dup", descriptor.value)
    case .store(let mapping, let at, let bytes):
      (name, subject) = ("store", Call.Address.mapping(mapping, delta: 0).value)
      input = .object([
        TraceValue.Member("at", .integer(at)), TraceValue.Member("length", .integer(bytes.count)),
        TraceValue.Member("bytes", .string(ByteText.text(bytes))),
      ])
    case .load(let mapping, let at, let count):
      (name, subject) = ("load", Call.Address.mapping(mapping, delta: 0).value)
      input = .object([
        TraceValue.Member("at", .integer(at)), TraceValue.Member("length", .integer(count)),
      ])
      if !answer.isFailure {
        output = [TraceValue.Member("bytes", .string(ByteText.text(answer.bytes)))]
      }
    }
  }

  private mutating func describe(_ call: IoctlCall, _ answer: Answer) {
    name = call.layout?.name ?? "ioctl"
    subject = call.descriptor.value
    if call.layout?.request != call.request { request = call.request }
    let structure = call.layout?.structure ?? StructLayout([])
    switch call.argument {
    case .region(let region) where call.layout?.stringLimit == nil:
      var members = RegionWriter.members(of: structure, in: region, 0..<region.bytes.count)
      if region.bytes.count != call.request.size {
        members.append(TraceValue.Member("length", .integer(region.bytes.count)))
      }
      if region.isCutOff { members.append(TraceValue.Member("cut_off", .bool(true))) }
      input = .object(members)
    default:
      let target = call.layout?.stringLimit.map { PointerTarget.string(limit: $0) }
      input = RegionWriter.value(of: call.argument, PointerExtent(target: target))
    }
    output = AnswerParts(answer, of: call).members(after: call)
  }

  /// As a person reads it: `PANTHOR_BO_CREATE(fd 1, size=4096 flags=WB_MMAP) = 0 handle=1`.
  var text: String {
    var arguments: [String] = []
    if let subject { arguments.append(subject.words) }
    if let request { arguments.append("request=\(request.words)") }
    switch input {
    case .object(let members) where input.words.hasPrefix("{"):
      if !members.isEmpty { arguments.append(TraceValue.words(members)) }
    default: arguments.append(input.words)
    }
    let outputs = output.isEmpty ? "" : " " + TraceValue.words(output)
    return "\(name)(\(arguments.joined(separator: ", "))) = \(result.words)\(outputs)"
  }
}

extension IoctlRequest {
  /// In hexadecimal digits.
  var words: String { "0x" + String(rawValue, radix: 16) }
}

extension RecordedCall: CustomStringConvertible {
  /// As a person reads it, in one line.
  public var description: String { DescribedCall(call, answer).text }
}
