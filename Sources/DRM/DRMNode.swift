// SPDX-License-Identifier: MIT

public import DRMDrivers
public import DRMKernel
internal import CDRM

/// An open DRM node of a supported driver: creates and imports BOs, and syncs them.
///
/// The BOs made from it keep its descriptor open; the last of them closes it.
public struct DRMNode: ~Copyable, Sendable {
  let file: DRMFile
  let uapi: any DriverUAPI

  /// The driver's name, description and version, as the node reports them.
  public let identity: DriverIdentity
  /// Whether the device snoops CPU caches, and where that is known from.
  public let coherency: Coherency

  /// Opens a node and identifies its driver.
  ///
  /// - Parameters:
  ///   - path: a render or primary node, such as `/dev/dri/renderD128`.
  ///   - kernel: the host's kernel or a substitute.
  /// - Throws: EACCES or ENOENT from `open(2)`; `notADRMNode`; `unknownDriver`.
  public init(path: String, kernel: Kernel = .host) throws(DRMError) {
    try self.init(opening: path, on: kernel, .merged)
  }

  init(opening path: String, on kernel: Kernel, _ abi: SyncABI) throws(DRMError) {
    let file = try DRMFile(path: path, flags: OpenFlags.readWrite, kernel: kernel)
    let identity = try file.identify()
    guard let driver = identity.driver else {
      throw DRMError(operation: .open, reason: .unknownDriver(identity), subject: .node(path))
    }
    let uapi = DriverRelease(driver, identity.version, abi).makeUAPI()
    let coherency = try uapi.coherency(in: file)
    self.file = file
    self.uapi = uapi
    self.identity = identity
    self.coherency = coherency
  }

  /// The path that it was opened by.
  public var path: String { file.path }

  /// The driver of the node.
  public var driver: DRMDriver { uapi.release.driver }

  /// The features of the driver at its version.
  public var features: Features { uapi.features }

  /// Whether BOs can be created on the device's primary node only.
  public var needsPrimaryNode: Bool { driver.facts.bufferNode == .primary }

  /// What a user must know about results for this driver; nil where there is nothing.
  public var caveat: String? { driver.facts.caveat }

  /// The open descriptor, owned by the node, for calls that this client does not offer.
  public var descriptor: CInt { file.descriptor }

  /// Reads a capability, nil where the driver does not have it: `DRM_IOCTL_GET_CAP`.
  ///
  /// - Throws: an errno other than EINVAL and EOPNOTSUPP.
  public func value(of capability: Capability) throws(DRMError) -> UInt64? {
    try file.capability(capability.number)
  }

  /// Queries the properties of the device, under the driver's own field names.
  ///
  /// The ioctls are `DRM_IOCTL_PANTHOR_DEV_QUERY` and `DRM_IOCTL_PANFROST_GET_PARAM`; other drivers have
  /// none of the fields.
  ///
  /// - Throws: what the ioctl returned.
  public func properties() throws(DRMError) -> [DeviceProperty] {
    try uapi.properties(in: file)
  }

  /// Creates a BO of `size` bytes, zeroed; the kernel rounds up to whole pages.
  ///
  /// - Throws: EINVAL for size 0; ENOSPC where no fake offset is left; `needs` or `notOffered` where the
  ///   driver has no such mapping or option.
  public func createBuffer(
    size: UInt64, mapping: CPUMapping = .writeCombining, options: BufferOptions = []
  ) throws(DRMError) -> BufferObject {
    switch mapping {
    case .none where options.contains(.heap): break
    case .none: try uapi.require(.unmappableBuffers, .createBuffer, in: file)
    case .writeCombining: try uapi.require(.buffers, .createBuffer, in: file)
    case .writeBack: try uapi.require(.writeBackMapping, .createBuffer, in: file)
    }
    if options.contains(.firmwareOnly) {
      try uapi.require(.protectedBuffers, .createBuffer, in: file)
    }
    if !options.isDisjoint(with: [.heap, .noExecute]) {
      try uapi.require(.heapBuffers, .createBuffer, in: file)
    }
    let created = try uapi.createBuffer(
      size: size, mapping: mapping, options: options, in: file)
    return adopt(created.handle, size: created.size)
  }

  /// Takes ownership of a handle that a create call returned.
  func adopt(_ handle: GEMHandle, size: UInt64) -> BufferObject {
    file.adopt(handle)
    return BufferObject(file: file, uapi: uapi, handle: handle, size: size)
  }

  /// Imports a dma-buf as a BO of this node, ready for its device; its size is the dma-buf's.
  ///
  /// The ioctl is `DRM_IOCTL_PRIME_FD_TO_HANDLE`. For a dma-buf that this device exported, the kernel returns
  /// the BO it was made from, with the handle that this node may already have: each import counts one more use.
  ///
  /// Another exporter's memory is flushed, by a START and an END for writing, unless this device is known to
  /// snoop: an import maps it without cache maintenance, so before a sync the device may not read what the
  /// CPU has written, nor the zeroes of the kernel's clear. The flush waits for the memory's current users.
  /// ``importUnprepared(from:)`` does not flush. Where the driver does not report whose memory it is, all
  /// memory that this node did not create itself is flushed; see ``BufferObject/isImported``.
  ///
  /// - Throws: what the ioctls returned.
  public func importBuffer(from dmaBuf: borrowing DMABuf) throws(DRMError) -> BufferObject {
    let buffer = try importUnprepared(from: dmaBuf)
    if buffer.isImported != false, coherency.isCoherent != true { try dmaBuf.sync(.flush) }
    return buffer
  }

  /// Imports a dma-buf without a flush, for a caller that syncs it before its device uses it.
  ///
  /// - Throws: what the ioctls returned.
  public func importUnprepared(from dmaBuf: borrowing DMABuf) throws(DRMError) -> BufferObject {
    let size = try dmaBuf.size()
    let handle = try file.importHandle(dmaBuf.descriptor)
    do throws(DRMError) {
      return BufferObject(
        file: file, uapi: uapi, handle: handle, size: size,
        source: try importSource(of: handle, dmaBuf))
    } catch {
      try? file.release(handle)
      throw error
    }
  }

  /// Returns what an imported BO is synced through, nil for one that this device is known to have created.
  private func importSource(
    of handle: GEMHandle, _ dmaBuf: borrowing DMABuf
  ) throws(DRMError) -> ImportSource? {
    let isReported = features.contains(.bufferQuery)
    guard try isReported ? uapi.info(of: handle, in: file).isImported : !file.hasCreated(handle)
    else { return nil }
    return ImportSource(try dmaBuf.duplicate(), isReported: isReported)
  }

  /// Issues all operations of a batch in order, as one ioctl; an empty batch makes no call.
  ///
  /// - Throws: the errno of the first operation that fails; `needs` or `notOffered` where the driver has no
  ///   such call; `rangeTooLarge`. Earlier operations stay done, later ones are not tried, and the kernel
  ///   does not report which one failed.
  public func sync(_ batch: borrowing SyncBatch) throws(DRMError) {
    guard batch.count > 0 else { return }
    try uapi.require(.explicitSync, .syncBuffer, in: file)
    guard batch.abi == uapi.release.abi else {
      throw DRMError(
        operation: .syncBuffer, reason: .otherSyncABI, subject: .batch(count: batch.count))
    }
    try uapi.sync(batch, in: file)
  }
}
