// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel
internal import CallTrace

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
