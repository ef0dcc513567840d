// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel
internal import CallTrace

/// The memory ioctls of panfrost.
extension FuzzGrammar {
  static let panfrost: [Production] = [
    (12, { $0.createPanfrostBuffer() }), (8, { $0.panfrostOffset() }),
    (16, { $0.panfrostSync() }), (4, { $0.panfrostLabel() }), (4, { $0.panfrostQuery() }),
    (3, { $0.gpuOffset() }), (3, { $0.waitBuffer() }), (3, { $0.advise() }),
    (3, { $0.parameter() }),
  ]

  /// Creates a BO; sizes are small or beyond the address space, because panfrost allocates at once.
  private mutating func createPanfrostBuffer() -> FuzzStep? {
    guard model.liveHandles < Self.mostHandles, let file = testedFile() else { return nil }
    let size: UInt32 = random.weighted(
      (40, 4096), (25, UInt32(1 + random.below(70000))), (10, 65536), (3, 1 << 20), (5, 0),
      (2, .max), (2, .max - 4095))
    guard size > 1 << 30 || model.liveBytes + UInt64(size) < Self.mostBytes else { return nil }
    let flags: UInt32 = random.weighted(
      (30, 4), (20, 5), (20, 0), (15, 1), (8, 3), (2, 2), (2, 7), (2, 6), (2, 8))
    let isHeap = flags & 2 != 0
    if isHeap, model.liveBytes + 2 << 20 >= Self.mostBytes { return nil }
    var argument = cdrm_panfrost_create_bo()
    argument.size = size
    argument.flags = flags
    argument.pad = pad()
    let bytes = UInt64(min(size, 1 << 30))
    let heap: UInt64 = 2 << 20
    let shape = FuzzModel.Shape(
      size: isHeap ? (bytes + heap - 1) / heap * heap : rounded(bytes), isMappable: !isHeap)
    return driverCall(
      cdrm_request_panfrost_create_bo, argument, on: file,
      effect: .creates(file: file.step, shape, handleAt: 8))
  }

  private mutating func panfrostOffset() -> FuzzStep? {
    handleCall(cdrm_request_panfrost_mmap_bo, returnsOffset: true) { grammar, handle in
      cdrm_panfrost_mmap_bo(handle: handle, flags: grammar.pad(), offset: 0)
    }
  }

  private mutating func panfrostSync() -> FuzzStep? {
    guard let file = testedFile() else { return nil }
    let count = random.weighted(
      (60, 1 + random.below(3)), (20, 1 + random.below(12)), (3, 0), (1, 600))
    let element = MemoryLayout<cdrm_panfrost_bo_sync_op>.size
    var operations: [cdrm_panfrost_bo_sync_op] = []
    var handles: [FuzzStep.HandleSlot] = []
    for index in 0..<count {
      let (number, handle) = handle(of: file)
      let (offset, size) = range(of: handle?.shape.size ?? 4096)
      operations.append(
        cdrm_panfrost_bo_sync_op(
          handle: number, type: random.weighted((60, 0), (35, 1), (3, 2), (1, .max)),
          offset: UInt32(truncatingIfNeeded: offset), size: UInt32(truncatingIfNeeded: size)))
      handles += slots(handle, at: index * element, link: 0)
    }
    return driverCall(
      cdrm_request_panfrost_sync_bo,
      cdrm_panfrost_sync_bo(ops: 0, op_count: UInt32(count), pad: pad()), on: file,
      links: [.init(at: 0, .pointer(array(CallRegion(elements: operations))))], handles: handles)
  }

  private mutating func panfrostLabel() -> FuzzStep? {
    handleCall(cdrm_request_panfrost_set_label_bo, hasLabel: true) { grammar, handle in
      cdrm_panfrost_set_label_bo(handle: handle, pad: grammar.pad(), label: 0)
    }
  }

  private mutating func panfrostQuery() -> FuzzStep? {
    handleCall(cdrm_request_panfrost_query_bo_info) { grammar, handle in
      cdrm_panfrost_query_bo_info(
        handle: handle, extra_flags: 0,
        create_flags: UInt32(truncatingIfNeeded: grammar.random.next()), pad: grammar.pad())
    }
  }

  private mutating func gpuOffset() -> FuzzStep? {
    handleCall(cdrm_request_panfrost_get_bo_offset) { grammar, handle in
      cdrm_panfrost_get_bo_offset(handle: handle, pad: grammar.pad(), offset: 0)
    }
  }

  /// A wait ends at once: BOs are busy only on a mock, because elsewhere no job is submitted.
  private mutating func waitBuffer() -> FuzzStep? {
    handleCall(cdrm_request_panfrost_wait_bo) { grammar, handle in
      cdrm_panfrost_wait_bo(
        handle: handle, pad: grammar.pad(), timeout_ns: grammar.random.one(of: 0, 1, .max, -1))
    }
  }

  private mutating func advise() -> FuzzStep? {
    guard let file = testedFile() else { return nil }
    let (number, handle) = handle(of: file)
    let isNeeded = random.chance(50)
    if let maker = handle?.shape.maker, !isNeeded, model.exported.contains(maker),
      model.fileCount(naming: maker) == 1
    {
      // After DONTNEED an import of the BO makes a correct panfrost print a WARN.
      return nil
    }
    let argument = cdrm_panfrost_madvise(
      handle: number, madv: isNeeded ? 0 : 1, retained: 7)
    return driverCall(
      cdrm_request_panfrost_madvise, argument, on: file, handles: slots(handle, at: 0),
      effect: handle.map { .advises($0.shape.maker, isNeeded: isNeeded) } ?? .none)
  }

  private mutating func parameter() -> FuzzStep? {
    guard let file = testedFile() else { return nil }
    // Parameters with the same value on every modelled GPU; no times.
    let argument = cdrm_panfrost_get_param(
      param: random.one(of: 0, 1, 2, 4, 6, 12, 17, 43, 44, 45, 9999, .max), pad: pad(), value: 0)
    return driverCall(
      cdrm_request_panfrost_get_param, argument, on: file)
  }
}

/// Jobs of panfrost: refused ones, and on a mock also some that end with a fault.
extension FuzzGrammar {
  static let panfrostJobs: [Production] = [
    (8, { $0.submit() }), (3, { $0.jobContext() }),
  ]

  // The reasons for which a submission is refused.
  private enum Flaw: CaseIterable {
    case chain
    case requirement
    case result
    case context
    case syncobj
    case syncobjArray
    case buffer
    case bufferTwice
    case bufferArray
  }

  /// A submission with at least one flaw, except where jobs may run.
  private mutating func submit() -> FuzzStep? {
    guard let file = testedFile() else { return nil }
    let isRefused = !world.runsJobs || random.chance(60)
    var flaws: Set<Flaw> = []
    if isRefused {
      for _ in 0...random.below(2) { random.pick(Flaw.allCases).map { _ = flaws.insert($0) } }
    }
    var argument = cdrm_panfrost_submit()
    // The lowest GPU address is that of the first BO.
    argument.jc = flaws.contains(.chain) ? 0 : 0x200_0000 + UInt64(random.below(256)) * 64
    argument.requirements = flaws.contains(.requirement) ? 4 : UInt32(random.below(4))
    argument.out_sync = flaws.contains(.result) ? 100 : UInt32(random.below(4))
    argument.jm_ctx_handle = flaws.contains(.context) ? 100 : UInt32(random.below(3))
    argument.pad = pad()
    var inSyncs = syncobjs(random.weighted((60, 0), (30, 1), (10, 3)))
    if flaws.contains(.syncobj) { inSyncs.append(100) }
    var (buffers, slots) = namedBuffers(of: file)
    if flaws.contains(.buffer) { buffers.insert(4711, at: random.below(buffers.count + 1)) }
    if flaws.contains(.buffer) { slots.removeAll() }
    if flaws.contains(.bufferTwice) {
      guard let first = buffers.first else { return nil }
      buffers.append(first)
      if let slot = slots.first(where: { $0.offset == 0 }) {
        slots.append(
          FuzzStep.HandleSlot(link: 1, offset: (buffers.count - 1) * 4, source: slot.source))
      }
    }
    argument.in_sync_count = UInt32(inSyncs.count + (flaws.contains(.syncobjArray) ? 1 : 0))
    argument.bo_handle_count = UInt32(buffers.count + (flaws.contains(.bufferArray) ? 1 : 0))
    let links = [
      CallRegion.Link(
        at: 8,
        .pointer(
          .region(
            CallRegion(
              CallRegion(elements: inSyncs).bytes, isCutOff: flaws.contains(.syncobjArray))))),
      CallRegion.Link(
        at: 24,
        .pointer(
          .region(
            CallRegion(
              CallRegion(elements: buffers).bytes, isCutOff: flaws.contains(.bufferArray))))),
    ]
    // A cut argument may lose its flaw, except for a missing chain.
    guard flaws.contains(.chain) || world.runsJobs else {
      return whole(
        cdrm_request_panfrost_submit, argument, on: file.step, driver: world.driver, links: links,
        handles: slots)
    }
    return driverCall(
      cdrm_request_panfrost_submit, argument, on: file, links: links,
      handles: slots)
  }

  /// Up to three different BOs of a file.
  private mutating func namedBuffers(
    of file: FuzzModel.File
  ) -> (numbers: [UInt32], slots: [FuzzStep.HandleSlot]) {
    var numbers: [UInt32] = []
    var slots: [FuzzStep.HandleSlot] = []
    for _ in 0..<random.below(4) {
      guard let handle = random.pick(file.handles), !numbers.contains(handle.number) else {
        continue
      }
      slots.append(
        FuzzStep.HandleSlot(link: 1, offset: numbers.count * 4, source: handle.step))
      numbers.append(handle.number)
    }
    return (numbers, slots)
  }

  private mutating func jobContext() -> FuzzStep? {
    guard let file = testedFile() else { return nil }
    if random.chance(50) {
      let argument = cdrm_panfrost_jm_ctx_create(
        // A priority that is not allowed crashes Linux 7.2 and 7.3.
        handle: 9, priority: UInt32(random.below(3)))
      return driverCall(
        cdrm_request_panfrost_jm_ctx_create, argument, on: file)
    }
    let argument = cdrm_panfrost_jm_ctx_destroy(
      handle: random.weighted((90, UInt32(random.below(5))), (5, 100), (5, .max)), pad: pad())
    return driverCall(
      cdrm_request_panfrost_jm_ctx_destroy, argument, on: file)
  }
}
