// SPDX-License-Identifier: MIT

internal import UAPILayouts

/// The extent of the memory behind a pointer, from the fields beside the pointer.
struct PointerExtent {
  /// The pointer's target; nil where it is unknown.
  var target: PointerTarget?
  /// The size in bytes; nil where the memory itself determines it, as a string does.
  var count: Int?
  /// The stride of an array, in bytes.
  var step = 1
  /// The layout of a buffer's contents.
  var contents = StructLayout.unknown

  /// The extent of memory of which nothing is known.
  static let unknown = PointerExtent()

  /// Creates an extent from the struct with the pointer, which starts at `base` in `bytes`.
  init(_ target: PointerTarget, in bytes: [UInt8], at base: Int) {
    func number(_ span: FieldSpan) -> UInt64 {
      bytes.number(at: base + span.offset, span.width) ?? 0
    }
    self.target = target
    switch target {
    case .string: break
    case .bytes(let length, let unit, _, let contents):
      count = Int(clamping: number(length)).saturatingMultiplied(by: unit)
      if let contents { self.contents = contents.layout(selectedBy: number(contents.selector)) }
    case .array(let stride, let elements, _):
      switch stride {
      case .fixed(let size): step = size
      case .field(let span): step = Int(clamping: number(span))
      }
      count = Int(clamping: number(elements)).saturatingMultiplied(by: step)
    }
  }

  init(target: PointerTarget? = nil) {
    self.target = target
  }
}
