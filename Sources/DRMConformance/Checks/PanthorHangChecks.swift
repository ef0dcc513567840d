// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMDrivers
internal import DRMKernel

private typealias Calls = PanthorGroupCalls

/// Streams that never end: they wait for a value that is never written, or the device has no GPU.
let panthorHangChecks: [Check] = checks(of: .panthor, hangs.requiring(.jobs))

private let hangs: [Check] = [
  Check(
    "panthor.group_hang.times_out",
    "A stream that does not end times out, and all streams of its queue get the error ETIMEDOUT."
  ) { probe in
    var memory = try StreamMemory(queues: 2, in: probe)
    let first = try memory.run(CommandStream.waiting(for: 0), at: 0)
    let behind = try memory.run(CommandStream.storing(1, at: 1), at: 64)
    let place = try SyncobjCalls.create(in: probe)
    let submission = Calls.Submission(syncs: [PanthorSyncs.signal(place)])
    try Calls.submit([submission], to: memory.group, in: probe)
    try SyncobjCalls.expectPending(first, in: probe)
    try Calls.expectState(memory.group, 0, in: probe)
    for result in [first, behind, place] {
      try memory.expectEnd(result, -110, withinMilliseconds: 15_000)
    }
    try Calls.expectState(memory.group, CDRM_PANTHOR_GROUP_STATE_TIMEDOUT, in: probe)
    for queue: UInt32 in 0...1 {
      try Calls.submit([Calls.Submission(queue: queue)], to: memory.group, .EINVAL, in: probe)
    }
  },
  Check(
    "panthor.group_hang.other_queue",
    "A submission on another queue does not wait for a stream that does not end."
  ) { probe in
    var memory = try StreamMemory(queues: 2, in: probe)
    let hung = try memory.run(CommandStream.waiting(for: 0), at: 0)
    let place = try SyncobjCalls.create(in: probe)
    let submission = Calls.Submission(queue: 1, syncs: [PanthorSyncs.signal(place)])
    try Calls.submit([submission], to: memory.group, in: probe)
    try memory.expectEnd(place)
    try SyncobjCalls.wait([hung], .errno(.ETIME), in: probe)
    try Calls.destroy(memory.group, in: probe)
  },
  Check(
    "panthor.group_hang.destroyed",
    "GROUP_DESTROY cancels the streams on the queues of the group."
  ) {
    probe in
    var memory = try StreamMemory(queues: 2, in: probe)
    let results = [
      try memory.run(CommandStream.waiting(for: 0), at: 0),
      try memory.run(CommandStream.storing(1, at: 1), at: 64),
      try memory.run(CommandStream.waiting(for: 0), at: 128, on: 1),
    ]
    try Calls.destroy(memory.group, in: probe)
    for result in results { try memory.expectEnd(result, -125) }
  },
  Check(
    "panthor.group_hang.waiter_destroyed",
    "A stream that waits for a syncobj when its group is destroyed is cancelled after the wait."
  ) { probe in
    var memory = try StreamMemory(in: probe)
    let hung = try memory.run(CommandStream.waiting(for: 0), at: 0)
    let group = try Calls.group(vm: memory.vm, in: probe)
    let waiter = try SyncobjCalls.create(in: probe)
    let submission = Calls.Submission(
      size: 32, address: StreamMemory.address,
      syncs: [PanthorSyncs.wait(hung), PanthorSyncs.signal(waiter)])
    try Calls.submit([submission], to: group, in: probe)
    try Calls.destroy(group, in: probe)
    try SyncobjCalls.expectPending(waiter, in: probe)
    try Calls.destroy(memory.group, in: probe)
    try memory.expectEnd(hung, -125)
    try memory.expectEnd(waiter, -125)
  },
  Check(
    "panthor.group_hang.bind_waits",
    "Asynchronous binds wait for a stream in their order, and a synchronous bind does not wait."
  ) { probe in
    var memory = try StreamMemory(in: probe)
    let hung = try memory.run(CommandStream.waiting(for: 0), at: 0)
    let vm = try Calls.createVM(in: probe)
    let handle = try probe.node.createBuffer(size: 65536).disown().rawValue
    let results = try SyncobjCalls.create(count: 2, in: probe)
    let operations = [
      PanthorBindCalls.map(
        handle, syncs: [PanthorSyncs.wait(hung), PanthorSyncs.signal(results[0])]),
      PanthorBindCalls.map(handle, at: 2 << 20, syncs: [PanthorSyncs.signal(results[1])]),
    ]
    try PanthorBindCalls.bind(operations, in: vm, in: probe)
    let now = [PanthorBindCalls.map(handle, at: 3 << 20)]
    try PanthorBindCalls.bind(now, in: vm, flags: 0, in: probe)
    for result in results {
      try SyncobjCalls.expectPending(result, in: probe)
    }
    try Calls.destroy(memory.group, in: probe)
    try memory.expectEnd(hung, -125)
    // A bind starts also if the fence that it waited for has an error.
    for result in results { try memory.expectEnd(result) }
  },
  Check(
    "panthor.group_hang.vm_destroyed",
    "VM_DESTROY does not end a stream of the VM: the timeout does."
  ) { probe in
    var memory = try StreamMemory(in: probe)
    let hung = try memory.run(CommandStream.waiting(for: 0), at: 0)
    try Calls.destroyVM(memory.vm, in: probe)
    try SyncobjCalls.expectEnd(hung, withinMilliseconds: 15_000, in: probe)
    try Calls.submit([Calls.Submission()], to: memory.group, .EINVAL, in: probe)
  },
]
