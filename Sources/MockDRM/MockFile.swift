// SPDX-License-Identifier: MIT

internal import DRMKernel

/// One open file description of a mock node.
final class MockFile {
  /// Which of a device's nodes was opened.
  enum NodeKind {
    case primary
    case render
  }

  let device: MockDevice
  let kind: NodeKind
  let isReadable: Bool
  let isWritable: Bool
  /// What the driver keeps for each open file; only the driver's own files know what it is.
  let driverState: AnyObject
  private(set) var handles = HandleTable<MockBuffer>()
  private(set) var syncobjs = HandleTable<MockSyncobj>()
  // PRIME remembers which handle a dma-buf has in this file, in both directions.
  private var handleOfDMABuf: [ObjectIdentifier: UInt32] = [:]
  private var dmaBufOfHandle: [UInt32: MockDMABuf] = [:]
  // mmap permission: how many handles of this file name a BO.
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

  /// Names a BO in this file: `drm_gem_handle_create`, which asks the driver too.
  func insert(_ buffer: MockBuffer) throws(Errno) -> UInt32 {
    try device.driver.handleOpened(buffer, in: self)
    buffer.handleCount += 1
    holds[ObjectIdentifier(buffer), default: 0] += 1
    device.liveHandles += 1
    return handles.insert(buffer)
  }

  /// Forgets a handle: `drm_gem_handle_delete`, which answers EINVAL where others answer ENOENT.
  func close(_ handle: UInt32) throws(Errno) {
    guard let buffer = handles.remove(handle, reuse: !device.breaks(.handleReuse)) else {
      throw device.breaks(.closeErrno) ? .ENOENT : .EINVAL
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

  /// Answers the BO a handle names, or ENOENT: `drm_gem_object_lookup`.
  func buffer(_ handle: UInt32) throws(Errno) -> MockBuffer {
    guard let buffer = handles[handle] else { throw .ENOENT }
    return buffer
  }

  /// Whether this file may map a BO.
  func holds(_ buffer: MockBuffer) -> Bool {
    holds[ObjectIdentifier(buffer)] != nil
  }

  /// Answers the handle a dma-buf already has in this file.
  func handle(of dmaBuf: MockDMABuf) -> UInt32? {
    handleOfDMABuf[ObjectIdentifier(dmaBuf)]
  }

  /// Remembers which handle a dma-buf has in this file.
  func remember(_ dmaBuf: MockDMABuf, as handle: UInt32) {
    handleOfDMABuf[ObjectIdentifier(dmaBuf)] = handle
    dmaBufOfHandle[handle] = dmaBuf
  }

  /// Names a syncobj in this file.
  func insert(_ syncobj: MockSyncobj) -> UInt32 { syncobjs.insert(syncobj) }

  /// Forgets a syncobj: EINVAL where the number names none.
  func destroySyncobj(_ handle: UInt32) throws(Errno) {
    guard syncobjs.remove(handle) != nil else { throw .EINVAL }
  }
}
