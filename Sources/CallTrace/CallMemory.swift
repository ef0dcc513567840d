// SPDX-License-Identifier: MIT

internal import CDRM

/// What an address in a call leads to.
public enum CallMemory: Hashable, Sendable {
  /// Address 0.
  case null
  /// A number that is no address of any process: in the first 64 KiB, or not within 2^48.
  case wild(UInt64)
  /// Memory of the caller's.
  case region(CallRegion)

  /// A struct, as it lies in memory.
  public static func value<Value: BitwiseCopyable>(_ value: Value) -> CallMemory {
    .region(CallRegion(unsafe withUnsafeBytes(of: value) { unsafe Array($0) }))
  }

  /// Whether no process can have memory at an address, whatever it mapped.
  public static func isWild(_ address: UInt64) -> Bool {
    address < 0x1_0000 || address >= 1 << 48
  }
}

/// Bytes in the caller's memory, from an address on as far as the kernel may look.
public struct CallRegion: Hashable, Sendable {
  /// A place in the bytes that holds a number only one run has; the bytes themselves are 0 there.
  public struct Link: Hashable, Sendable {
    /// In bytes from the region's begin.
    public var offset: Int
    public var target: Target

    /// Creates a link.
    public init(at offset: Int, _ target: Target) {
      self.offset = offset
      self.target = target
    }
  }

  /// What stands at a link.
  public enum Target: Hashable, Sendable {
    /// An address, in 8 bytes.
    case pointer(CallMemory)
    /// A descriptor, in 4 bytes.
    case descriptor(Call.Descriptor)

    var width: Int {
      switch self {
      case .pointer: 8
      case .descriptor: 4
      }
    }
  }

  /// The most bytes that one region has.
  public static let limit = 256 * 1024

  /// What they held before the call.
  public var bytes: [UInt8]
  /// Whether what comes right after them cannot be read or written.
  public var isCutOff: Bool
  /// Ascending, and not touching each other.
  public var links: [Link]

  /// Creates a region.
  public init(_ bytes: [UInt8], isCutOff: Bool = false, links: [Link] = []) {
    self.bytes = bytes
    self.isCutOff = isCutOff
    self.links = links
  }

  /// Creates a region of several structs, side by side or at a stride.
  public init<Element: BitwiseCopyable>(elements: [Element], stride: Int? = nil) {
    let size = MemoryLayout<Element>.size
    let stride = stride ?? size
    var bytes: [UInt8] = []
    for element in elements {
      unsafe withUnsafeBytes(of: element) { source in
        for index in 0..<stride { unsafe bytes.append(index < size ? source[index] : 0) }
      }
    }
    self.init(bytes)
  }
}
