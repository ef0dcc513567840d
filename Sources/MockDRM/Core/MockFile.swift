// SPDX-License-Identifier: MIT

internal import DRMKernel

/// One open file description of a mock node.
final class MockFile {
  /// The kind of node that was opened.
  enum NodeKind {
    case primary
    case render
  }

  let device: MockDevice
  let kind: NodeKind
  let isReadable: Bool
  let isWritable: Bool
  /// The driver's state for this file: `drm_file.driver_priv`.
  let driverState: AnyObject
  private(set) var handles = HandleTable<MockBuffer>()
  private(set) var syncobjs = HandleTable<MockSyncobj>()
  // The handle of each dma-buf in this file, in both directions: struct drm_prime_file_private.
  private var handleOfDMABuf: [ObjectIdentifier: UInt32] = [:]
  private var dmaBufOfHandle: [UInt32: MockDMABuf] = [:]
  // The number of handles of each BO in this file, which permit mmap: drm_vma_node_allow.
  private var holds: [ObjectIdentifier: Int] = [:]

  init(of device: MockDevice, kind: NodeKind, isReadable: Bool, isWritable: Bool) {
    self.device = device
    self.kind = kind
    self.isReadable = isReadable
    self.isWritable = isWritable
    driverState = device.driver.makeFileState()
    device.liveFiles += 1
  }

  deinit {
    device.driver.fileClosed(self)
    for handle in handles.numbers { try? close(handle) }
    device.liveFiles -= 1
  }

  /// Creates a handle of a BO and calls the driver's `open` hook: `drm_gem_handle_create_tail`.
  func insert(_ buffer: MockBuffer) throws(Errno) -> UInt32 {
    try device.driver.handleOpened(buffer, in: self)
    buffer.handleCount += 1
    holds[ObjectIdentifier(buffer), default: 0] += 1
    device.liveHandles += 1
    return handles.insert(buffer)
  }

  /// Deletes a handle: `drm_gem_handle_delete`; throws EINVAL, not ENOENT, where there is none.
  func close(_ handle: UInt32) throws(Errno) {
    guard let buffer = handles.remove(handle, reuse: !device.injects(.handleReuse)) else {
      throw device.injects(.closeErrno) ? .ENOENT : .EINVAL
    }
    device.liveHandles -= 1
    if let dmaBuf = dmaBufOfHandle.removeValue(forKey: handle) {
      handleOfDMABuf[ObjectIdentifier(dmaBuf)] = nil
    }
    device.driver.handleClosed(buffer, in: self)
    let key = ObjectIdentifier(buffer)
    let left = holds[key, default: 1] - 1
    holds[key] = left > 0 ? left : nil
    buffer.handleCount -= 1
  }

  /// Returns the BO of a handle, or throws ENOENT: `drm_gem_object_lookup`.
  func buffer(_ handle: UInt32) throws(Errno) -> MockBuffer {
    guard let buffer = handles[handle] else { throw .ENOENT }
    return buffer
  }

  /// Whether this file has a handle of a BO, and so may map it: `drm_vma_node_is_allowed`.
  func holds(_ buffer: MockBuffer) -> Bool {
    holds[ObjectIdentifier(buffer)] != nil
  }

  /// Returns the handle that a dma-buf has in this file; nil without one.
  func handle(of dmaBuf: MockDMABuf) -> UInt32? {
    handleOfDMABuf[ObjectIdentifier(dmaBuf)]
  }

  /// Records the handle of a dma-buf in this file: `drm_prime_add_buf_handle`.
  func remember(_ dmaBuf: MockDMABuf, as handle: UInt32) {
    handleOfDMABuf[ObjectIdentifier(dmaBuf)] = handle
    dmaBufOfHandle[handle] = dmaBuf
  }

  /// Creates a handle of a syncobj.
  func insert(_ syncobj: MockSyncobj) -> UInt32 { syncobjs.insert(syncobj) }

  /// Deletes the handle of a syncobj; throws EINVAL where there is none.
  func destroySyncobj(_ handle: UInt32) throws(Errno) {
    guard syncobjs.remove(handle) != nil else { throw .EINVAL }
  }
}

extension MockFile {
  /// Performs an ioctl in the order of `drm_ioctl`: type, table, copy in, permission, handler, copy out.
  ///
  /// Type and number alone select the handler. Size and direction are the caller's: the handler reads zeroes
  /// past the end of a shorter argument, and bytes past the end of a known argument are returned unchanged.
  func ioctl(_ request: IoctlRequest, argument address: UInt64) throws(Errno) {
    guard request.type == UInt8(ascii: "d") else { throw .ENOTTY }
    guard let entry = device.driver.entry(request.number),
      !CoreIoctls.isMissing(request.number, in: device.profile.kernel)
    else { throw .EINVAL }
    let known = entry.request
    let inSize = request.isIn && known.isIn ? request.size : 0
    let outSize = request.isOut && known.isOut ? request.size : 0
    // UInt64 elements align the argument as in the kernel.
    var copy = [UInt64](repeating: 0, count: (max(request.size, known.size) + 7) / 8)
    try unsafe copy.withUnsafeMutableBufferPointer { words throws(Errno) in
      let bytes = UnsafeMutableRawBufferPointer(words)
      try unsafe ClientMemory.read(
        address,
        into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<inSize])
      )
      if kind == .render, !entry.isRenderAllowed { throw .EACCES }
      var failure: Errno?
      do throws(Errno) {
        try unsafe entry.handler(self, bytes)
      } catch {
        failure = error
      }
      if let failure, device.injects(.copyOut) { throw failure }
      // drm_ioctl copies the argument out after a failure too; EFAULT here replaces the handler's errno.
      try unsafe ClientMemory.write(
        address,
        from: UnsafeRawBufferPointer(rebasing: bytes[..<outSize])
      )
      if let failure { throw failure }
    }
  }
}
