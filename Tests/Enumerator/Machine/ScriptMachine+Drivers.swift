// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMDrivers
internal import DRMKernel
internal import MockDRM
internal import Litmus

extension ScriptMachine {
  private static let readWrite: CInt = 0o2

  /// Opens every node; calls on a node that cannot be opened return EBADF.
  func openNodes() {
    var devices = kernel.devices()[...]
    for (index, driver) in platform.drivers.enumerated() {
      let path: String
      switch driver {
      case .systemHeap: path = "/dev/dma_heap/system"
      case .udmabuf: path = "/dev/udmabuf"
      case .drm(let drm):
        let device = devices.popFirst()
        switch drm.facts.bufferNode {
        case .render: path = device?.renderNode ?? ""
        case .primary: path = device?.primaryNode ?? ""
        }
      }
      var node = OpenNode(descriptor: kernel.open(path, flags: Self.readWrite), driver: driver)
      kernel.setClaim(
        ofCoherency: script.nodes[index].claim.map { $0 == .coherent }, node: node.descriptor)
      if driver == .drm(.panthor), script.needsVM(index) {
        var argument = cdrm_panthor_vm_create()
        _ = call(node.descriptor, cdrm_request_panthor_vm_create, &argument)
        node.vm = argument.id
      }
      nodes.append(node)
    }
  }

  /// Creates a buffer by the call of its node.
  func create(_ buffer: Int) -> CInt {
    guard case .created(let flags) = script.buffers[buffer].origin else {
      return Errno.EINVAL.answer
    }
    let (node, size) = (script.buffers[buffer].node, script.buffers[buffer].size)
    let answer: CInt
    switch nodes[node].driver {
    case .drm(.panthor):
      var argument = cdrm_panthor_bo_create()
      argument.size = size
      if flags.contains(.writeBack) { argument.flags |= UInt32(CDRM_PANTHOR_BO_WB_MMAP) }
      if flags.contains(.unmappable) { argument.flags |= UInt32(CDRM_PANTHOR_BO_NO_MMAP) }
      if flags.contains(.exclusive) { argument.exclusive_vm_id = nodes[node].vm }
      answer = call(nodes[node].descriptor, cdrm_request_panthor_bo_create, &argument)
      if answer >= 0 { buffers[buffer].handle = argument.handle }
    case .drm(.panfrost):
      var argument = cdrm_panfrost_create_bo()
      argument.size = UInt32(truncatingIfNeeded: size)
      if flags.contains(.writeBack) { argument.flags |= UInt32(CDRM_PANFROST_BO_WB_MMAP) }
      if flags.contains(.noExecute) { argument.flags |= UInt32(CDRM_PANFROST_BO_NOEXEC) }
      answer = call(nodes[node].descriptor, cdrm_request_panfrost_create_bo, &argument)
      if answer >= 0 { buffers[buffer].handle = argument.handle }
    case .drm(.powervr):
      var argument = cdrm_pvr_create_bo()
      argument.size = wholePages(size)
      argument.flags = UInt64(CDRM_PVR_BO_ALLOW_CPU_USERSPACE_ACCESS)
      answer = call(nodes[node].descriptor, cdrm_request_pvr_create_bo, &argument)
      if answer >= 0 { buffers[buffer].handle = argument.handle }
    case .drm(.vgem):
      var argument = cdrm_mode_create_dumb()
      argument.width = UInt32(truncatingIfNeeded: size)
      (argument.height, argument.bpp) = (1, 8)
      answer = call(nodes[node].descriptor, cdrm_request_mode_create_dumb, &argument)
      if answer >= 0 { buffers[buffer].handle = argument.handle }
    case .systemHeap, .udmabuf: return allocate(buffer, of: wholePages(size))
    }
    return answer < 0 ? answer : bind(buffer)
  }

  /// Allocates the dma-buf of an exporter that is not a DRM driver.
  private func allocate(_ buffer: Int, of size: UInt64) -> CInt {
    let node = nodes[script.buffers[buffer].node]
    guard node.driver == .udmabuf else {
      var argument = cdrm_dma_heap_allocation_data()
      (argument.len, argument.fd_flags) = (size, UInt32(Self.readWrite))
      let answer = call(node.descriptor, cdrm_request_dma_heap_alloc, &argument)
      if answer >= 0 { buffers[buffer].dmaBuf = CInt(bitPattern: argument.fd) }
      return answer
    }
    let file = unsafe cdrm_sealed_memory_file("gemsync", size, CInt(CDRM_SEAL_SHRINK))
    guard file >= 0 else { return file }
    files.append(file)
    var argument = cdrm_udmabuf_create(
      memfd: UInt32(bitPattern: file), flags: UInt32(CDRM_UDMABUF_FLAGS_CLOEXEC), offset: 0,
      size: size)
    let answer = call(node.descriptor, cdrm_request_udmabuf_create, &argument)
    if answer >= 0 { buffers[buffer].dmaBuf = answer }
    return answer
  }

  /// Binds a buffer that a job uses in panthor's GPU address space.
  func bind(_ buffer: Int) -> CInt {
    let node = script.buffers[buffer].node
    guard nodes[node].driver == .drm(.panthor), script.isUsedByJob(buffer) else { return 0 }
    var operation = cdrm_panthor_vm_bind_op()
    operation.bo_handle = buffers[buffer].handle
    operation.va = nodes[node].nextAddress
    operation.size = wholePages(script.buffers[buffer].size)
    nodes[node].nextAddress += operation.size
    return unsafe withUnsafeMutablePointer(to: &operation) { pointer in
      var argument = cdrm_panthor_vm_bind(
        vm_id: nodes[node].vm, flags: 0,
        ops: cdrm_panthor_obj_array(
          stride: UInt32(MemoryLayout<cdrm_panthor_vm_bind_op>.stride), count: 1,
          array: UInt64(UInt(bitPattern: pointer))))
      return call(nodes[node].descriptor, cdrm_request_panthor_vm_bind, &argument)
    }
  }

  /// Returns the fake offset of a buffer, with the result of the call.
  func fakeOffset(
    _ buffer: Int, _ node: OpenNode, _ driver: DRMDriver
  ) -> (answer: CInt, offset: UInt64) {
    let request =
      switch driver {
      case .panthor: cdrm_request_panthor_bo_mmap_offset
      case .panfrost: cdrm_request_panfrost_mmap_bo
      case .powervr: cdrm_request_pvr_get_bo_mmap_offset
      case .vgem: cdrm_request_mode_map_dumb
      }
    // Every driver's argument has these fields under its own names.
    var argument = cdrm_mode_map_dumb(handle: buffers[buffer].handle, pad: 0, offset: 0)
    let answer = call(node.descriptor, request, &argument)
    return (answer, argument.offset)
  }

  func wholePages(_ size: UInt64) -> UInt64 {
    let page = UInt64(kernel.pageSize)
    return (size + page - 1) / page * page
  }
}

extension ScriptMachine {
  /// Syncs by cache instructions, or all in one call of the driver.
  func sync(_ syncs: [ScriptSync]) -> CInt {
    guard let first = syncs.first else { return 0 }
    guard first.method == .ioctl else { return maintain(syncs) }
    let node = nodes[script.buffers[first.buffer].node]
    switch node.driver {
    case .drm(.panthor):
      let elements = encoded(syncs).map { sync, type in
        cdrm_panthor_bo_sync_op(
          handle: buffers[sync.buffer].handle, type: type,
          offset: sync.range.lowerBound, size: UInt64(sync.range.count))
      }
      return unsafe elements.withUnsafeBufferPointer { elements in
        var argument = cdrm_panthor_bo_sync(
          ops: cdrm_panthor_obj_array(
            stride: 24, count: UInt32(elements.count),
            array: UInt64(UInt(bitPattern: elements.baseAddress))))
        return call(node.descriptor, cdrm_request_panthor_bo_sync, &argument)
      }
    case .drm(.panfrost):
      let elements = encoded(syncs).map { sync, type in
        cdrm_panfrost_bo_sync_op(
          handle: buffers[sync.buffer].handle, type: type,
          offset: UInt32(truncatingIfNeeded: sync.range.lowerBound),
          size: UInt32(truncatingIfNeeded: sync.range.count))
      }
      return unsafe elements.withUnsafeBufferPointer { elements in
        var argument = cdrm_panfrost_sync_bo(
          ops: UInt64(UInt(bitPattern: elements.baseAddress)),
          op_count: UInt32(elements.count), pad: 0)
        return call(node.descriptor, cdrm_request_panfrost_sync_bo, &argument)
      }
    // A DRM driver without a sync call.
    case .drm(.powervr), .drm(.vgem): return Errno.EINVAL.answer
    case .systemHeap, .udmabuf: return Errno.ENOTTY.answer
    }
  }

  /// Returns the operations of a call, each with its type in the ABI of the drivers' policy.
  private func encoded(_ syncs: [ScriptSync]) -> [(ScriptSync, UInt32)] {
    syncs.flatMap { sync in types(of: sync.operation).map { (sync, $0) } }
  }

  private func types(of operation: ScriptSync.Operation) -> [UInt32] {
    // The series: bit 0 for the device, bit 1 for a read, bit 2 for a write.
    let (deviceReads, cpuReads) = (0b011 as UInt32, 0b010 as UInt32)
    switch operation {
    case .flush: return platform.policy == .seriesV4 ? [deviceReads] : [0]
    case .flushAndInvalidate:
      return platform.policy == .seriesV4 ? [deviceReads, cpuReads] : [1]
    case .proposed(let accessor, let access):
      let bits: UInt32 =
        switch access {
        case .read: 0b010
        case .write: 0b100
        case .readWrite: 0b110
        }
      return [accessor == .device ? bits | 1 : bits]
    }
  }

  private func maintain(_ syncs: [ScriptSync]) -> CInt {
    for sync in syncs {
      if buffers[sync.buffer].address == 0 {
        let answer = map(sync.buffer, throughDMABuf: false)
        guard answer >= 0 else { return answer }
      }
      let answer = kernel.maintainCaches(
        sync.operation == .flush ? .clean : .cleanAndInvalidate,
        buffers[sync.buffer].address + Int(sync.range.lowerBound), length: sync.range.count)
      guard answer >= 0 else { return answer }
    }
    return 0
  }
}

extension Script {
  /// Whether a job accesses a buffer under this number.
  func isUsedByJob(_ buffer: Int) -> Bool {
    jobs.contains { job in job.accesses.contains { $0.buffer == buffer } }
  }

  fileprivate func needsVM(_ node: Int) -> Bool {
    jobs.contains { $0.node == node }
      || buffers.contains { buffer in
        guard buffer.node == node, case .created(let flags) = buffer.origin else { return false }
        return flags.contains(.exclusive)
      }
  }
}
