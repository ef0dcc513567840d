// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import UAPILayouts

extension Call {
  /// Describes the first difference between two outcomes of this call in one line; nil for equal ones.
  ///
  /// - Parameter names: the names of the two sides.
  public func difference(
    _ first: CallOutcome, _ second: CallOutcome, names: (String, String) = ("first", "second")
  ) -> String? {
    guard first != second else { return nil }
    let (place, one, other) = place(first, second)
    return "\(place): \(names.0) \(one), \(names.1) \(other)"
  }

  private func place(
    _ first: CallOutcome, _ second: CallOutcome
  ) -> (place: String, first: String, second: String) {
    if first.result != second.result {
      return ("result", resultText(first.result), resultText(second.result))
    }
    if case .ioctl(let call) = self, let place = call.place(first, second) { return place }
    for (one, other) in zip(first.resources, second.resources) where one != other {
      return ("returned resource", "\(one)", "\(other)")
    }
    if first.resources.count != second.resources.count {
      return ("returned resources", "\(first.resources.count)", "\(second.resources.count)")
    }
    return Self.bytes("byte", first.bytes, second.bytes)
  }

  static func bytes(
    _ name: String, _ first: [UInt8], _ second: [UInt8]
  ) -> (place: String, first: String, second: String) {
    for index in first.indices where index < second.count && first[index] != second[index] {
      return (
        "\(name) \(index)", "0x" + String(first[index], radix: 16),
        "0x" + String(second[index], radix: 16)
      )
    }
    return ("\(name)s", "\(first.count)", "\(second.count)")
  }

  /// Returns a result as text: an errno's name, a number, or a resource such as `fd 3`.
  func resultText(_ result: Int64) -> String {
    if let errno = Errno(answer: result) { return "\(errno)" }
    switch self {
    case .open, .duplicate: return "fd \(result)"
    case .mmap: return "mapping \(result)"
    case .ioctl(let call) where call.layout?.returnsDescriptor == true: return "fd \(result)"
    default: return "\(result)"
    }
  }
}

extension IoctlCall {
  /// Returns the first field, or the first byte of a buffer, that differs.
  fileprivate func place(
    _ first: CallOutcome, _ second: CallOutcome
  ) -> (place: String, first: String, second: String)? {
    guard let layout else { return nil }
    let (one, other) = (OutcomeParts(first, of: self), OutcomeParts(second, of: self))
    for field in layout.structure.fields {
      let values = (one.text(of: field), other.text(of: field))
      if values.0 != values.1 {
        return ("\(name) \(field.name)", values.0 ?? "nothing", values.1 ?? "nothing")
      }
    }
    if one.argument != other.argument {
      return Call.bytes("\(name) argument byte", one.argument, other.argument)
    }
    for (index, buffer) in layout.outBuffers.enumerated()
    where one.buffers[index] != other.buffers[index] {
      let field = layout.structure.fields.first { $0.span == buffer.pointer }
      for content in buffer.layout(in: one.argument).fields {
        let (first, second) = (
          content.text(in: one.buffers[index]), content.text(in: other.buffers[index])
        )
        if first != second { return ("\(name) \(content.name)", first, second) }
      }
      return Call.bytes(
        "\(name) \(field?.name ?? "buffer") byte", one.buffers[index], other.buffers[index])
    }
    return nil
  }
}
