// SPDX-License-Identifier: MIT

import CDRM
import CallTrace
import DRMDrivers
import DRMKernel

/// Groups of panthor and submissions to them.
extension EveryCall {
  static let groups: [Call] = [
    ioctl(cdrm_request_panthor_vm_create, cdrm_panthor_vm_create(), driver: .panthor),
    createGroup, submit(wait: 0), submit(wait: 4711), submit(stride: 64),
    ioctl(
      cdrm_request_panthor_group_get_state,
      cdrm_panthor_group_get_state(group_handle: 1, state: 5, fatal_queues: 6, pad: 0),
      driver: .panthor),
    ioctl(
      cdrm_request_panthor_group_destroy, cdrm_panthor_group_destroy(group_handle: 1, pad: 0),
      driver: .panthor),
  ]

  private static let createGroup: Call = {
    let queue = cdrm_panthor_queue_create(priority: 2, pad: (0, 0, 0), ringbuf_size: 8192)
    var argument = cdrm_panthor_group_create()
    argument.queues.stride = 8
    argument.queues.count = 2
    argument.max_tiler_cores = 1
    argument.tiler_core_mask = 1
    argument.vm_id = 1
    return ioctl(
      cdrm_request_panthor_group_create, argument, driver: .panthor,
      links: [.init(at: 8, .pointer(.region(CallRegion(elements: [queue, queue]))))])
  }()

  /// Two empty submissions: one with syncs, and one with a bad address of syncs that is not read.
  private static func submit(wait handle: UInt32 = 0, stride: Int = 40) -> Call {
    var submissions = [cdrm_panthor_queue_submit(), cdrm_panthor_queue_submit()]
    submissions[1].queue_index = 1
    submissions[0].syncs = cdrm_panthor_obj_array(
      stride: 16, count: handle == 0 ? 0 : 2, array: 0)
    let syncs = [
      cdrm_panthor_sync_op(flags: 0, handle: handle, timeline_value: 0),
      cdrm_panthor_sync_op(flags: 1, handle: handle, timeline_value: 7),
    ]
    var region = CallRegion(elements: submissions, stride: stride)
    region.links = [
      .init(at: 32, .pointer(.region(CallRegion(elements: handle == 0 ? [] : syncs)))),
      .init(at: stride + 32, .pointer(.wild(0x1000))),
    ]
    return ioctl(
      cdrm_request_panthor_group_submit,
      cdrm_panthor_group_submit(
        group_handle: 1, pad: 0,
        queue_submits: cdrm_panthor_obj_array(stride: UInt32(stride), count: 2, array: 0)),
      driver: .panthor, links: [.init(at: 16, .pointer(.region(region)))])
  }
}
