// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel
internal import CallTrace

/// panthor's memory ioctls.
extension FuzzGrammar {
  static let panthor: [Production] = [
    (12, { $0.createPanthorBuffer() }), (8, { $0.panthorOffset() }), (16, { $0.panthorSync() }),
    (4, { $0.panthorLabel() }), (4, { $0.panthorQuery() }), (3, { $0.createVM() }),
    (2, { $0.destroyVM() }), (1, { $0.stateOfVM() }), (6, { $0.bind() }),
    (3, { $0.deviceQuery() }), (1, { $0.registers() }),
  ]

  private mutating func panthor<Argument: BitwiseCopyable>(
    _ request: UInt, _ argument: Argument, on file: Int, links: [CallRegion.Link] = [],
    handles: [FuzzStep.HandleSlot] = [], effect: FuzzStep.Effect = .none
  ) -> FuzzStep {
    ioctl(
      request, argument, on: file, driver: .panthor, links: links, handles: handles,
      effect: effect)
  }

  private mutating func createPanthorBuffer() -> FuzzStep? {
    guard model.liveHandles < Self.mostHandles, let file = testedFile() else { return nil }
    let size: UInt64 = dice.weighted(
      (30, 4096), (20, UInt64(1 + dice.below(70000))), (10, 65536), (3, 1 << 20), (4, 0),
      (1, .max), (1, .max - 4095), (1, 1 << 62), (1, 1 << 63), (1, 0xf_ffff_0000 << 4))
    guard size > 1 << 40 || model.liveBytes + size < Self.mostBytes else { return nil }
    let flags: UInt32 = dice.weighted(
      (40, 2), (30, 0), (10, 1), (4, 3), (3, 4), (1, 0x8000_0000))
    var argument = cdrm_panthor_bo_create(
      size: size, flags: flags, exclusive_vm_id: 0, handle: 9, pad: pad())
    var shape = FuzzModel.Shape(size: rounded(min(size, 1 << 40)), isMappable: flags & 1 == 0)
    var handles: [FuzzStep.HandleSlot] = []
    if dice.chance(15) {
      shape.vm = dice.pick(file.vms)
      if let vm = shape.vm {
        handles = [.init(link: nil, offset: 12, giver: vm)]
      } else {
        argument.exclusive_vm_id = dice.one(of: 1, 33, .max)
      }
    }
    return panthor(
      cdrm_request_panthor_bo_create, argument, on: file.step, handles: handles,
      effect: .creates(file: file.step, shape, handleAt: 16))
  }

  private mutating func panthorOffset() -> FuzzStep? {
    guard let file = testedFile() else { return nil }
    let (number, handle) = handle(of: file)
    let argument = cdrm_panthor_bo_mmap_offset(handle: number, pad: pad(), offset: 0)
    return panthor(
      cdrm_request_panthor_bo_mmap_offset, argument, on: file.step,
      handles: slots(handle, at: 0),
      effect: handle.map { .gives(offsetOf: $0.step, file: file.step) } ?? .none)
  }

  private mutating func panthorSync() -> FuzzStep? {
    guard let file = testedFile() else { return nil }
    let count = dice.weighted((60, 1 + dice.below(3)), (20, 1 + dice.below(12)), (3, 0), (1, 600))
    let element = MemoryLayout<cdrm_panthor_bo_sync_op>.size
    let stride = dice.weighted((85, element), (6, 40), (3, 25), (3, 20), (2, 0), (1, 64))
    var operations: [cdrm_panthor_bo_sync_op] = []
    var handles: [FuzzStep.HandleSlot] = []
    for index in 0..<count {
      let (number, handle) = handle(of: file)
      let (offset, size) = range(of: handle?.shape.size ?? 4096)
      operations.append(
        cdrm_panthor_bo_sync_op(
          handle: number, type: dice.weighted((60, 0), (35, 1), (3, 2), (1, .max)),
          offset: offset, size: size))
      handles += slots(handle, at: index * max(stride, element), link: 0)
    }
    var region = CallRegion(elements: operations, stride: max(stride, element))
    if stride > element, count > 0, dice.chance(30) {
      // A tail that is not zero.
      let place = dice.below(count) * stride + element + dice.below(stride - element)
      region.bytes[place] = 1
    }
    return panthor(
      cdrm_request_panthor_bo_sync,
      cdrm_panthor_bo_sync(
        ops: cdrm_panthor_obj_array(
          stride: UInt32(stride), count: UInt32(count), array: 0)), on: file.step,
      links: [.init(at: 8, .pointer(array(region)))], handles: handles)
  }

  /// An array as it is, at a bad address, or ending where memory ends or before.
  mutating func array(_ region: CallRegion) -> CallMemory {
    switch dice.below(40) {
    case 0: return .null
    case 1: return .wild(dice.one(of: 0x1000, 1 << 56, .max - 15))
    case 2, 3: return .region(CallRegion(region.bytes, isCutOff: true))
    case 4:
      let kept = dice.below(max(region.bytes.count, 1))
      return .region(CallRegion(Array(region.bytes.prefix(kept)), isCutOff: true))
    default: return .region(region)
    }
  }

  private mutating func panthorLabel() -> FuzzStep? {
    guard let file = testedFile() else { return nil }
    let (number, handle) = handle(of: file)
    let argument = cdrm_panthor_bo_set_label(handle: number, pad: pad(), label: 0)
    return panthor(
      cdrm_request_panthor_bo_set_label, argument, on: file.step,
      links: [.init(at: 8, .pointer(label()))], handles: slots(handle, at: 0))
  }

  private mutating func panthorQuery() -> FuzzStep? {
    guard let file = testedFile() else { return nil }
    let (number, handle) = handle(of: file)
    let argument = cdrm_panthor_bo_query_info(
      handle: number, extra_flags: UInt32(truncatingIfNeeded: dice.next()), create_flags: 0,
      pad: pad())
    return panthor(
      cdrm_request_panthor_bo_query_info, argument, on: file.step,
      handles: slots(handle, at: 0))
  }

  private mutating func createVM() -> FuzzStep? {
    // Where they are hoarded, it is by one file.
    let hoarder = hoardsVMs ? model.files.first(where: \.isTested) : nil
    guard let file = hoarder ?? testedFile() else { return nil }
    let range: UInt64 = dice.weighted(
      (6, 0), (1, 1 << 32), (1, 1 << 47), (1, 12345), (1, 1 << 48), (1, (1 << 48) - (256 << 20)))
    let argument = cdrm_panthor_vm_create(
      flags: dice.chance(95) ? 0 : 1, id: 7, user_va_range: range)
    return panthor(
      cdrm_request_panthor_vm_create, argument, on: file.step,
      effect: .createsVM(file: file.step))
  }

  private mutating func vm(of file: FuzzModel.File) -> Int? {
    dice.chance(90) ? dice.pick(file.vms) : nil
  }

  private mutating func destroyVM() -> FuzzStep? {
    guard !hoardsVMs, let file = testedFile(), file.vms.count > 1 || dice.chance(30) else {
      return nil
    }
    let vm = vm(of: file)
    let argument = cdrm_panthor_vm_destroy(id: dice.one(of: 0, 33, 99), pad: pad())
    return panthor(
      cdrm_request_panthor_vm_destroy, argument, on: file.step,
      handles: vm.map { [.init(link: nil, offset: 0, giver: $0)] } ?? [],
      effect: vm.map { .destroysVM(file: file.step, vm: $0) } ?? .none)
  }

  private mutating func stateOfVM() -> FuzzStep? {
    guard let file = testedFile() else { return nil }
    let vm = vm(of: file)
    let argument = cdrm_panthor_vm_get_state(vm_id: dice.one(of: 0, 40), state: 5)
    return panthor(
      cdrm_request_panthor_vm_get_state, argument, on: file.step,
      handles: vm.map { [.init(link: nil, offset: 0, giver: $0)] } ?? [])
  }

  /// Synchronous binds at few addresses, so that they overlap.
  private mutating func bind() -> FuzzStep? {
    guard let file = testedFile() else { return nil }
    let vm = vm(of: file)
    let count = dice.weighted((8, 1), (3, 1 + dice.below(4)), (1, 0))
    var operations: [cdrm_panthor_vm_bind_op] = []
    var handles = vm.map { [FuzzStep.HandleSlot(link: nil, offset: 0, giver: $0)] } ?? []
    for index in 0..<count {
      var operation = cdrm_panthor_vm_bind_op()
      operation.va = UInt64(dice.below(16)) << 16 | (dice.chance(95) ? 0 : 12)
      let page = world.pageSize
      if dice.chance(75) {
        let (number, handle) = handle(of: file)
        let size = handle?.shape.size ?? 65536
        operation.bo_handle = number
        handles += slots(handle, at: index * 48 + 4, link: 0)
        operation.flags = dice.weighted((70, 2), (20, 3), (5, 0), (3, 4), (2, 16))
        operation.size = dice.weighted(
          (80, min(size, 1 << 21)), (5, page), (5, size + page), (5, 0), (2, 7))
        operation.bo_offset = dice.weighted((90, 0), (5, page), (3, 5))
      } else {
        operation.flags = dice.weighted((90, 1 << 28), (5, 1 << 28 | 1), (5, 2 << 28))
        operation.size = dice.weighted((80, 65536), (10, page), (5, 1 << 20), (5, 100))
      }
      if dice.chance(2) { operation.va = .max - 4095 }
      if dice.chance(2) { operation.syncs.count = 1 }
      operations.append(operation)
    }
    var argument = cdrm_panthor_vm_bind()
    argument.vm_id = dice.one(of: 0, 50)
    // Unknown flags are not refused; the one that is known is another production's.
    argument.flags = dice.chance(95) ? 0 : 0x8000_0000
    argument.ops = cdrm_panthor_obj_array(
      stride: dice.weighted((95, 48), (3, 56), (2, 40)), count: UInt32(count), array: 0)
    let stride = max(Int(argument.ops.stride), 48)
    return panthor(
      cdrm_request_panthor_vm_bind, argument, on: file.step,
      links: [.init(at: 16, .pointer(array(CallRegion(elements: operations, stride: stride))))],
      handles: stride == 48 ? handles : handles.filter { $0.link == nil })
  }

  private mutating func deviceQuery() -> FuzzStep? {
    guard let file = testedFile() else { return nil }
    let type = UInt32(dice.below(7))
    let size = dice.one(of: 0, 3, 8, 16, 24, 56, 95, 96, 104, 112, 200)
    let memory: CallMemory = dice.weighted(
      (6, .region(CallRegion([UInt8](repeating: 0, count: size)))), (3, .null),
      (1, .wild(0x6000)),
      (1, .region(CallRegion([UInt8](repeating: 0, count: size / 2), isCutOff: true))))
    let argument = cdrm_panthor_dev_query(type: type, size: UInt32(size), pointer: 0)
    return panthor(
      cdrm_request_panthor_dev_query, argument, on: file.step,
      links: [.init(at: 8, .pointer(memory))])
  }

  private mutating func registers() -> FuzzStep? {
    guard let file = testedFile() else { return nil }
    let argument = cdrm_panthor_set_user_mmio_offset(
      offset: dice.one(of: 1 << 56, 1 << 43, 0, 1 << 44))
    return panthor(
      cdrm_request_panthor_set_user_mmio_offset, argument, on: file.step)
  }
}
