// SPDX-License-Identifier: MIT

/// One field of a struct in the caller's memory.
public struct LayoutField: Hashable, Sendable {
  /// Whether the kernel reads a field, writes it, or does both.
  public enum Direction: Hashable, Sendable {
    case input
    case output
    case both
  }

  /// A name space of a file; each counts its numbers separately.
  public enum HandleSpace: Hashable, Sendable {
    case gem
    case syncobj
    case vm
    case fence
    /// panfrost's job contexts.
    case context
    /// panthor's groups of queues.
    case group
  }

  /// The meaning of a field's number, which decides how two runs compare.
  public enum Kind: Hashable, Sendable {
    /// A number with the same value in every run.
    case value
    /// A handle of the file; it too has the same value in every run.
    case handle(HandleSpace)
    /// A descriptor; compared by order of appearance.
    case descriptor
    /// A fake mmap offset; compared by order of appearance.
    case fakeOffset
    /// An address in the device's address space; compared by order of appearance.
    case gpuAddress
    /// The time on CLOCK_MONOTONIC at which a wait ends; recorded as the time until then.
    case deadline
    /// An address in the caller's memory; compared by the bytes at that address.
    case pointer(PointerTarget)
  }

  /// The kernel's name for the field; `ops.count` within a `drm_panthor_obj_array`.
  public let name: String
  /// The offset in its struct, in bytes.
  public let offset: Int
  /// The size in bytes: 1 to 8.
  public let width: Int
  public let isSigned: Bool
  public let direction: Direction
  public let kind: Kind
  /// The kernel's names for its bits or values.
  public let names: ValueNames

  /// The field's position in its struct.
  public var span: FieldSpan { FieldSpan(offset: offset, width: width) }

  public var isPointer: Bool {
    if case .pointer = kind { true } else { false }
  }
}

/// The position of a number in a struct.
public struct FieldSpan: Hashable, Sendable {
  /// In bytes from the start of the struct.
  public let offset: Int
  /// In bytes, 1 to 8.
  public let width: Int

  /// Creates a position.
  public init(offset: Int, width: Int) {
    self.offset = offset
    self.width = width
  }

  /// The offset of the first byte after the number.
  public var end: Int { offset + width }
}

/// The target of a pointer in a struct.
public enum PointerTarget: Hashable, Sendable {
  /// An array; its count, and for `drm_panthor_obj_array` its stride, are fields of the same struct.
  case array(stride: ArrayStride, count: FieldSpan, element: StructLayout)
  /// A buffer; its length is a field of the same struct, in units of `unit` bytes.
  case bytes(length: FieldSpan, unit: Int, LayoutField.Direction, BufferContents?)
  /// A string of at most `limit` bytes with its NUL.
  case string(limit: Int)
}

/// The layouts of a buffer's contents, selected by a field beside its pointer.
public struct BufferContents: Hashable, Sendable {
  public let selector: FieldSpan
  let layouts: [UInt64: StructLayout]

  /// Returns the layout that a number selects; one without fields where it is unknown.
  public func layout(selectedBy number: UInt64) -> StructLayout {
    layouts[number] ?? .unknown
  }
}

/// The distance between the elements of an array.
public enum ArrayStride: Hashable, Sendable {
  case fixed(Int)
  case field(FieldSpan)
}
