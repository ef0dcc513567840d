// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel
internal import MockDRM
internal import Litmus

extension ScriptMachine {
  private static let readWriteProtection: CInt = 0x3
  private static let shared: CInt = 0x1
  // DRM_CLOEXEC and DRM_RDWR.
  private static let exportFlags: UInt32 = 0x80002

  /// Maps a whole buffer with MAP_SHARED; a new mapping replaces an earlier one.
  func map(_ buffer: Int, throughDMABuf: Bool) -> CInt {
    let node = nodes[script.buffers[buffer].node]
    var (descriptor, offset) = (node.descriptor, Int64(0))
    if !throughDMABuf, let driver = node.driver.drm {
      let (answer, place) = fakeOffset(buffer, node, driver)
      guard answer >= 0 else { return answer }
      offset = Int64(bitPattern: place)
    } else {
      descriptor = dmaBuf(of: buffer)
    }
    let length = Int(wholePages(script.buffers[buffer].size))
    let address = kernel.mmap(
      length: length, protection: Self.readWriteProtection, flags: Self.shared, descriptor,
      offset: offset)
    guard address >= 0 else { return CInt(truncatingIfNeeded: address) }
    mappings.append((address, length))
    buffers[buffer].address = address
    return 0
  }

  func unmap(_ buffer: Int) -> CInt {
    let address = buffers[buffer].address
    buffers[buffer].address = 0
    guard let index = mappings.firstIndex(where: { $0.address == address }) else { return 0 }
    return kernel.munmap(address, length: mappings.remove(at: index).length)
  }

  /// Closes the handle, if there is one; dma-bufs stay open.
  func close(_ buffer: Int) -> CInt {
    guard buffers[buffer].handle != 0 else { return 0 }
    // A mapping can outlive the handle, and its lines can still be evicted.
    if dmaBuf(of: buffer) < 0 { _ = export(buffer, as: \.witness) }
    var argument = cdrm_gem_close(handle: buffers[buffer].handle, pad: 0)
    buffers[buffer].handle = 0
    return call(
      nodes[script.buffers[buffer].node].descriptor, cdrm_request_gem_close, &argument)
  }

  /// Returns the dma-buf that a buffer was exported as or imported from; -1 where there is none.
  func dmaBuf(of buffer: Int) -> CInt {
    if buffers[buffer].dmaBuf >= 0 { return buffers[buffer].dmaBuf }
    guard case .imported(let source) = script.buffers[buffer].origin else { return -1 }
    return dmaBuf(of: source)
  }

  func export(_ buffer: Int) -> CInt {
    // A buffer of an exporter without handles is a dma-buf from the start.
    guard buffers[buffer].dmaBuf < 0 else { return 0 }
    return export(buffer, as: \.dmaBuf)
  }

  private func export(_ buffer: Int, as place: WritableKeyPath<OpenBuffer, CInt>) -> CInt {
    var argument = cdrm_prime_handle(
      handle: buffers[buffer].handle,
      flags: Self.exportFlags, fd: -1)
    let answer = call(
      nodes[script.buffers[buffer].node].descriptor, cdrm_request_prime_handle_to_fd, &argument)
    if answer >= 0 { buffers[buffer][keyPath: place] = argument.fd }
    return answer
  }

  func importBuffer(_ buffer: Int) -> CInt {
    guard case .imported(let source) = script.buffers[buffer].origin else {
      return Errno.EINVAL.answer
    }
    if dmaBuf(of: source) < 0 {
      let answer = export(source)
      guard answer >= 0 else { return answer }
    }
    var argument = cdrm_prime_handle(handle: 0, flags: 0, fd: dmaBuf(of: source))
    let answer = call(
      nodes[script.buffers[buffer].node].descriptor, cdrm_request_prime_fd_to_handle, &argument)
    guard answer >= 0 else { return answer }
    buffers[buffer].handle = argument.handle
    return bind(buffer)
  }

  /// Performs START or END on the dma-buf.
  func bracket(_ buffer: Int, _ type: ScriptAccessType, isEnd: Bool) -> CInt {
    let flags =
      switch type {
      case .read: CDRM_DMA_BUF_SYNC_READ
      case .write: CDRM_DMA_BUF_SYNC_WRITE
      case .readWrite: CDRM_DMA_BUF_SYNC_RW
      }
    var argument = cdrm_dma_buf_sync(
      flags: UInt64(flags | (isEnd ? CDRM_DMA_BUF_SYNC_END : CDRM_DMA_BUF_SYNC_START)))
    return call(dmaBuf(of: buffer), cdrm_request_dma_buf_sync, &argument)
  }
}
