// SPDX-License-Identifier: MIT

internal import DRMKernel

/// An ioctl's answer taken apart again: the argument, and each buffer that was written.
struct AnswerParts {
  private(set) var argument: [UInt8] = []
  /// As many as the layout has.
  private(set) var buffers: [[UInt8]] = []
  private(set) var gifts: [FieldSpan: Gift] = [:]

  init(_ answer: Answer, of call: IoctlCall) {
    let size = call.argumentSize
    argument = Array(answer.bytes.prefix(size))
    guard let layout = call.layout else { return }
    var rest = answer.bytes.dropFirst(size)
    for buffer in layout.outBuffers {
      let count = call.count(of: buffer, argument, isFailure: answer.isFailure)
      buffers.append(Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    var left = answer.gifts[...]
    for field in layout.gifts where left.first?.kind == field.kind {
      gifts[field.span] = left.removeFirst()
    }
  }

  /// A field in words: what was given there, or its number; nil where the argument ends before.
  func text(of field: LayoutField) -> String? {
    if let gift = gifts[field.span] { return gift.description }
    return argument.number(field.span) == nil ? nil : field.words(in: argument)
  }
}

extension IoctlCall {
  /// How many bytes of the argument the kernel may look at.
  var argumentSize: Int {
    guard case .region(let region) = argument else { return 0 }
    let whole = layout?.stringLimit == nil && !region.isCutOff ? request.size : 0
    return max(region.bytes.count, whole)
  }

  /// How many bytes lie behind a pointer of the argument.
  func room(behind buffer: OutBuffer) -> Int {
    guard case .region(let argument) = argument,
      let link = argument.links.first(where: { $0.offset == buffer.pointer.offset }),
      case .pointer(.region(let region)) = link.target
    else { return 0 }
    return region.bytes.count
  }
}

extension Gift: CustomStringConvertible {
  /// Which one it is: `fd 3`.
  public var description: String {
    switch kind {
    case .descriptor: "fd \(number)"
    case .fakeOffset: "offset \(number)"
    case .gpuAddress: "gpu address \(number)"
    }
  }
}
