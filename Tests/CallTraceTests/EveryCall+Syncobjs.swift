// SPDX-License-Identifier: MIT

import CDRM
import CallTrace

extension EveryCall {
  /// Syncobjs with arrays of handles and points.
  static let syncobjs: [Call] = [
    ioctl(cdrm_request_syncobj_create, cdrm_syncobj_create(handle: 0, flags: 1)),
    ioctl(cdrm_request_syncobj_create, cdrm_syncobj_create(handle: 0, flags: 0)),
    wait(handles([1, 2]), count: 2, flags: 2), wait(handles([2]), count: 1), wait(.null, count: 0),
    wait(.wild(0x1000), count: 1),
    wait(.region(CallRegion([1, 0, 0, 0], isCutOff: true)), count: 2),
    ioctl(
      cdrm_request_syncobj_signal, cdrm_syncobj_array(handles: 0, count_handles: 1, pad: 0),
      links: [.init(at: 0, .pointer(handles([2])))]),
    ioctl(
      cdrm_request_syncobj_reset, cdrm_syncobj_array(handles: 0, count_handles: 2, pad: 0),
      links: [.init(at: 0, .pointer(handles([1, 2])))]),
    ioctl(
      cdrm_request_syncobj_timeline_signal,
      cdrm_syncobj_timeline_array(handles: 0, points: 0, count_handles: 2, flags: 0),
      links: [
        .init(at: 0, .pointer(handles([1, 2]))), .init(at: 8, .pointer(points([3, 0x1234]))),
      ]),
    query(room: 16), query(room: 3), query(room: 0), timelineWait,
    ioctl(
      cdrm_request_syncobj_handle_to_fd,
      cdrm_syncobj_handle(handle: 1, flags: 1, fd: -1, pad: 0)),
  ]

  private static func handles(_ numbers: [UInt32]) -> CallMemory {
    .region(CallRegion(elements: numbers))
  }

  private static func points(_ numbers: [UInt64]) -> CallMemory {
    .region(CallRegion(elements: numbers))
  }

  private static func wait(_ handles: CallMemory, count: UInt32, flags: UInt32 = 0) -> Call {
    var argument = cdrm_syncobj_wait()
    argument.count_handles = count
    argument.flags = flags
    return ioctl(
      cdrm_request_syncobj_wait, argument, links: [.init(at: 0, .pointer(handles))])
  }

  /// A query of two points with a buffer of a size.
  private static func query(room: Int) -> Call {
    let memory: CallMemory =
      room == 0
      ? .null
      : .region(CallRegion([UInt8](repeating: 0, count: room), isCutOff: room < 16))
    return ioctl(
      cdrm_request_syncobj_query,
      cdrm_syncobj_timeline_array(handles: 0, points: 0, count_handles: 2, flags: 0),
      links: [.init(at: 0, .pointer(handles([1, 2]))), .init(at: 8, .pointer(memory))])
  }

  private static let timelineWait: Call = {
    var argument = cdrm_syncobj_timeline_wait()
    argument.count_handles = 1
    return ioctl(
      cdrm_request_syncobj_timeline_wait, argument,
      links: [.init(at: 0, .pointer(handles([2]))), .init(at: 8, .pointer(points([0x1000])))])
  }()
}
