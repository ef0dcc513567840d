// SPDX-License-Identifier: MIT

/// One field of a struct in the caller's memory.
public struct LayoutField: Hashable, Sendable {
  /// Which way a field goes, as the interface means it.
  public enum Direction: Hashable, Sendable {
    case input
    case output
    case both
  }

  /// The numbers that a file gives names from; each space counts by itself.
  public enum HandleSpace: Hashable, Sendable {
    case gem
    case syncobj
    case vm
    case fence
    /// panfrost's contexts for jobs.
    case context
    /// panthor's groups of queues.
    case group
  }

  /// What a field's number means, and so how it compares between two runs.
  public enum Kind: Hashable, Sendable {
    /// A number that is the same in every run.
    case value
    /// A name within the file; the same in every run too.
    case handle(HandleSpace)
    /// A descriptor: only which one it is compares.
    case descriptor
    /// A fake mmap offset: only which one it is compares.
    case fakeOffset
    /// An address in the device's own address space: only which one it is compares.
    case gpuAddress
    /// A moment on the clock until which the caller waits; written down as the time until then.
    case deadline
    /// An address in the caller's memory: only what is there compares.
    case pointer(PointerTarget)
  }

  /// The kernel's name for it; `ops.count` within an array's description.
  public let name: String
  /// Where it begins in its struct, in bytes.
  public let offset: Int
  /// How many bytes it takes: 1 to 8.
  public let width: Int
  public let isSigned: Bool
  public let direction: Direction
  public let kind: Kind
  /// What its bits or its values are called, for people.
  public let words: FieldWords

  /// Where it stands in its struct.
  public var span: FieldSpan { FieldSpan(offset: offset, width: width) }
}

/// Where a number stands in a struct.
public struct FieldSpan: Hashable, Sendable {
  /// In bytes from the struct's begin.
  public let offset: Int
  /// In bytes, 1 to 8.
  public let width: Int

  var end: Int { offset + width }
}

/// What a field's numbers are called.
public enum FieldWords: Hashable, Sendable {
  case none
  /// Hexadecimal digits.
  case digits
  /// Names by bit.
  case flags([Int: String])
  /// Names by value.
  case values([Int: String])
}

/// What a pointer in a struct leads to.
public enum PointerTarget: Hashable, Sendable {
  /// An array whose length, and perhaps stride, stand beside the pointer: `drm_panthor_obj_array`.
  case array(stride: ArrayStride, count: FieldSpan, element: StructLayout)
  /// As much as a field beside the pointer says, in units of some bytes.
  case bytes(length: FieldSpan, unit: Int, LayoutField.Direction, BufferContents?)
  /// A string with its NUL within `limit` bytes.
  case string(limit: Int)
}

/// What a buffer holds, by the number in a field beside its pointer.
public struct BufferContents: Hashable, Sendable {
  public let selector: FieldSpan
  let layouts: [UInt64: StructLayout]

  /// Answers the struct that a number selects; one without fields where nobody knows it.
  public func layout(selectedBy number: UInt64) -> StructLayout {
    layouts[number] ?? StructLayout([])
  }
}

/// How far apart the elements of an array are.
public enum ArrayStride: Hashable, Sendable {
  case fixed(Int)
  case field(FieldSpan)
}
