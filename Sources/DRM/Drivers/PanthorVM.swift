// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRMKernel

/// Owns one GPU address space of a panthor node: `DRM_IOCTL_PANTHOR_VM_CREATE`.
public struct PanthorVM: ~Copyable, Sendable {
  private let file: DRMFile
  private var owned: UInt32?

  /// The VM's number in its node, 1 to 32.
  public let id: UInt32
  /// How many bytes of addresses are the client's; the kernel keeps those above.
  public let userRange: UInt64

  /// How the GPU may use what is mapped.
  public struct Access: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
      self.rawValue = rawValue
    }

    public static let readOnly = Access(rawValue: 1 << 0)
    public static let noExecute = Access(rawValue: 1 << 1)
    public static let uncached = Access(rawValue: 1 << 2)
  }

  init(file: DRMFile, id: UInt32, userRange: UInt64) {
    self.file = file
    self.id = id
    self.userRange = userRange
    owned = id
  }

  deinit {
    if let owned { try? Self.destroy(owned, in: file) }
  }

  /// Destroys the VM and reports what that answered; the end of its scope does it silently.
  public consuming func destroy() throws(DRMError) {
    if let id = owned.take() { try Self.destroy(id, in: file) }
  }

  private static func destroy(_ id: UInt32, in file: DRMFile) throws(DRMError) {
    var argument = cdrm_panthor_vm_destroy(id: id, pad: 0)
    try file.perform(.destroyVM, cdrm_request_panthor_vm_destroy, &argument, on: .vm(id))
  }

  /// Whether jobs can still run in it: `DRM_IOCTL_PANTHOR_VM_GET_STATE`.
  public func isUsable() throws(DRMError) -> Bool {
    var argument = cdrm_panthor_vm_get_state(vm_id: id, state: 0)
    try file.perform(.queryVM, cdrm_request_panthor_vm_get_state, &argument, on: .vm(id))
    return argument.state == 0
  }

  /// Maps a byte range of a BO at a GPU address, at once; all three are whole pages.
  ///
  /// The ioctl is `DRM_IOCTL_PANTHOR_VM_BIND` in its synchronous mode.
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

  /// Unmaps a range of GPU addresses, at once; whether anything was mapped there does not matter.
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
      try file.perform(.bind, cdrm_request_panthor_vm_bind, &argument, on: .vm(id))
    }
  }
}

/// What panthor alone has.
extension DRMNode {
  /// Creates a GPU address space.
  ///
  /// - Parameter userRange: how many bytes of addresses the client wants; 0 lets the kernel choose. The
  ///   kernel's part is a power of two, so there may come out more.
  /// - Throws: EBUSY for the 33rd; EINVAL for a range that leaves the kernel less than 256 MiB.
  public func createVM(userRange: UInt64 = 0) throws(DRMError) -> PanthorVM {
    try driver.require(.addressSpaces, .createVM, in: file)
    var argument = cdrm_panthor_vm_create(flags: 0, id: 0, user_va_range: userRange)
    try file.perform(
      .createVM, cdrm_request_panthor_vm_create, &argument, on: .node(file.path))
    guard argument.id != 0 else {
      throw DRMError(
        operation: .createVM, reason: .impossibleAnswer("gave VM 0"), subject: .node(file.path))
    }
    return PanthorVM(file: file, id: argument.id, userRange: argument.user_va_range)
  }

  /// Creates a BO that can be mapped in one VM only, and never be exported.
  public func createBuffer(
    size: UInt64, mapping: CPUMapping = .writeCombining, exclusiveTo vm: borrowing PanthorVM
  ) throws(DRMError) -> BufferObject {
    try driver.require(.addressSpaces, .createBuffer, in: file)
    if mapping == .writeBack { try driver.require(.writeBackMapping, .createBuffer, in: file) }
    var argument = cdrm_panthor_bo_create()
    argument.size = size
    argument.flags = mapping.panthorFlags
    argument.exclusive_vm_id = vm.id
    try file.perform(
      .createBuffer, cdrm_request_panthor_bo_create, &argument, on: .node(file.path))
    let handle = try GEMHandle(
      answered: argument.handle, by: .createBuffer, on: .node(file.path))
    file.adopt(handle)
    return BufferObject(file: file, driver: driver, handle: handle, size: argument.size)
  }

  /// Reads the number of the last cache flush the GPU has finished, from the page every file may map.
  ///
  /// The offset is `DRM_PANTHOR_USER_FLUSH_ID_MMIO_OFFSET`.
  public func latestFlushID() throws(DRMError) -> UInt32 {
    try driver.require(.addressSpaces, .mapRegisters, in: file)
    let begin =
      cdrm_address_is_64_bit() ? CDRM_PANTHOR_USER_MMIO_64BIT : CDRM_PANTHOR_USER_MMIO_32BIT
    let page = try BufferMapping(
      descriptor: file.descriptor, offset: begin, length: UInt64(file.pageSize), access: .read,
      kernel: file.kernel, subject: .node(file.path))
    return try page.load(at: 0)
  }
}
