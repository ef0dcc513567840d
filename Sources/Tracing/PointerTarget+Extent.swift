// SPDX-License-Identifier: MIT

extension PointerTarget {
  /// How many bytes the fields beside the pointer say there are, and how far apart elements are.
  ///
  /// - Parameter base: where the pointer's struct begins in `bytes`.
  func extent(in bytes: [UInt8], at base: Int) -> (count: Int?, step: Int) {
    func number(_ span: FieldSpan) -> Int {
      Int(clamping: bytes.number(at: base + span.offset, span.width) ?? 0)
    }
    switch self {
    case .string: return (nil, 1)
    case .bytes(let length, _): return (number(length), 1)
    case .array(let stride, let count, _):
      let step =
        switch stride {
        case .fixed(let size): size
        case .field(let span): number(span)
        }
      let (total, overflow) = number(count).multipliedReportingOverflow(by: step)
      return (overflow ? .max : total, step)
    }
  }
}
