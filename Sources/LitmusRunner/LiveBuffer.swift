// SPDX-License-Identifier: MIT

internal import DRM
internal import DRMKernel

/// A buffer of a running script: its handle, mapping and dma-buf, as far as they exist.
final class LiveBuffer {
  /// Nil for an exporter's buffer, and after the close of the handle.
  private(set) var object: BufferObject?
  private(set) var mapping: BufferMapping?
  private(set) var dmaBuf: DMABuf?
  /// The handle's number, also after its close; 0 for an exporter's buffer.
  let handle: UInt32
  /// The size in bytes, as the kernel rounded it; 0 for an exporter's buffer.
  let size: UInt64
  /// Its address in the GPU's address space; 0 before ``OpenNode/bind(_:)``.
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

  /// The descriptor of its dma-buf, which names it to a model where there is no handle.
  var descriptor: CInt? { dmaBuf?.descriptor }
  var isOpen: Bool { object != nil }
  /// Nil after its close.
  var openHandle: GEMHandle? { object?.handle }
  var isMapped: Bool { mapping != nil }
  var isShared: Bool { dmaBuf != nil }

  /// Maps it, once; returns false where it lacks the handle or dma-buf for that.
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

  /// Closes the handle; for an exporter's buffer, the dma-buf.
  func close() throws(DRMError) {
    if let object = object.take() { return try object.close() }
    if handle == 0, let dmaBuf = dmaBuf.take() { try dmaBuf.close() }
  }

  /// Exports it, once; returns false where the handle is closed.
  func export() throws(DRMError) -> Bool {
    guard let exported = try object?.export() else { return false }
    if dmaBuf == nil { dmaBuf = consume exported }
    return true
  }

  /// Imports it into another node; nil where it has no dma-buf or the node cannot import.
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

  /// Queries its address in the GPU's address space, which the kernel chose.
  func findGPUAddress() throws(DRMError) {
    gpuAddress = try object?.gpuOffset() ?? 0
  }

  /// Flushes and invalidates its mapping, as memory of a job itself.
  func maintainOwn() { mapping?.maintainOwn() }

  /// Stores bytes into the mapping, and marks them for a model.
  func store(
    _ bytes: [UInt8], at offset: UInt64, for model: (any ModelledMachine)? = nil
  ) throws(DRMError) {
    try mapping?.store(bytes, at: offset)
    if let model { mapping?.markWritten(offset..<offset + UInt64(bytes.count), in: model) }
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
