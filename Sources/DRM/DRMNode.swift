// SPDX-License-Identifier: MIT

public import DRMDrivers
public import DRMKernel
internal import CDRM

/// An open DRM node of a driver this client knows: creates and imports BOs, and syncs them.
///
/// Owns its descriptor together with the BOs it made; the last of them closes it.
public struct DRMNode: ~Copyable, Sendable {
  let file: DRMFile
  let driver: any Driver

  /// Who answers at the node.
  public let identity: DriverIdentity
  /// Whether the device snoops CPU caches, and where that is known from.
  public let coherency: Coherency

  /// Opens a node and identifies its driver.
  ///
  /// - Parameters:
  ///   - path: a render or primary node, such as `/dev/dri/renderD128`.
  ///   - kernel: who answers; this process's own kernel unless told otherwise.
  ///   - dialect: how that kernel reads sync operations, which it cannot be asked.
  /// - Throws: EACCES or ENOENT from `open(2)`; `notADRMNode`; `unknownDriver`.
  public init(
    path: String, kernel: Kernel = .host, dialect: SyncDialect = .merged
  ) throws(DRMError) {
    let file = try DRMFile(path: path, flags: OpenFlags.readWrite, kernel: kernel)
    let identity = try file.identify()
    guard let driver = DriverRegistry.driver(for: identity, dialect) else {
      throw DRMError(operation: .open, reason: .unknownDriver(identity), subject: .node(path))
    }
    let coherency = try driver.coherency(in: file)
    self.file = file
    self.driver = driver
    self.identity = identity
    self.coherency = coherency
  }

  /// The path it was opened by.
  public var path: String { file.path }

  /// What the driver offers at its version.
  public var features: Features { driver.features }

  /// How its kernel is taken to read sync operations.
  public var dialect: SyncDialect { driver.dialect }

  /// Whether BOs are made on the device's primary node only.
  public var needsPrimaryNode: Bool { driver.needsPrimaryNode }

  /// What a person must know about what is said of this driver; nil where nothing.
  public var caveat: String? { driver.caveat }

  /// The open descriptor, for calls that this client has no words for; it stays the node's.
  public var descriptor: CInt { file.descriptor }

  /// Reads a capability, nil where the driver does not know it: `DRM_IOCTL_GET_CAP`.
  public func value(of capability: Capability) throws(DRMError) -> UInt64? {
    try file.capability(capability.number)
  }

  /// Reads what the driver tells of the device, in the driver's own field names.
  public func properties() throws(DRMError) -> [DeviceProperty] {
    try driver.properties(in: file)
  }

  /// Creates a BO of at least `size` bytes, zeroed; the kernel rounds up to whole pages.
  ///
  /// - Throws: EINVAL for size 0; ENOSPC where no fake offset is left; `needs` or `notOffered` where the
  ///   driver has no such mapping or option.
  public func createBuffer(
    size: UInt64, mapping: CPUMapping = .writeCombining, options: BufferOptions = []
  ) throws(DRMError) -> BufferObject {
    switch mapping {
    case .none where options.contains(.heap): break
    case .none: try driver.require(.unmappableBuffers, .createBuffer, in: file)
    case .writeCombining: try driver.require(.buffers, .createBuffer, in: file)
    case .writeBack: try driver.require(.writeBackMapping, .createBuffer, in: file)
    }
    if options.contains(.firmwareOnly) {
      try driver.require(.protectedBuffers, .createBuffer, in: file)
    }
    if !options.isDisjoint(with: [.heap, .noExecute]) {
      try driver.require(.heapBuffers, .createBuffer, in: file)
    }
    let created = try driver.createBuffer(
      size: size, mapping: mapping, options: options, in: file)
    file.adopt(created.handle)
    return BufferObject(
      file: file, driver: driver, handle: created.handle, size: created.size)
  }

  /// Imports a dma-buf as a BO of this node, ready for its device; its size is the dma-buf's.
  ///
  /// The ioctl is `DRM_IOCTL_PRIME_FD_TO_HANDLE`. A dma-buf that this device exported comes back as the
  /// BO it was made of, with the handle this node may already have: each import is one more use of it.
  ///
  /// Another exporter's memory is flushed, by a START and an END for writing, unless this device is known to snoop:
  /// an import maps it without cache maintenance, and until somebody syncs it the device need not read what the CPU
  /// has written, nor the zeroes that the kernel cleared it with. That waits for whoever uses it. ``importUnprepared(from:)`` does not.
  public func importBuffer(from dmaBuf: borrowing DMABuf) throws(DRMError) -> BufferObject {
    let buffer = try importUnprepared(from: dmaBuf)
    if buffer.isImported, coherency.isCoherent != true { try dmaBuf.sync(.flush) }
    return buffer
  }

  /// Imports a dma-buf by the one ioctl, for who syncs it before its device uses it.
  public func importUnprepared(from dmaBuf: borrowing DMABuf) throws(DRMError) -> BufferObject {
    let size = try dmaBuf.size()
    let handle = try file.importHandle(dmaBuf.descriptor)
    do throws(DRMError) {
      return BufferObject(
        file: file, driver: driver, handle: handle, size: size,
        source: try importSource(of: handle, dmaBuf))
    } catch {
      try? file.release(handle)
      throw error
    }
  }

  /// Answers what an imported BO is synced through, nil for one that this device made itself.
  private func importSource(
    of handle: GEMHandle, _ dmaBuf: borrowing DMABuf
  ) throws(DRMError) -> ImportSource? {
    guard features.contains(.bufferQuery), try driver.info(of: handle, in: file).isImported else {
      return nil
    }
    return ImportSource(try dmaBuf.duplicate())
  }

  /// Issues all operations of a batch in order, as one ioctl; an empty batch is no call at all.
  ///
  /// - Throws: what the first failing operation answered. Earlier ones stay done, later ones are not
  ///   tried, and the kernel does not say which one failed.
  public func sync(_ batch: borrowing SyncBatch) throws(DRMError) {
    guard batch.count > 0 else { return }
    try driver.require(.explicitSync, .syncBuffer, in: file)
    guard batch.dialect == driver.dialect else {
      throw DRMError(
        operation: .syncBuffer, reason: .otherDialect, subject: .batch(count: batch.count))
    }
    try driver.sync(batch, in: file)
  }
}
