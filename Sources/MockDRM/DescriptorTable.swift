// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// The descriptors a mock kernel gave out.
///
/// Each number is reserved with the host, so that it is never also a real file's, and running out of
/// descriptors is the host's EMFILE.
final class DescriptorTable {
  /// What a descriptor names.
  enum Description {
    case node(MockFile)
    case dmaBuf(MockDMABuf)
    /// A sync file, with the fences it is made of.
    case syncFile([MockFence])
    /// The system heap's device file, and udmabuf's.
    case heap
    case udmabuf
  }

  private var descriptions: [CInt: Description] = [:]

  /// Forgets every number.
  func removeAll() {
    for descriptor in descriptions.keys { _ = cdrm_close(descriptor) }
    descriptions.removeAll()
  }

  var count: Int { descriptions.count }

  subscript(descriptor: CInt) -> Description? { descriptions[descriptor] }

  /// Takes a number before it is known what it will name: `get_unused_fd_flags`.
  func reserve() throws(Errno) -> CInt {
    let descriptor = cdrm_reserve_descriptor()
    if let errno = Errno(answer: descriptor) { throw errno }
    return descriptor
  }

  /// Gives a number back that came to name nothing.
  func cancel(_ descriptor: CInt) {
    _ = cdrm_close(descriptor)
  }

  /// Makes a reserved number name a description.
  func install(_ description: Description, at descriptor: CInt) {
    descriptions[descriptor] = description
  }

  /// Names a description with a new number.
  func insert(_ description: Description) throws(Errno) -> CInt {
    let descriptor = try reserve()
    install(description, at: descriptor)
    return descriptor
  }

  /// Forgets a number; the description ends with its last one.
  func remove(_ descriptor: CInt) throws(Errno) {
    guard descriptions.removeValue(forKey: descriptor) != nil else { throw .EBADF }
    _ = cdrm_close(descriptor)
  }

  /// Answers the dma-buf a number names: EBADF where it names nothing, EINVAL where something else.
  func dmaBuf(_ descriptor: CInt) throws(Errno) -> MockDMABuf {
    switch descriptions[descriptor] {
    case .dmaBuf(let dmaBuf): return dmaBuf
    case .node, .syncFile, .heap, .udmabuf: throw .EINVAL
    case nil: throw cdrm_descriptor_is_open(descriptor) ? .EINVAL : .EBADF
    }
  }

  /// Answers what a sync file waits for, or EINVAL where a number names none.
  func fences(ofSyncFile descriptor: CInt) throws(Errno) -> [MockFence] {
    guard case .syncFile(let fences) = descriptions[descriptor] else { throw .EINVAL }
    return fences
  }
}
