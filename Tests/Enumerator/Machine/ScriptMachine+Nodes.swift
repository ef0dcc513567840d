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

  func wholePages(_ size: UInt64) -> UInt64 {
    let page = UInt64(kernel.pageSize)
    return (size + page - 1) / page * page
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
