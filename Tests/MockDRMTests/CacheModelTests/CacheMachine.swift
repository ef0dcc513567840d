// SPDX-License-Identifier: MIT

import CDRM
import DRMDrivers
import DRMKernel

@testable import MockDRM

/// A mock machine, and the system calls of the cache model's tests.
final class CacheMachine {
  /// A BO by its handle in an open node.
  struct Buffer {
    let node: CInt
    let handle: UInt32
    let size: Int
  }

  /// Whether CPU accesses are marked, or found only where they change a byte.
  enum Marking: CaseIterable {
    case marked
    case unmarked
  }

  let kernel: MockKernel
  private let profiles: [MockProfile]
  private var vms: [CInt: UInt32] = [:]
  private var bindAddress: UInt64 = 1 << 20

  /// Creates a machine from descriptions of profiles.
  convenience init(_ texts: String...) throws { try self.init(profiles: texts) }

  init(profiles texts: [String]) throws {
    profiles = try texts.map { try MockProfile(parsing: $0) }
    kernel = MockKernel(profiles)
  }

  /// Adds the fill policy with which only accesses and events fill lines.
  static func exact(_ text: String) -> String { text + ",fill=never" }

  func open(_ index: Int = 0) -> CInt { kernel.open("/dev/dri/renderD\(128 + index)", flags: 2) }

  /// Creates a BO on the node of a device; flags are the driver's.
  func create(on node: CInt, _ index: Int = 0, size: Int = 4096, flags: UInt32? = nil) -> Buffer {
    switch profiles[index].driver {
    case .catalogued(.panfrost):
      var argument = cdrm_panfrost_create_bo()
      argument.size = UInt32(size)
      argument.flags = flags ?? UInt32(CDRM_PANFROST_BO_WB_MMAP)
      _ = kernel.ioctl(node, cdrm_request_panfrost_create_bo, &argument)
      return Buffer(node: node, handle: argument.handle, size: size)
    case .catalogued(.powervr):
      var argument = cdrm_pvr_create_bo()
      argument.size = UInt64(size)
      argument.flags = UInt64(flags ?? UInt32(CDRM_PVR_BO_ALLOW_CPU_USERSPACE_ACCESS))
      _ = kernel.ioctl(node, cdrm_request_pvr_create_bo, &argument)
      return Buffer(node: node, handle: argument.handle, size: size)
    case .catalogued(.panthor), .catalogued(.vgem), .tyr:
      var argument = cdrm_panthor_bo_create()
      argument.size = UInt64(size)
      argument.flags = flags ?? UInt32(CDRM_PANTHOR_BO_WB_MMAP)
      _ = kernel.ioctl(node, cdrm_request_panthor_bo_create, &argument)
      return Buffer(node: node, handle: argument.handle, size: size)
    }
  }

  /// Binds a whole panthor BO, which maps it for its device.
  func bind(_ buffer: Buffer) -> CInt {
    if vms[buffer.node] == nil {
      var vm = cdrm_panthor_vm_create()
      _ = kernel.ioctl(buffer.node, cdrm_request_panthor_vm_create, &vm)
      vms[buffer.node] = vm.id
    }
    var operation = cdrm_panthor_vm_bind_op()
    operation.bo_handle = buffer.handle
    operation.va = bindAddress
    operation.size = UInt64(buffer.size)
    bindAddress += UInt64(buffer.size)
    return perform(cdrm_request_panthor_vm_bind, operation, on: buffer) { address, stride in
      cdrm_panthor_vm_bind(
        vm_id: vms[buffer.node] ?? 0, flags: 0,
        ops: cdrm_panthor_obj_array(stride: stride, count: 1, array: address))
    }
  }

  /// Creates a panthor BO that is mapped for its device.
  func bound(on node: CInt, _ index: Int = 0, size: Int = 4096, flags: UInt32? = nil) -> Buffer {
    let buffer = create(on: node, index, size: size, flags: flags)
    _ = bind(buffer)
    return buffer
  }

  /// Maps all of a BO by its fake offset; the struct is the same for panthor, panfrost and powervr.
  func map(_ buffer: Buffer) -> Int {
    var argument = cdrm_panthor_bo_mmap_offset(handle: buffer.handle, pad: 0, offset: 0)
    let request =
      kernel.ioctl(buffer.node, cdrm_request_panthor_bo_mmap_offset, &argument) == 0
      ? 0 : cdrm_request_panfrost_mmap_bo
    if request != 0, kernel.ioctl(buffer.node, request, &argument) != 0 {
      _ = kernel.ioctl(buffer.node, cdrm_request_pvr_get_bo_mmap_offset, &argument)
    }
    return kernel.mmap(
      length: buffer.size, protection: 3, flags: 1, buffer.node, offset: Int64(argument.offset))
  }

  func mapDMABuf(_ descriptor: CInt, size: Int = 4096) -> Int {
    kernel.mmap(length: size, protection: 3, flags: 1, descriptor, offset: 0)
  }

  /// Allocates 4096 bytes of the system heap, and returns the dma-buf or a negated errno.
  func allocateFromHeap() -> CInt {
    var argument = cdrm_dma_heap_allocation_data(len: 4096, fd: 0, fd_flags: 2, heap_flags: 0)
    let heap = kernel.open("/dev/dma_heap/system", flags: 2)
    let answer = kernel.ioctl(heap, cdrm_request_dma_heap_alloc, &argument)
    return answer < 0 ? answer : CInt(bitPattern: argument.fd)
  }

  /// Creates a udmabuf of the first 4096 bytes of a file, and returns the dma-buf or a negated errno.
  func createUDMABuf(of file: CInt) -> CInt {
    let device = kernel.open("/dev/udmabuf", flags: 2)
    var argument = cdrm_udmabuf_create(
      memfd: UInt32(bitPattern: file), flags: 0, offset: 0, size: 4096)
    return kernel.ioctl(device, cdrm_request_udmabuf_create, &argument)
  }

  func export(_ buffer: Buffer) -> CInt {
    var argument = cdrm_prime_handle(handle: buffer.handle, flags: 2, fd: -1)
    let answer = kernel.ioctl(buffer.node, cdrm_request_prime_handle_to_fd, &argument)
    return answer < 0 ? answer : argument.fd
  }

  func importing(_ descriptor: CInt, into node: CInt) -> Buffer {
    var argument = cdrm_prime_handle(handle: 0, flags: 0, fd: descriptor)
    _ = kernel.ioctl(node, cdrm_request_prime_fd_to_handle, &argument)
    let size = Int(kernel.lseek(descriptor, offset: 0, whence: 2))
    return Buffer(node: node, handle: argument.handle, size: size)
  }

  func close(_ buffer: Buffer) {
    var argument = cdrm_gem_close(handle: buffer.handle, pad: 0)
    _ = kernel.ioctl(buffer.node, cdrm_request_gem_close, &argument)
  }

  /// Performs BO_SYNC of one range; `word` is the type, or the flags of the series.
  func sync(_ buffer: Buffer, _ range: Range<Int>, _ word: Int) -> CInt {
    let operation = cdrm_panthor_bo_sync_op(
      handle: buffer.handle, type: UInt32(word), offset: UInt64(range.lowerBound),
      size: UInt64(range.count))
    return perform(cdrm_request_panthor_bo_sync, operation, on: buffer) { address, stride in
      cdrm_panthor_bo_sync(ops: cdrm_panthor_obj_array(stride: stride, count: 1, array: address))
    }
  }

  /// Performs SYNC_BO of one range; `word` is as for ``sync(_:_:_:)``.
  func syncPanfrost(_ buffer: Buffer, _ range: Range<Int>, _ word: Int) -> CInt {
    let operation = cdrm_panfrost_bo_sync_op(
      handle: buffer.handle, type: UInt32(word), offset: UInt32(range.lowerBound),
      size: UInt32(range.count))
    return perform(cdrm_request_panfrost_sync_bo, operation, on: buffer) { address, _ in
      cdrm_panfrost_sync_bo(ops: address, op_count: 1, pad: 0)
    }
  }

  /// Performs an ioctl with one operation, whose argument has the operation's address and size.
  private func perform<Operation: BitwiseCopyable, Argument: BitwiseCopyable>(
    _ request: UInt, _ operation: Operation, on buffer: Buffer,
    _ argument: (_ address: UInt64, _ stride: UInt32) -> Argument
  ) -> CInt {
    var operation = operation
    return withUnsafeMutablePointer(to: &operation) { pointer in
      var argument = argument(
        UInt64(UInt(bitPattern: pointer)), UInt32(MemoryLayout<Operation>.size))
      return kernel.ioctl(buffer.node, request, &argument)
    }
  }

  /// DMA_BUF_IOCTL_SYNC.
  @discardableResult
  func syncDMABuf(_ descriptor: CInt, _ flags: Int) -> CInt {
    var argument = cdrm_dma_buf_sync(flags: UInt64(flags))
    return kernel.ioctl(descriptor, cdrm_request_dma_buf_sync, &argument)
  }

  /// Stores through a mapping.
  func store(_ bytes: [UInt8], _ address: Int, _ marking: Marking = .marked) {
    UnsafeMutableRawPointer(bitPattern: address)?.copyMemory(from: bytes, byteCount: bytes.count)
    if marking == .marked { kernel.cpuWrote(address, length: bytes.count) }
  }

  /// Loads through a mapping.
  func load(_ address: Int, _ count: Int = 1, _ marking: Marking = .marked) -> [UInt8] {
    if marking == .marked { kernel.cpuReads(address, length: count) }
    return Array(UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: address), count: count))
  }

  func submit(
    _ buffer: Buffer, _ range: Range<Int>, writing bytes: [UInt8]? = nil, queue: Int = 0,
    after: [Int] = []
  ) -> Int {
    let access = ModelledJob.Access(
      handle: buffer.handle, range: UInt64(range.lowerBound)..<UInt64(range.upperBound),
      writing: bytes)
    return kernel.submit(
      ModelledJob(descriptor: buffer.node, queue: queue, accesses: [access], after: after))
  }

  /// Submits a device read and returns its bytes.
  func deviceReads(_ buffer: Buffer, _ range: Range<Int>) -> [UInt8] {
    let job = submit(buffer, range)
    kernel.wait(for: job)
    return kernel.takeReads().last { $0.job == job }?.bytes ?? []
  }

  /// Submits a device write and waits for it.
  func deviceWrites(_ buffer: Buffer, _ bytes: [UInt8], at offset: Int) {
    kernel.wait(for: submit(buffer, offset..<offset + bytes.count, writing: bytes))
  }

  func range(_ buffer: Buffer, _ range: Range<Int>? = nil) -> ModelledRange {
    let range = range ?? 0..<buffer.size
    return ModelledRange(
      descriptor: buffer.node, handle: buffer.handle,
      range: UInt64(range.lowerBound)..<UInt64(range.upperBound))
  }

  func states(_ buffer: Buffer, _ range: Range<Int>) -> [ModelledLine.State] {
    kernel.lines(of: self.range(buffer, range)).map(\.state)
  }
}
