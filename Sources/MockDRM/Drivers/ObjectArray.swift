// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// panthor's strided arrays in client memory: `panthor_get_uobj_array`.
enum ObjectArray {
  /// Copies all elements before any of them is used.
  ///
  /// A longer stride needs a zero tail (E2BIG), a shorter one than the element is refused (EINVAL); an
  /// empty array is not looked at.
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
      // As in copy_struct_from_user, what is past the element is looked at before the element.
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
