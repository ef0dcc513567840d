// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRMKernel

/// Owns one GPU address space of a panthor node: `DRM_IOCTL_PANTHOR_VM_CREATE`.
public struct PanthorVM: ~Copyable, Sendable {
  private let object: OwnedObject

  /// The VM's number in its node, 1 to 32.
  public var id: UInt32 { object.id }
  /// The size in bytes of the client's part of the addresses; the kernel reserves those above.
  public let userRange: UInt64

  /// How the GPU may use a mapping in the VM.
  public struct Access: OptionSet, Hashable, Sendable {
    /// The flags as the ioctl carries them.
    public let rawValue: UInt32

    /// Creates a set from its flags.
    public init(rawValue: UInt32) {
      self.rawValue = rawValue
    }

    /// The GPU cannot write: `DRM_PANTHOR_VM_BIND_OP_MAP_READONLY`.
    public static let readOnly = Access(rawValue: 1 << 0)
    /// The GPU cannot execute: `DRM_PANTHOR_VM_BIND_OP_MAP_NOEXEC`.
    public static let noExecute = Access(rawValue: 1 << 1)
    /// The GPU does not cache it: `DRM_PANTHOR_VM_BIND_OP_MAP_UNCACHED`.
    public static let uncached = Access(rawValue: 1 << 2)
  }

  init(_ object: consuming OwnedObject, userRange: UInt64) {
    self.object = object
    self.userRange = userRange
  }

  /// Destroys the VM, and reports an error; the end of its scope does it without a report.
  ///
  /// - Throws: what `DRM_IOCTL_PANTHOR_VM_DESTROY` returned.
  public consuming func destroy() throws(DRMError) { try object.destroy() }

  /// Queries whether jobs can still run in the VM: `DRM_IOCTL_PANTHOR_VM_GET_STATE`.
  ///
  /// - Throws: what the ioctl returned.
  public func isUsable() throws(DRMError) -> Bool {
    var argument = cdrm_panthor_vm_get_state(vm_id: id, state: 0)
    try object.file.perform(.queryVM, cdrm_request_panthor_vm_get_state, &argument, on: .vm(id))
    return argument.state == 0
  }

  /// Maps a byte range of a BO at a GPU address.
  ///
  /// The ioctl is `DRM_IOCTL_PANTHOR_VM_BIND` in its synchronous mode.
  ///
  /// - Parameters:
  ///   - range: whole pages of the BO, in bytes.
  ///   - address: a whole number of pages, within ``userRange``.
  /// - Throws: EINVAL for other ranges and addresses.
  public func map(
    _ range: Range<UInt64>, of buffer: borrowing BufferObject, at address: UInt64,
    _ access: Access = []
  ) throws(DRMError) {
    var operation = cdrm_panthor_vm_bind_op()
    operation.flags = access.rawValue
    operation.bo_handle = buffer.handle.rawValue
    operation.bo_offset = range.lowerBound
    operation.va = address
    operation.size = range.upperBound - range.lowerBound
    try bind(&operation)
  }

  /// Unmaps a range of GPU addresses, whole pages, in which nothing need be mapped.
  ///
  /// - Throws: EINVAL for another range.
  public func unmap(_ addresses: Range<UInt64>) throws(DRMError) {
    var operation = cdrm_panthor_vm_bind_op()
    operation.flags = UInt32(CDRM_PANTHOR_VM_BIND_OP_TYPE_UNMAP)
    operation.va = addresses.lowerBound
    operation.size = addresses.upperBound - addresses.lowerBound
    try bind(&operation)
  }

  private func bind(_ operation: inout cdrm_panthor_vm_bind_op) throws(DRMError) {
    try unsafe withUnsafeMutablePointer(to: &operation) { pointer throws(DRMError) in
      var argument = cdrm_panthor_vm_bind(
        vm_id: id, flags: 0,
        ops: cdrm_panthor_obj_array(
          stride: UInt32(MemoryLayout<cdrm_panthor_vm_bind_op>.stride), count: 1,
          array: UInt64(UInt(bitPattern: pointer))))
      try object.file.perform(
        .bind, cdrm_request_panthor_vm_bind, &argument, on: .vm(id))
    }
  }
}

/// Operations that only panthor has.
extension DRMNode {
  /// Creates a GPU address space: `DRM_IOCTL_PANTHOR_VM_CREATE`.
  ///
  /// - Parameter userRange: the least size in bytes of the client's part of the addresses; 0 lets the kernel
  ///   choose. The kernel's part is a power of two, so the result may be larger.
  /// - Throws: EBUSY for the 33rd; EINVAL for a range that leaves the kernel less than 256 MiB.
  public func createVM(userRange: UInt64 = 0) throws(DRMError) -> PanthorVM {
    try uapi.require(.addressSpaces, .createVM, in: file)
    var argument = cdrm_panthor_vm_create(flags: 0, id: 0, user_va_range: userRange)
    try file.perform(
      .createVM, cdrm_request_panthor_vm_create, &argument, on: .node(file.path))
    guard argument.id != 0 else {
      throw DRMError(
        operation: .createVM, reason: .impossibleAnswer("returned VM 0"), subject: .node(file.path))
    }
    return PanthorVM(
      OwnedObject(.vm, argument.id, in: file), userRange: argument.user_va_range)
  }

  /// Creates a BO that only one VM can map, and that cannot be exported.
  ///
  /// - Throws: as ``createBuffer(size:mapping:options:)``.
  public func createBuffer(
    size: UInt64, mapping: CPUMapping = .writeCombining, exclusiveTo vm: borrowing PanthorVM
  ) throws(DRMError) -> BufferObject {
    try uapi.require(.addressSpaces, .createBuffer, in: file)
    if mapping == .writeBack { try uapi.require(.writeBackMapping, .createBuffer, in: file) }
    var argument = cdrm_panthor_bo_create()
    argument.size = size
    argument.flags = mapping.panthorFlags
    argument.exclusive_vm_id = vm.id
    let handle = try file.create(cdrm_request_panthor_bo_create, &argument) { $0.handle }
    return adopt(handle, size: argument.size)
  }

  /// Reads the number of the last cache flush that the GPU has finished, from a page that any file can map.
  ///
  /// The offset is `DRM_PANTHOR_USER_FLUSH_ID_MMIO_OFFSET`.
  ///
  /// - Throws: `notOffered` for other drivers; what `mmap(2)` returned.
  public func latestFlushID() throws(DRMError) -> UInt32 {
    try uapi.require(.addressSpaces, .mapRegisters, in: file)
    let begin =
      cdrm_address_is_64_bit() ? CDRM_PANTHOR_USER_MMIO_64BIT : CDRM_PANTHOR_USER_MMIO_32BIT
    let page = try BufferMapping(
      descriptor: file.descriptor, offset: begin, length: UInt64(file.pageSize), access: .read,
      kernel: file.kernel, subject: .node(file.path))
    return try page.load(at: 0)
  }
}
