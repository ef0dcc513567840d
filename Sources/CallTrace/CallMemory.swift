// SPDX-License-Identifier: MIT

/// The target of an address in a call.
public enum CallMemory: Hashable, Sendable {
  /// Address 0.
  case null
  /// A number that no process can have memory at: below 64 KiB, or 2^48 and above.
  case wild(UInt64)
  /// Memory of the caller.
  case region(CallRegion)

  /// Creates memory that holds a struct.
  public static func value<Value: BitwiseCopyable>(_ value: Value) -> CallMemory {
    .region(CallRegion(unsafe withUnsafeBytes(of: value) { unsafe Array($0) }))
  }

  /// The number of bytes in all regions.
  var byteCount: Int {
    guard case .region(let region) = self else { return 0 }
    return region.links.reduce(region.bytes.count) { count, link in
      if case .pointer(let memory) = link.target { count + memory.byteCount } else { count }
    }
  }

  /// Returns whether no process can have memory at an address.
  public static func isWild(_ address: UInt64) -> Bool {
    address < 0x1_0000 || address >= 1 << 48
  }
}

/// Bytes in the caller's memory, from an address on as far as the kernel may read.
public struct CallRegion: Hashable, Sendable {
  /// A number in the bytes that differs between runs; the bytes themselves are 0 there.
  public struct Link: Hashable, Sendable {
    /// In bytes from the start of the region.
    public var offset: Int
    public var target: Target

    /// Creates a link.
    public init(at offset: Int, _ target: Target) {
      self.offset = offset
      self.target = target
    }
  }

  /// The meaning of a linked number.
  public enum Target: Hashable, Sendable {
    /// An address of 8 bytes.
    case pointer(CallMemory)
    /// A descriptor of 4 bytes.
    case descriptor(Call.Descriptor)

    var width: Int {
      switch self {
      case .pointer: 8
      case .descriptor: 4
      }
    }
  }

  /// The greatest size of a region, in bytes.
  public static let limit = 256 * 1024

  /// The contents before the call.
  public var bytes: [UInt8]
  /// Whether the memory right after them is not accessible.
  public var isCutOff: Bool
  /// In ascending order, without overlaps.
  public var links: [Link]

  /// Creates a region.
  public init(_ bytes: [UInt8], isCutOff: Bool = false, links: [Link] = []) {
    self.bytes = bytes
    self.isCutOff = isCutOff
    self.links = links
  }

  /// Creates a region of an array, without gaps or with a stride.
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
