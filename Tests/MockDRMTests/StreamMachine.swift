// SPDX-License-Identifier: MIT

import CDRM
import DRMKernel

@testable import MockDRM

/// A mock panthor with a VM and groups, and streams in a BO that is mapped for both sides.
final class StreamMachine {
  static let address: UInt64 = 1 << 20
  static let readOnly: UInt64 = 1 << 24
  /// The offset of data in the BO.
  static let data = 0x8000

  let kernel: MockKernel
  let node: CInt
  let vm: UInt32
  let buffer: UInt32
  let cpu: Int

  /// Creates a machine; the BO has a WB mapping with flag 2, else a WC mapping.
  init(_ profile: String = "panthor,evict=never,fill=never", flags: UInt32 = 0) throws {
    let kernel = MockKernel([try MockProfile(parsing: profile)])
    let node = kernel.open("/dev/dri/renderD128", flags: 2)
    var vm = cdrm_panthor_vm_create()
    _ = kernel.ioctl(node, cdrm_request_panthor_vm_create, &vm)
    var buffer = cdrm_panthor_bo_create()
    (buffer.size, buffer.flags) = (65536, flags)
    _ = kernel.ioctl(node, cdrm_request_panthor_bo_create, &buffer)
    var place = cdrm_panthor_bo_mmap_offset(handle: buffer.handle, pad: 0, offset: 0)
    _ = kernel.ioctl(node, cdrm_request_panthor_bo_mmap_offset, &place)
    cpu = kernel.mmap(
      length: 65536, protection: 3, flags: 1, node, offset: Int64(place.offset))
    self.kernel = kernel
    self.node = node
    self.vm = vm.id
    self.buffer = buffer.handle
    _ = bind(0, at: Self.address)
    _ = bind(UInt32(CDRM_PANTHOR_VM_BIND_OP_MAP_READONLY), at: Self.readOnly)
  }

  func group(queues: Int = 1) -> UInt32 {
    let queue = cdrm_panthor_queue_create(priority: 1, pad: (0, 0, 0), ringbuf_size: 4096)
    return [cdrm_panthor_queue_create](repeating: queue, count: queues)
      .withUnsafeBufferPointer { queues in
        var argument = cdrm_panthor_group_create()
        argument.queues = Self.array(queues, stride: 8)
        argument.vm_id = vm
        _ = kernel.ioctl(node, cdrm_request_panthor_group_create, &argument)
        return argument.group_handle
      }
  }

  func destroy(_ group: UInt32) {
    var argument = cdrm_panthor_group_destroy(group_handle: group, pad: 0)
    _ = kernel.ioctl(node, cdrm_request_panthor_group_destroy, &argument)
  }

  func state(_ group: UInt32) -> [UInt32] {
    var argument = cdrm_panthor_group_get_state(
      group_handle: group, state: 9, fatal_queues: 9, pad: 0)
    _ = kernel.ioctl(node, cdrm_request_panthor_group_get_state, &argument)
    return [argument.state, argument.fatal_queues]
  }

  /// One operation of VM_BIND on all of the BO.
  func bind(
    _ flags: UInt32, at address: UInt64, offset: UInt64 = 0, size: UInt64 = 65536,
    syncs: [cdrm_panthor_sync_op]? = nil
  ) -> CInt {
    (syncs ?? []).withUnsafeBufferPointer { buffer in
      var operation = cdrm_panthor_vm_bind_op(
        flags: flags, bo_handle: flags >> 28 == 0 && flags & 8 == 0 ? self.buffer : 0,
        bo_offset: offset, va: address, size: size, syncs: Self.array(buffer, stride: 16))
      return withUnsafeMutablePointer(to: &operation) { pointer in
        var argument = cdrm_panthor_vm_bind()
        (argument.vm_id, argument.flags) = (vm, syncs == nil ? 0 : 1)
        argument.ops = cdrm_panthor_obj_array(
          stride: 48, count: 1, array: UInt64(UInt(bitPattern: pointer)))
        return kernel.ioctl(node, cdrm_request_panthor_vm_bind, &argument)
      }
    }
  }

  func destroyVM() {
    var argument = cdrm_panthor_vm_destroy(id: vm, pad: 0)
    _ = kernel.ioctl(node, cdrm_request_panthor_vm_destroy, &argument)
  }

  /// Stores a stream through the CPU's mapping.
  func put(_ stream: [UInt64], at offset: Int = 0) {
    for (index, word) in stream.enumerated() { store(word, at: offset + index * 8) }
  }

  func store(_ word: UInt64, at offset: Int) {
    UnsafeMutableRawPointer(bitPattern: cpu + offset)?.storeBytes(of: word, as: UInt64.self)
    kernel.cpuWrote(cpu + offset, length: 8)
  }

  func load(_ offset: Int = StreamMachine.data) -> UInt64 {
    kernel.cpuReads(cpu + offset, length: 8)
    return UnsafeRawPointer(bitPattern: cpu + offset)?.load(as: UInt64.self) ?? 0
  }

  /// BO_SYNC of everything, of a type.
  func sync(_ type: Int) {
    var operation = cdrm_panthor_bo_sync_op(
      handle: buffer, type: UInt32(type), offset: 0, size: 65536)
    _ = withUnsafeMutablePointer(to: &operation) {
      var argument = cdrm_panthor_bo_sync()
      argument.ops = cdrm_panthor_obj_array(
        stride: 24, count: 1, array: UInt64(UInt(bitPattern: $0)))
      return kernel.ioctl(node, cdrm_request_panthor_bo_sync, &argument)
    }
  }

  /// Submits a stored stream, or an empty job; returns the syncobj of its end, or -errno.
  func submit(
    _ group: UInt32, queue: UInt32 = 0, at offset: Int = 0, count: Int,
    after: [cdrm_panthor_sync_op] = [], signal: cdrm_panthor_sync_op? = nil
  ) -> Int {
    var created = cdrm_syncobj_create()
    _ = kernel.ioctl(node, cdrm_request_syncobj_create, &created)
    let end = signal ?? Self.signal(created.handle)
    let answer = (after + [end]).withUnsafeBufferPointer { syncs in
      var submission = cdrm_panthor_queue_submit()
      submission.queue_index = queue
      submission.stream_size = UInt32(count * 8)
      submission.stream_addr = count == 0 ? 0 : Self.address + UInt64(offset)
      submission.syncs = Self.array(syncs, stride: 16)
      return withUnsafeMutablePointer(to: &submission) {
        var argument = cdrm_panthor_group_submit()
        argument.group_handle = group
        argument.queue_submits = cdrm_panthor_obj_array(
          stride: 40, count: 1, array: UInt64(UInt(bitPattern: $0)))
        return kernel.ioctl(node, cdrm_request_panthor_group_submit, &argument)
      }
    }
    return answer < 0 ? Int(answer) : Int(end.handle)
  }

  /// Stores a stream, submits it and waits for its end; returns the status of its fence.
  @discardableResult
  func run(_ group: UInt32, _ stream: [UInt64], queue: UInt32 = 0) -> Int32 {
    put(stream)
    return finish(submit(group, queue: queue, count: stream.count))
  }

  /// Waits for a syncobj; returns the status of its sync file.
  func finish(_ syncobj: Int, point: UInt64 = 0) -> Int32 {
    var (handle, point) = (UInt32(syncobj), point)
    withUnsafeMutablePointer(to: &handle) { handle in
      withUnsafeMutablePointer(to: &point) { point in
        var argument = cdrm_syncobj_timeline_wait()
        argument.handles = UInt64(UInt(bitPattern: handle))
        argument.points = UInt64(UInt(bitPattern: point))
        (argument.count_handles, argument.timeout_nsec) = (1, .max)
        _ = kernel.ioctl(node, cdrm_request_syncobj_timeline_wait, &argument)
      }
    }
    return status(syncobj)
  }

  /// Returns the status of a syncobj's fence: 0 for pending, 1 for success, or -errno.
  func status(_ syncobj: Int) -> Int32 {
    let file = syncFile(syncobj)
    defer { _ = kernel.close(file) }
    return status(ofFile: file)
  }

  func syncFile(_ syncobj: Int) -> CInt {
    var argument = cdrm_syncobj_handle(handle: UInt32(syncobj), flags: 1, fd: -1, pad: 0)
    _ = kernel.ioctl(node, cdrm_request_syncobj_handle_to_fd, &argument)
    return argument.fd
  }

  func status(ofFile file: CInt) -> Int32 {
    var info = cdrm_sync_file_info()
    info.status = 99
    _ = kernel.ioctl(file, cdrm_request_sync_file_info, &info)
    return info.status
  }

  /// Closes everything; returns the remaining usage.
  func close() -> MockUsage {
    _ = kernel.munmap(cpu, length: 65536)
    _ = kernel.close(node)
    return kernel.usage
  }

  static func wait(_ syncobj: Int, point: UInt64? = nil) -> cdrm_panthor_sync_op {
    cdrm_panthor_sync_op(
      flags: point == nil ? 0 : 1, handle: UInt32(syncobj), timeline_value: point ?? 0)
  }

  static func signal(_ syncobj: UInt32, point: UInt64? = nil) -> cdrm_panthor_sync_op {
    cdrm_panthor_sync_op(
      flags: CDRM_PANTHOR_SYNC_OP_SIGNAL | (point == nil ? 0 : 1), handle: syncobj,
      timeline_value: point ?? 0)
  }

  private static func array<Element>(
    _ buffer: UnsafeBufferPointer<Element>, stride: UInt32
  ) -> cdrm_panthor_obj_array {
    cdrm_panthor_obj_array(
      stride: stride, count: UInt32(buffer.count),
      array: UInt64(UInt(bitPattern: buffer.baseAddress)))
  }
}
