// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel
internal import CallTrace

/// panfrost's jobs: refused ones, and where the GPU is the mock's, some that end with a fault.
extension FuzzGrammar {
  static let panfrostJobs: [Production] = [
    (8, { $0.submit() }), (3, { $0.jobContext() }),
  ]

  // What a submission is refused for, whatever else is right.
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

  /// A submission with one flaw, or several; with none only where jobs may run.
  private mutating func submit() -> FuzzStep? {
    guard let file = testedFile() else { return nil }
    let isRefused = !world.runsJobs || dice.chance(60)
    var flaws: Set<Flaw> = []
    if isRefused {
      for _ in 0...dice.below(2) { dice.pick(Flaw.allCases).map { _ = flaws.insert($0) } }
    }
    var argument = cdrm_panfrost_submit()
    // The first BO's address is the lowest there is.
    argument.jc = flaws.contains(.chain) ? 0 : 0x200_0000 + UInt64(dice.below(256)) * 64
    argument.requirements = flaws.contains(.requirement) ? 4 : UInt32(dice.below(4))
    argument.out_sync = flaws.contains(.result) ? 100 : UInt32(dice.below(4))
    argument.jm_ctx_handle = flaws.contains(.context) ? 100 : UInt32(dice.below(3))
    argument.pad = pad()
    var inSyncs = syncobjs(dice.weighted((60, 0), (30, 1), (10, 3)))
    if flaws.contains(.syncobj) { inSyncs.append(100) }
    var (buffers, slots) = namedBuffers(of: file)
    if flaws.contains(.buffer) { buffers.insert(4711, at: dice.below(buffers.count + 1)) }
    if flaws.contains(.buffer) { slots.removeAll() }
    if flaws.contains(.bufferTwice) {
      guard let first = buffers.first else { return nil }
      buffers.append(first)
      if let slot = slots.first(where: { $0.offset == 0 }) {
        slots.append(
          FuzzStep.HandleSlot(link: 1, offset: (buffers.count - 1) * 4, giver: slot.giver))
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
    // Cut short, an argument may lose its flaw; without a chain it has one in any case.
    guard flaws.contains(.chain) || world.runsJobs else {
      return whole(
        cdrm_request_panfrost_submit, argument, on: file.step, driver: .panfrost, links: links,
        handles: slots)
    }
    return ioctl(
      cdrm_request_panfrost_submit, argument, on: file.step, driver: .panfrost, links: links,
      handles: slots)
  }

  /// Up to three BOs of a file, none twice.
  private mutating func namedBuffers(
    of file: FuzzModel.File
  ) -> (numbers: [UInt32], slots: [FuzzStep.HandleSlot]) {
    var numbers: [UInt32] = []
    var slots: [FuzzStep.HandleSlot] = []
    for _ in 0..<dice.below(4) {
      guard let handle = dice.pick(file.handles), !numbers.contains(handle.number) else { continue }
      slots.append(
        FuzzStep.HandleSlot(link: 1, offset: numbers.count * 4, giver: handle.step))
      numbers.append(handle.number)
    }
    return (numbers, slots)
  }

  private mutating func jobContext() -> FuzzStep? {
    guard let file = testedFile() else { return nil }
    if dice.chance(50) {
      let argument = cdrm_panfrost_jm_ctx_create(
        // Of one that is not allowed, Linux 7.2 and 7.3 die.
        handle: 9, priority: UInt32(dice.below(3)))
      return ioctl(
        cdrm_request_panfrost_jm_ctx_create, argument, on: file.step, driver: .panfrost)
    }
    let argument = cdrm_panfrost_jm_ctx_destroy(
      handle: dice.weighted((90, UInt32(dice.below(5))), (5, 100), (5, .max)), pad: pad())
    return ioctl(
      cdrm_request_panfrost_jm_ctx_destroy, argument, on: file.step, driver: .panfrost)
  }
}
