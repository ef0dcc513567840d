// SPDX-License-Identifier: MIT

/// What the fields beside a pointer say of the memory it leads to.
struct PointerExtent {
  /// Nil where nobody knows what the pointer is for.
  var target: PointerTarget?
  /// How many bytes there are; nil where the memory itself tells, as a string does.
  var count: Int?
  /// How far apart elements are, in bytes.
  var step = 1
  /// What a buffer holds; no fields where nobody knows.
  var contents = StructLayout([])

  /// Memory of which nothing is known.
  static let unknown = PointerExtent()

  /// - Parameter base: where the pointer's struct begins in `bytes`.
  init(_ target: PointerTarget, in bytes: [UInt8], at base: Int) {
    func number(_ span: FieldSpan) -> UInt64 {
      bytes.number(at: base + span.offset, span.width) ?? 0
    }
    self.target = target
    switch target {
    case .string: break
    case .bytes(let length, let unit, _, let contents):
      let (total, overflow) = Int(clamping: number(length))
        .multipliedReportingOverflow(by: unit)
      count = overflow ? .max : total
      if let contents { self.contents = contents.layout(selectedBy: number(contents.selector)) }
    case .array(let stride, let elements, _):
      switch stride {
      case .fixed(let size): step = size
      case .field(let span): step = Int(clamping: number(span))
      }
      let (total, overflow) = Int(clamping: number(elements))
        .multipliedReportingOverflow(by: step)
      count = overflow ? .max : total
    }
  }

  init(target: PointerTarget? = nil) {
    self.target = target
  }
}
