// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// The descriptors of a mock kernel.
///
/// Each number is a descriptor of the host too, so that no real file has the same number and EMFILE comes from
/// the host's limit.
final class DescriptorTable {
  /// The open file description of a descriptor.
  enum Description {
    case node(MockFile)
    case dmaBuf(MockDMABuf)
    /// A sync file with its fences.
    case syncFile([MockFence])
    /// `/dev/dma_heap/system`.
    case heap
    /// `/dev/udmabuf`.
    case udmabuf
  }

  private var descriptions: [CInt: Description] = [:]

  /// Closes all descriptors.
  func removeAll() {
    for descriptor in descriptions.keys { _ = cdrm_close(descriptor) }
    descriptions.removeAll()
  }

  var count: Int { descriptions.count }

  subscript(descriptor: CInt) -> Description? { descriptions[descriptor] }

  /// Reserves a number without a description: `get_unused_fd_flags`.
  func reserve() throws(Errno) -> CInt {
    let descriptor = cdrm_reserve_descriptor()
    if let errno = Errno(answer: descriptor) { throw errno }
    return descriptor
  }

  /// Frees a reserved number: `put_unused_fd`.
  func cancel(_ descriptor: CInt) {
    _ = cdrm_close(descriptor)
  }

  /// Sets the description of a reserved number: `fd_install`.
  func install(_ description: Description, at descriptor: CInt) {
    descriptions[descriptor] = description
  }

  /// Adds a description and returns its new descriptor.
  func insert(_ description: Description) throws(Errno) -> CInt {
    let descriptor = try reserve()
    install(description, at: descriptor)
    return descriptor
  }

  /// Closes a descriptor; the description is released with its last descriptor.
  func remove(_ descriptor: CInt) throws(Errno) {
    guard descriptions.removeValue(forKey: descriptor) != nil else { throw .EBADF }
    _ = cdrm_close(descriptor)
  }

  /// Returns the dma-buf of a descriptor; throws EBADF, or EINVAL for another file: `dma_buf_get`.
  func dmaBuf(_ descriptor: CInt) throws(Errno) -> MockDMABuf {
    switch descriptions[descriptor] {
    case .dmaBuf(let dmaBuf): return dmaBuf
    case .node, .syncFile, .heap, .udmabuf: throw .EINVAL
    case nil: throw cdrm_descriptor_is_open(descriptor) ? .EINVAL : .EBADF
    }
  }

  /// Returns the fences of a sync file, or throws EINVAL: `sync_file_get_fence`.
  func fences(ofSyncFile descriptor: CInt) throws(Errno) -> [MockFence] {
    guard case .syncFile(let fences) = descriptions[descriptor] else { throw .EINVAL }
    return fences
  }
}
