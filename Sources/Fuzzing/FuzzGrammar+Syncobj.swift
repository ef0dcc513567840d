// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel
internal import CallTrace

/// Syncobjs: waits that end at once, timeline points, and sync files.
extension FuzzGrammar {
  mutating func syncobjCall() -> FuzzStep? {
    guard let file = anyFile()?.step else { return nil }
    switch random.below(9) {
    case 0, 1: return waitForSyncobjs(on: file)
    case 2: return setSyncobjs(on: file)
    case 3: return waitForPoints(on: file)
    case 4: return signalPoints(on: file)
    case 5: return queryPoints(on: file)
    case 6: return exportSyncobj(on: file)
    case 7: return importIntoSyncobj(on: file)
    default:
      let argument = cdrm_syncobj_create(handle: 0, flags: random.chance(50) ? 1 : 0)
      return ioctl(cdrm_request_syncobj_create, argument, on: file)
    }
  }

  /// Handles from a small range, so that many of them name a syncobj.
  mutating func syncobjs(_ count: Int) -> [UInt32] {
    (0..<count).map { _ in
      random.chance(92) ? 1 + UInt32(random.below(4)) : random.one(of: 0, 100, .max)
    }
  }

  private mutating func count() -> Int {
    random.weighted((60, 1), (30, 1 + random.below(4)), (3, 0))
  }

  private mutating func points(_ count: Int) -> CallMemory {
    let points = (0..<count).map { _ in random.weighted((90, UInt64(random.below(6))), (1, .max)) }
    return array(CallRegion(elements: points))
  }

  /// A timeout; infinite only where a mock runs jobs, because a wait for an unsubmitted job never ends.
  private mutating func time() -> Int64 {
    world.runsJobs && random.chance(20) ? .max : random.one(of: 0, 1, -1, .min)
  }

  private mutating func waitForSyncobjs(on file: Int) -> FuzzStep {
    let count = count()
    var argument = cdrm_syncobj_wait()
    argument.timeout_nsec = time()
    argument.count_handles = UInt32(count)
    argument.flags = random.weighted(
      (30, 0), (15, 1), (15, 2), (15, 3), (5, 8), (3, 4), (2, 16), (1, .max))
    argument.first_signaled = 7
    argument.pad = pad()
    return ioctl(
      cdrm_request_syncobj_wait, argument, on: file,
      links: [.init(at: 0, .pointer(array(CallRegion(elements: syncobjs(count)))))])
  }

  private mutating func setSyncobjs(on file: Int) -> FuzzStep {
    let count = count()
    let argument = cdrm_syncobj_array(handles: 0, count_handles: UInt32(count), pad: pad())
    return ioctl(
      random.chance(40) ? cdrm_request_syncobj_reset : cdrm_request_syncobj_signal, argument,
      on: file, links: [.init(at: 0, .pointer(array(CallRegion(elements: syncobjs(count)))))])
  }

  private mutating func waitForPoints(on file: Int) -> FuzzStep {
    let count = count()
    var argument = cdrm_syncobj_timeline_wait()
    argument.timeout_nsec = time()
    argument.count_handles = UInt32(count)
    argument.flags = random.weighted((30, UInt32(random.below(8))), (5, 8), (3, 16))
    argument.first_signaled = 7
    return ioctl(
      cdrm_request_syncobj_timeline_wait, argument, on: file,
      links: [
        .init(at: 0, .pointer(array(CallRegion(elements: syncobjs(count))))),
        .init(at: 8, .pointer(points(count))),
      ])
  }

  private mutating func signalPoints(on file: Int) -> FuzzStep {
    let count = count()
    let argument = cdrm_syncobj_timeline_array(
      handles: 0, points: 0, count_handles: UInt32(count), flags: pad())
    return ioctl(
      cdrm_request_syncobj_timeline_signal, argument, on: file,
      links: [
        .init(at: 0, .pointer(array(CallRegion(elements: syncobjs(count))))),
        .init(at: 8, .pointer(points(count))),
      ])
  }

  private mutating func queryPoints(on file: Int) -> FuzzStep {
    let count = count()
    let argument = cdrm_syncobj_timeline_array(
      handles: 0, points: 0, count_handles: UInt32(count),
      flags: random.weighted((70, 0), (25, 1), (2, 2)))
    let room: CallMemory =
      random.chance(95)
      ? .region(CallRegion([UInt8](repeating: 0x2e, count: count * 8))) : .wild(0x6000)
    return ioctl(
      cdrm_request_syncobj_query, argument, on: file,
      links: [
        .init(at: 0, .pointer(array(CallRegion(elements: syncobjs(count))))),
        .init(at: 8, .pointer(room)),
      ])
  }

  /// Exports a syncobj as a sync file; the mock does not model shared syncobjs.
  private mutating func exportSyncobj(on file: Int) -> FuzzStep? {
    guard model.fences.count < 8 else { return nil }
    let argument = cdrm_syncobj_handle(
      handle: syncobjs(1)[0], flags: random.chance(95) ? 1 : 0x10, fd: -1, pad: pad())
    return whole(
      cdrm_request_syncobj_handle_to_fd, argument, on: file, effect: .exportsFence)
  }

  private mutating func importIntoSyncobj(on file: Int) -> FuzzStep? {
    let fence = random.pick(model.fences).map { Call.Descriptor.given($0) }
    let argument = cdrm_syncobj_handle(
      handle: syncobjs(1)[0], flags: random.chance(95) ? 1 : 0x10, fd: 0, pad: pad())
    return whole(
      cdrm_request_syncobj_fd_to_handle, argument, on: file,
      links: [.init(at: 8, .descriptor(fence ?? random.one(of: .literal(-1), .given(file))))])
  }
}
