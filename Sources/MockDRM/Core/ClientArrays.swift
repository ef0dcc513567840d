// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// Arrays of handles in client memory: panfrost's BOs and syncobjs.
enum ClientArray {
  /// Copies an array of 32-bit numbers in.
  static func words(_ address: UInt64, count: UInt32) throws(Errno) -> [UInt32] {
    guard count > 0 else { return [] }
    // The kernel does not allocate more than INT_MAX bytes at once.
    let size = Int(count) * 4
    guard size <= Int(Int32.max) else { throw .ENOMEM }
    let bytes = try ClientMemory.readBytes(address, count: size)
    return stride(from: 0, to: size, by: 4).map { index in
      bytes[index..<index + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
  }
}

/// panthor's strided arrays in client memory: `panthor_get_uobj_array`.
enum ObjectArray {
  /// Copies all elements in.
  ///
  /// A stride below the size of an element is EINVAL; with a larger stride the rest must be zero, else E2BIG. The
  /// stride and address of an empty array are not checked.
  static func copy<Element: BitwiseCopyable>(
    _ array: cdrm_panthor_obj_array,
    of type: Element.Type
  ) throws(Errno) -> [Element] {
    let size = MemoryLayout<Element>.size
    let count = Int(array.count)
    guard count > 0 else { return [] }
    guard Int(array.stride) >= size else { throw .EINVAL }
    // The kernel does not allocate more than INT_MAX bytes at once.
    guard count * size <= Int(Int32.max) else { throw .ENOMEM }
    var elements: [Element] = []
    for index in 0..<count {
      let (address, overflow) = array.array
        .addingReportingOverflow(UInt64(index) * UInt64(array.stride))
      guard !overflow else { throw .EFAULT }
      // copy_struct_from_user checks the bytes after the element before it copies the element.
      guard try ClientMemory.isZero(address &+ UInt64(size), count: Int(array.stride) - size) else {
        throw .E2BIG
      }
      let bytes = try ClientMemory.readBytes(address, count: size)
      elements.append(
        unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(as: Element.self) })
    }
    return elements
  }
}
