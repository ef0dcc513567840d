// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// Waits for syncobjs, queries, and signaling by the client.
extension SyncobjIoctls {
  static func wait(_ file: MockFile, _ argument: inout cdrm_syncobj_wait) throws(Errno) {
    try require(file)
    let known = WaitFlags.all | WaitFlags.forSubmit | WaitFlags.deadline
    guard argument.flags & ~known == 0 else { throw .EINVAL }
    guard argument.count_handles > 0 else { return }
    let syncobjs = try find(argument.handles, count: argument.count_handles, in: file)
    let flags = argument.flags | (file.device.injects(.waitEmpty) ? WaitFlags.forSubmit : 0)
    argument.first_signaled = try wait(
      syncobjs.map { ($0, 0) }, flags, until: argument.timeout_nsec, file.device.jobs)
  }

  static func timelineWait(
    _ file: MockFile, _ argument: inout cdrm_syncobj_timeline_wait
  ) throws(Errno) {
    try requireTimeline(file)
    let known =
      WaitFlags.all | WaitFlags.forSubmit | WaitFlags.available | WaitFlags.deadline
    guard argument.flags & ~known == 0 else { throw .EINVAL }
    guard argument.count_handles > 0 else { return }
    let syncobjs = try find(argument.handles, count: argument.count_handles, in: file)
    let points = try points(argument.points, count: syncobjs.count)
    argument.first_signaled = try wait(
      Array(zip(syncobjs, points)), argument.flags, until: argument.timeout_nsec,
      file.device.jobs)
  }

  /// Removes all fences.
  static func reset(_ file: MockFile, _ argument: inout cdrm_syncobj_array) throws(Errno) {
    for syncobj in try named(by: argument, in: file) { syncobj.replace(with: nil) }
  }

  /// Replaces all fences with one that is signaled.
  static func signal(_ file: MockFile, _ argument: inout cdrm_syncobj_array) throws(Errno) {
    for syncobj in try named(by: argument, in: file) { syncobj.replace(with: [MockFence()]) }
  }

  static func timelineSignal(
    _ file: MockFile, _ argument: inout cdrm_syncobj_timeline_array
  ) throws(Errno) {
    try requireTimeline(file)
    guard argument.flags == 0, argument.count_handles > 0 else { throw .EINVAL }
    let syncobjs = try find(argument.handles, count: argument.count_handles, in: file)
    let points = try points(argument.points, count: syncobjs.count)
    for (syncobj, point) in zip(syncobjs, points) { syncobj.add(MockFence(), at: point) }
  }

  /// Returns the last signaled or submitted points; 0 for a syncobj without a timeline.
  static func query(
    _ file: MockFile, _ argument: inout cdrm_syncobj_timeline_array
  ) throws(Errno) {
    try requireTimeline(file)
    let lastSubmitted: UInt32 = 1
    guard argument.flags & ~lastSubmitted == 0, argument.count_handles > 0 else { throw .EINVAL }
    let syncobjs = try find(argument.handles, count: argument.count_handles, in: file)
    for (index, syncobj) in syncobjs.enumerated() {
      let point = argument.flags == 0 ? syncobj.signaledPoint : syncobj.submittedPoint
      try ClientMemory.writeBytes(
        argument.points &+ UInt64(index * 8),
        (0..<8).map { UInt8(truncatingIfNeeded: point >> ($0 * 8)) })
    }
  }

  private static func requireTimeline(_ file: MockFile) throws(Errno) {
    guard file.device.driver.hasSyncobjTimeline else { throw .EOPNOTSUPP }
  }

  private static func named(
    by argument: cdrm_syncobj_array, in file: MockFile
  ) throws(Errno) -> [MockSyncobj] {
    try require(file)
    guard argument.pad == 0, argument.count_handles > 0 else { throw .EINVAL }
    return try find(argument.handles, count: argument.count_handles, in: file)
  }

  /// Finds syncobjs by handle, after all handles are copied in: `drm_syncobj_array_find`.
  private static func find(
    _ address: UInt64, count: UInt32, in file: MockFile
  ) throws(Errno) -> [MockSyncobj] {
    var syncobjs: [MockSyncobj] = []
    for handle in try ClientArray.words(address, count: count) {
      guard let syncobj = file.syncobjs[handle] else { throw .ENOENT }
      syncobjs.append(syncobj)
    }
    return syncobjs
  }

  /// Copies points in; without an array, 0 stands for the last point of each syncobj.
  private static func points(_ address: UInt64, count: Int) throws(Errno) -> [UInt64] {
    guard address != 0 else { return [UInt64](repeating: 0, count: count) }
    let bytes = try ClientMemory.readBytes(address, count: count * 8)
    return (0..<count).map { index in
      bytes[index * 8..<index * 8 + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
  }

  /// Waits, and returns the index of the first signaled syncobj: `drm_syncobj_array_wait_timeout`.
  ///
  /// Calls do not run in parallel, so a wait for a point that was not submitted times out at once.
  private static func wait(
    _ syncobjs: [(syncobj: MockSyncobj, point: UInt64)], _ flags: UInt32, until time: Int64,
    _ jobs: JobTable
  ) throws(Errno) -> UInt32 {
    let mayBeMissing = flags & (WaitFlags.forSubmit | WaitFlags.available) != 0
    let isAvailableEnough = flags & WaitFlags.available != 0
    let found = syncobjs.map { $0.syncobj.fences(at: $0.point) }
    guard mayBeMissing || found.allSatisfy({ $0 != nil }) else { throw .EINVAL }
    let isReached = { (fences: [MockFence]?) in
      fences.map { isAvailableEnough || $0.allSatisfy(\.isSignaled) } ?? false
    }
    let left = time <= 0 ? time : time - cdrm_monotonic_nanoseconds()
    if flags & WaitFlags.all != 0 {
      let open = found.filter { !isReached($0) }
      let pending = open.compactMap(\.self).flatMap(\.self)
      guard jobs.wait(for: pending, within: left), !open.contains(where: { $0 == nil }) else {
        throw .ETIME
      }
      return 0
    }
    // A syncobj that is signaled already is the first; otherwise the jobs run in the order of the array.
    if let first = found.firstIndex(where: isReached) { return UInt32(first) }
    for (index, fences) in found.enumerated() {
      if let fences, jobs.wait(for: fences, within: left) { return UInt32(index) }
    }
    throw .ETIME
  }

  private enum WaitFlags {
    static let all = UInt32(CDRM_SYNCOBJ_WAIT_FLAGS_WAIT_ALL)
    static let forSubmit = UInt32(CDRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT)
    static let available = UInt32(CDRM_SYNCOBJ_WAIT_FLAGS_WAIT_AVAILABLE)
    static let deadline = UInt32(CDRM_SYNCOBJ_WAIT_FLAGS_WAIT_DEADLINE)
  }
}
