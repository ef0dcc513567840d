// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel
internal import CallTrace

/// Groups of panthor, submissions to them, and asynchronous binds.
///
/// No submitted stream is executed and no syncobj is signaled, because no kernel guarantees when a job ends.
/// Every signal is malformed: signaling a syncobj that never existed crashes all known kernels.
extension FuzzGrammar {
  static let panthorGroups: [Production] = [
    (4, { $0.createGroup() }), (2, { $0.destroyGroup() }), (2, { $0.stateOfGroup() }),
    (8, { $0.submitToGroup() }), (5, { $0.bindLater() }),
  ]

  private static let mostGroups = 12

  private mutating func createGroup() -> FuzzStep? {
    guard let file = testedFile(), file.groups.count < Self.mostGroups else { return nil }
    let count = random.weighted((60, 1 + random.below(3)), (6, 8), (4, 9), (2, 0), (2, 32), (1, 33))
    var queues: [cdrm_panthor_queue_create] = []
    for _ in 0..<count {
      queues.append(
        cdrm_panthor_queue_create(
          priority: random.weighted((40, 1), (4, 15), (1, 16)),
          pad: random.chance(98) ? (0, 0, 0) : random.one(of: (1, 0, 0), (0, 0, 9)),
          ringbuf_size: random.weighted(
            (40, 4096), (10, 65536), (1, 131072), (1, 12288), (1, 2048), (1, 0))))
    }
    var argument = cdrm_panthor_group_create()
    argument.queues.stride = random.weighted((90, 8), (3, 16), (2, 9), (2, 7), (1, 0))
    argument.queues.count = UInt32(count)
    argument.max_compute_cores = random.weighted((30, 1), (10, 4), (5, 0), (2, 5))
    argument.max_fragment_cores = random.weighted((30, 1), (10, 4), (5, 0), (2, 5))
    argument.max_tiler_cores = random.weighted((40, 1), (5, 0), (1, 2))
    argument.priority = random.weighted((30, 1), (10, 0), (5, 2), (5, 3), (1, 4))
    argument.pad = pad()
    argument.compute_core_mask = random.weighted((40, 0x50005), (2, 0), (1, 0x50007))
    argument.fragment_core_mask = random.weighted((40, 0x50005), (2, 1), (1, .max))
    argument.tiler_core_mask = random.weighted((40, 1), (1, 0), (1, 2))
    argument.vm_id = random.one(of: 0, 33)
    argument.group_handle = 88
    let vm = random.chance(95) ? random.pick(file.vms) : nil
    let region = CallRegion(elements: queues, stride: max(Int(argument.queues.stride), 8))
    return driverCall(
      cdrm_request_panthor_group_create, argument, on: file,
      links: [.init(at: 8, .pointer(array(region)))],
      handles: vm.map { [.init(link: nil, offset: 48, source: $0)] } ?? [],
      effect: .createsGroup(file: file.step))
  }

  private mutating func group(of file: FuzzModel.File) -> Int? {
    random.chance(92) ? random.pick(file.groups) : nil
  }

  private mutating func destroyGroup() -> FuzzStep? {
    guard let file = testedFile() else { return nil }
    let group = group(of: file)
    let argument = cdrm_panthor_group_destroy(group_handle: random.one(of: 0, 130), pad: pad())
    return driverCall(
      cdrm_request_panthor_group_destroy, argument, on: file,
      handles: group.map { [.init(link: nil, offset: 0, source: $0)] } ?? [],
      effect: group.map { .destroysGroup(file: file.step, group: $0) } ?? .none)
  }

  private mutating func stateOfGroup() -> FuzzStep? {
    guard let file = testedFile() else { return nil }
    let group = group(of: file)
    let argument = cdrm_panthor_group_get_state(
      group_handle: random.one(of: 0, 130), state: 5, fatal_queues: 6, pad: pad())
    return driverCall(
      cdrm_request_panthor_group_get_state, argument, on: file,
      handles: group.map { [.init(link: nil, offset: 0, source: $0)] } ?? [])
  }

  /// Empty submissions, and submissions of invalid streams.
  private mutating func submitToGroup() -> FuzzStep? {
    guard let file = testedFile() else { return nil }
    let group = group(of: file)
    let count = random.weighted((60, 1), (20, 1 + random.below(4)), (3, 0))
    let element = MemoryLayout<cdrm_panthor_queue_submit>.size
    let stride = random.weighted((90, element), (4, 48), (2, 64), (2, 24), (1, 0))
    var submissions: [cdrm_panthor_queue_submit] = []
    var links: [CallRegion.Link] = []
    for index in 0..<count {
      var submission = cdrm_panthor_queue_submit()
      submission.queue_index = random.weighted((60, 0), (10, 1), (4, 7), (1, .max))
      if random.chance(30) {
        (submission.stream_size, submission.stream_addr) = random.one(
          of: (64, 0), (0, 1 << 20), (64, 1 << 20 + 8), (64, 1 << 20 + 32), (4, 1 << 20),
          (65, 64))
      }
      submission.latest_flush = random.weighted((50, 0), (10, 7), (1, 1 << 31), (1, 1 << 24))
      submission.pad = pad()
      let syncs = jobSyncs()
      (submission.syncs.stride, submission.syncs.count) = (syncs.stride, syncs.count)
      // With a shorter stride the kernel takes the place of the pointer for a field of the next element.
      if stride >= element {
        links.append(.init(at: index * stride + 24 + 8, .pointer(syncs.memory)))
      }
      submissions.append(submission)
    }
    var region = CallRegion(elements: submissions, stride: max(stride, element))
    region.links = links
    let argument = cdrm_panthor_group_submit(
      group_handle: random.one(of: 0, 130), pad: pad(),
      queue_submits: cdrm_panthor_obj_array(
        stride: UInt32(stride), count: UInt32(count), array: 0))
    return driverCall(
      cdrm_request_panthor_group_submit, argument, on: file,
      links: [.init(at: 16, .pointer(nestedArray(region)))],
      handles: group.map { [.init(link: nil, offset: 0, source: $0)] } ?? [])
  }

  /// Binds that replace no mapping, because no kernel guarantees when they do.
  private mutating func bindLater() -> FuzzStep? {
    guard let file = testedFile() else { return nil }
    let vm = random.chance(92) ? random.pick(file.vms) : nil
    let count = random.weighted((8, 1), (3, 1 + random.below(3)), (1, 0))
    var operations: [cdrm_panthor_vm_bind_op] = []
    var links: [CallRegion.Link] = []
    var handles = vm.map { [FuzzStep.HandleSlot(link: nil, offset: 0, source: $0)] } ?? []
    for index in 0..<count {
      var operation = cdrm_panthor_vm_bind_op()
      if random.chance(50) {
        operation.flags = random.weighted((40, 2 << 28), (2, 2 << 28 | 1), (2, 3 << 28))
        if random.chance(10) { operation.va = world.pageSize }
        if random.chance(5) { operation.bo_handle = 1 }
      } else {
        handles += bindBuffer(of: file, index, &operation, emptyWeight: 0)
        // Each operation has an address of its own.
        operation.va = UInt64(nextID * 4 + index + 1) << 24
        if random.chance(3) { operation.va = random.one(of: .max - 4095, 1 << 48) }
      }
      let syncs = jobSyncs()
      (operation.syncs.stride, operation.syncs.count) = (syncs.stride, syncs.count)
      links.append(.init(at: index * 48 + 32 + 8, .pointer(syncs.memory)))
      operations.append(operation)
    }
    var region = CallRegion(elements: operations)
    region.links = links
    var argument = cdrm_panthor_vm_bind()
    argument.vm_id = random.one(of: 0, 50)
    argument.flags = random.chance(95) ? 1 : 3
    argument.ops = cdrm_panthor_obj_array(stride: 48, count: UInt32(count), array: 0)
    return driverCall(
      cdrm_request_panthor_vm_bind, argument, on: file,
      links: [.init(at: 16, .pointer(nestedArray(region)))], handles: handles)
  }

  /// Waits and malformed signals.
  private mutating func jobSyncs() -> (stride: UInt32, count: UInt32, memory: CallMemory) {
    let count = random.weighted((50, 0), (30, 1), (10, 2))
    let stride = random.weighted((90, 16), (4, 24), (2, 15), (1, 0))
    guard count > 0 else { return (UInt32(stride), 0, .null) }
    var syncs: [cdrm_panthor_sync_op] = []
    for _ in 0..<count {
      var sync = cdrm_panthor_sync_op()
      sync.handle = random.chance(90) ? 1 + UInt32(random.below(4)) : random.one(of: 0, 100)
      if random.chance(10) {
        sync.flags = CDRM_PANTHOR_SYNC_OP_SIGNAL | random.one(of: 2, 0x100, 0x40)
      } else {
        sync.flags = random.weighted((50, 0), (20, 1), (2, 2), (1, 0x100))
        sync.timeline_value = sync.flags == 1 ? UInt64(random.below(6)) : random.chance(95) ? 0 : 1
      }
      syncs.append(sync)
    }
    let region = CallRegion(elements: syncs, stride: max(stride, 16))
    return (UInt32(stride), UInt32(count), array(region))
  }

  /// An array of elements with pointers: as it is, or at a bad address.
  private mutating func nestedArray(_ region: CallRegion) -> CallMemory {
    switch random.below(40) {
    case 0: .null
    case 1: .wild(random.one(of: 0x1000, 1 << 56, .max - 15))
    default: .region(region)
    }
  }
}
