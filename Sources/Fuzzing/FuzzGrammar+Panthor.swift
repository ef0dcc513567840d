// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel
internal import CallTrace

/// The memory ioctls of panthor.
extension FuzzGrammar {
  static let panthor: [Production] = [
    (12, { $0.createPanthorBuffer() }), (8, { $0.panthorOffset() }), (16, { $0.panthorSync() }),
    (4, { $0.panthorLabel() }), (4, { $0.panthorQuery() }), (3, { $0.createVM() }),
    (2, { $0.destroyVM() }), (1, { $0.stateOfVM() }), (6, { $0.bind() }),
    (3, { $0.deviceQuery() }), (1, { $0.registers() }),
  ]

  private mutating func createPanthorBuffer() -> FuzzStep? {
    guard model.liveHandles < Self.mostHandles, let file = testedFile() else { return nil }
    let size: UInt64 = random.weighted(
      (30, 4096), (20, UInt64(1 + random.below(70000))), (10, 65536), (3, 1 << 20), (4, 0),
      (1, .max), (1, .max - 4095), (1, 1 << 62), (1, 1 << 63), (1, 0xf_ffff_0000 << 4))
    guard size > 1 << 40 || model.liveBytes + size < Self.mostBytes else { return nil }
    let flags: UInt32 = random.weighted(
      (40, 2), (30, 0), (10, 1), (4, 3), (3, 4), (1, 0x8000_0000))
    var argument = cdrm_panthor_bo_create(
      size: size, flags: flags, exclusive_vm_id: 0, handle: 9, pad: pad())
    var shape = FuzzModel.Shape(size: rounded(min(size, 1 << 40)), isMappable: flags & 1 == 0)
    var handles: [FuzzStep.HandleSlot] = []
    if random.chance(15) {
      shape.vm = random.pick(file.vms)
      if let vm = shape.vm {
        handles = [.init(link: nil, offset: 12, source: vm)]
      } else {
        argument.exclusive_vm_id = random.one(of: 1, 33, .max)
      }
    }
    return driverCall(
      cdrm_request_panthor_bo_create, argument, on: file, handles: handles,
      effect: .creates(file: file.step, shape, handleAt: 16))
  }

  private mutating func panthorOffset() -> FuzzStep? {
    handleCall(cdrm_request_panthor_bo_mmap_offset, returnsOffset: true) { grammar, handle in
      cdrm_panthor_bo_mmap_offset(handle: handle, pad: grammar.pad(), offset: 0)
    }
  }

  private mutating func panthorSync() -> FuzzStep? {
    guard let file = testedFile() else { return nil }
    let count = random.weighted(
      (60, 1 + random.below(3)), (20, 1 + random.below(12)), (3, 0), (1, 600))
    let element = MemoryLayout<cdrm_panthor_bo_sync_op>.size
    let stride = random.weighted((85, element), (6, 40), (3, 25), (3, 20), (2, 0), (1, 64))
    var operations: [cdrm_panthor_bo_sync_op] = []
    var handles: [FuzzStep.HandleSlot] = []
    for index in 0..<count {
      let (number, handle) = handle(of: file)
      let (offset, size) = range(of: handle?.shape.size ?? 4096)
      operations.append(
        cdrm_panthor_bo_sync_op(
          handle: number, type: random.weighted((60, 0), (35, 1), (3, 2), (1, .max)),
          offset: offset, size: size))
      handles += slots(handle, at: index * max(stride, element), link: 0)
    }
    var region = CallRegion(elements: operations, stride: max(stride, element))
    if stride > element, count > 0, random.chance(30) {
      // A tail that is not zero.
      let place = random.below(count) * stride + element + random.below(stride - element)
      region.bytes[place] = 1
    }
    return driverCall(
      cdrm_request_panthor_bo_sync,
      cdrm_panthor_bo_sync(
        ops: cdrm_panthor_obj_array(
          stride: UInt32(stride), count: UInt32(count), array: 0)), on: file,
      links: [.init(at: 8, .pointer(array(region)))], handles: handles)
  }

  /// An array: as it is, at a bad address, or followed by memory without access, whole or cut.
  mutating func array(_ region: CallRegion) -> CallMemory {
    switch random.below(40) {
    case 0: return .null
    case 1: return .wild(random.one(of: 0x1000, 1 << 56, .max - 15))
    case 2, 3: return .region(CallRegion(region.bytes, isCutOff: true))
    case 4:
      let kept = random.below(max(region.bytes.count, 1))
      return .region(CallRegion(Array(region.bytes.prefix(kept)), isCutOff: true))
    default: return .region(region)
    }
  }

  private mutating func panthorLabel() -> FuzzStep? {
    handleCall(cdrm_request_panthor_bo_set_label, hasLabel: true) { grammar, handle in
      cdrm_panthor_bo_set_label(handle: handle, pad: grammar.pad(), label: 0)
    }
  }

  private mutating func panthorQuery() -> FuzzStep? {
    handleCall(cdrm_request_panthor_bo_query_info) { grammar, handle in
      cdrm_panthor_bo_query_info(
        handle: handle, extra_flags: UInt32(truncatingIfNeeded: grammar.random.next()),
        create_flags: 0, pad: grammar.pad())
    }
  }

  private mutating func createVM() -> FuzzStep? {
    // Only one file creates VMs up to the limit.
    let hoarder = hoardsVMs ? model.files.first(where: \.isTested) : nil
    guard let file = hoarder ?? testedFile() else { return nil }
    let range: UInt64 = random.weighted(
      (6, 0), (1, 1 << 32), (1, 1 << 47), (1, 12345), (1, 1 << 48), (1, (1 << 48) - (256 << 20)))
    let argument = cdrm_panthor_vm_create(
      flags: random.chance(95) ? 0 : 1, id: 7, user_va_range: range)
    return driverCall(
      cdrm_request_panthor_vm_create, argument, on: file,
      effect: .createsVM(file: file.step))
  }

  private mutating func vm(of file: FuzzModel.File) -> Int? {
    random.chance(90) ? random.pick(file.vms) : nil
  }

  private mutating func destroyVM() -> FuzzStep? {
    guard !hoardsVMs, let file = testedFile(), file.vms.count > 1 || random.chance(30) else {
      return nil
    }
    let vm = vm(of: file)
    let argument = cdrm_panthor_vm_destroy(id: random.one(of: 0, 33, 99), pad: pad())
    return driverCall(
      cdrm_request_panthor_vm_destroy, argument, on: file,
      handles: vm.map { [.init(link: nil, offset: 0, source: $0)] } ?? [],
      effect: vm.map { .destroysVM(file: file.step, vm: $0) } ?? .none)
  }

  private mutating func stateOfVM() -> FuzzStep? {
    guard let file = testedFile() else { return nil }
    let vm = vm(of: file)
    let argument = cdrm_panthor_vm_get_state(vm_id: random.one(of: 0, 40), state: 5)
    return driverCall(
      cdrm_request_panthor_vm_get_state, argument, on: file,
      handles: vm.map { [.init(link: nil, offset: 0, source: $0)] } ?? [])
  }

  /// Synchronous binds at few addresses, so that ranges overlap.
  private mutating func bind() -> FuzzStep? {
    guard let file = testedFile() else { return nil }
    let vm = vm(of: file)
    let count = random.weighted((8, 1), (3, 1 + random.below(4)), (1, 0))
    var operations: [cdrm_panthor_vm_bind_op] = []
    var handles = vm.map { [FuzzStep.HandleSlot(link: nil, offset: 0, source: $0)] } ?? []
    for index in 0..<count {
      var operation = cdrm_panthor_vm_bind_op()
      operation.va = UInt64(random.below(16)) << 16 | (random.chance(95) ? 0 : 12)
      let page = world.pageSize
      if random.chance(75) {
        handles += bindBuffer(of: file, index, &operation, emptyWeight: 5)
      } else {
        operation.flags = random.weighted((90, 1 << 28), (5, 1 << 28 | 1), (5, 2 << 28))
        operation.size = random.weighted((80, 65536), (10, page), (5, 1 << 20), (5, 100))
      }
      if random.chance(2) { operation.va = .max - 4095 }
      if random.chance(2) { operation.syncs.count = 1 }
      operations.append(operation)
    }
    var argument = cdrm_panthor_vm_bind()
    argument.vm_id = random.one(of: 0, 50)
    // Unknown flags are not refused; the asynchronous flag is used by bindLater.
    argument.flags = random.chance(95) ? 0 : 0x8000_0000
    argument.ops = cdrm_panthor_obj_array(
      stride: random.weighted((95, 48), (3, 56), (2, 40)), count: UInt32(count), array: 0)
    let stride = max(Int(argument.ops.stride), 48)
    return driverCall(
      cdrm_request_panthor_vm_bind, argument, on: file,
      links: [.init(at: 16, .pointer(array(CallRegion(elements: operations, stride: stride))))],
      handles: stride == 48 ? handles : handles.filter { $0.link == nil })
  }

  /// Makes an operation one that maps a BO, and returns the position of its handle.
  ///
  /// - Parameter emptyWeight: the weight of a size of 0.
  mutating func bindBuffer(
    of file: FuzzModel.File, _ index: Int, _ operation: inout cdrm_panthor_vm_bind_op,
    emptyWeight: Int
  ) -> [FuzzStep.HandleSlot] {
    let (number, handle) = handle(of: file)
    let size = handle?.shape.size ?? 65536
    let page = world.pageSize
    operation.bo_handle = number
    operation.flags = random.weighted((70, 2), (20, 3), (5, 0), (3, 4), (2, 16))
    operation.size = random.weighted(
      (80, min(size, 1 << 21)), (5, page), (5, size + page), (emptyWeight, 0), (2, 7))
    operation.bo_offset = random.weighted((90, 0), (5, page), (3, 5))
    return slots(handle, at: index * 48 + 4, link: 0)
  }

  private mutating func deviceQuery() -> FuzzStep? {
    guard let file = testedFile() else { return nil }
    let type = UInt32(random.below(7))
    let size = random.one(of: 0, 3, 8, 16, 24, 56, 95, 96, 104, 112, 200)
    let memory: CallMemory = random.weighted(
      (6, .region(CallRegion([UInt8](repeating: 0, count: size)))), (3, .null),
      (1, .wild(0x6000)),
      (1, .region(CallRegion([UInt8](repeating: 0, count: size / 2), isCutOff: true))))
    let argument = cdrm_panthor_dev_query(type: type, size: UInt32(size), pointer: 0)
    return driverCall(
      cdrm_request_panthor_dev_query, argument, on: file,
      links: [.init(at: 8, .pointer(memory))])
  }

  private mutating func registers() -> FuzzStep? {
    guard let file = testedFile() else { return nil }
    let argument = cdrm_panthor_set_user_mmio_offset(
      offset: random.one(of: 1 << 56, 1 << 43, 0, 1 << 44))
    return driverCall(
      cdrm_request_panthor_set_user_mmio_offset, argument, on: file)
  }
}
