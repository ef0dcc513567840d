// SPDX-License-Identifier: MIT

internal import DRM
internal import DRMKernel

/// A buffer of a script while it runs: its handle, mapping and dma-buf, as far as there are any.
final class LiveBuffer {
  /// Nil for an exporter's buffer, and after the close of the handle.
  private(set) var object: BufferObject?
  private(set) var mapping: BufferMapping?
  private(set) var dmaBuf: DMABuf?
  /// The handle's number, also after its close; 0 where there never was one.
  let handle: UInt32
  /// In bytes, as the kernel rounded it; 0 where only the dma-buf knows.
  let size: UInt64
  /// Where the GPU of its node sees it; 0 where nobody has asked yet.
  private(set) var gpuAddress: UInt64 = 0

  init(_ object: consuming BufferObject, dmaBuf: consuming DMABuf? = nil) {
    handle = object.handle.rawValue
    size = object.size
    self.object = consume object
    self.dmaBuf = dmaBuf
  }

  init(dmaBuf: consuming DMABuf) {
    handle = 0
    size = 0
    self.dmaBuf = consume dmaBuf
  }

  /// The dma-buf's, by which it is known where there is no handle.
  var descriptor: CInt? { dmaBuf?.descriptor }
  var isOpen: Bool { object != nil }
  /// Nil after its close.
  var openHandle: GEMHandle? { object?.handle }
  var isMapped: Bool { mapping != nil }
  var isShared: Bool { dmaBuf != nil }

  /// Maps it, once; answers false where it has neither handle nor dma-buf for that.
  func map(throughDMABuf: Bool) throws(DRMError) -> Bool {
    if mapping == nil {
      mapping = try throughDMABuf ? dmaBuf?.map() : object?.map()
    }
    return mapping != nil
  }

  func unmap() throws(DRMError) {
    guard let mapping = mapping.take() else { return }
    try mapping.unmap()
  }

  /// Closes the handle; an exporter's buffer has its dma-buf to close instead.
  func close() throws(DRMError) {
    if let object = object.take() { return try object.close() }
    if handle == 0, let dmaBuf = dmaBuf.take() { try dmaBuf.close() }
  }

  /// Exports it, once; answers false where the handle is closed.
  func export() throws(DRMError) -> Bool {
    guard let exported = try object?.export() else { return false }
    if dmaBuf == nil { dmaBuf = consume exported }
    return true
  }

  /// Imports it elsewhere; nil where it has no dma-buf or the node imports nothing.
  func importInto(_ node: OpenNode) throws(DRMError) -> LiveBuffer? {
    guard let copy = try dmaBuf?.duplicate(),
      let object = try node.node?.importUnprepared(from: copy)
    else { return nil }
    return LiveBuffer(object, dmaBuf: copy)
  }

  func bind(in vm: inout PanthorVM?, at address: UInt64) throws(DRMError) {
    switch object {
    case .some(let object): try vm?.map(0..<size, of: object, at: address)
    case .none: break
    }
    gpuAddress = address
  }

  /// Asks where the kernel has put it in the GPU's address space.
  func findGPUAddress() throws(DRMError) {
    gpuAddress = try object?.gpuOffset() ?? 0
  }

  /// Stores bytes into the mapping, and marks them for a model.
  func store(
    _ range: Range<UInt64>, for model: (any ModelledMachine)? = nil, _ byte: (UInt64) -> UInt8
  ) throws(DRMError) {
    try mapping?.store(range.map(byte), at: range.lowerBound)
    if let model { mapping?.markWritten(range, in: model) }
  }

  /// Loads bytes from the mapping, marked for a model.
  func load(
    _ range: Range<UInt64>, for model: (any ModelledMachine)? = nil
  ) throws(DRMError) -> [UInt8] {
    if let model { mapping?.markRead(range, in: model) }
    return try mapping?.withBytes(in: range) { bytes in
      unsafe bytes.withUnsafeBytes { unsafe Array($0) }
    } ?? []
  }
}
