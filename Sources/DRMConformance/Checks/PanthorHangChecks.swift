// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

private typealias Calls = PanthorGroupCalls
private typealias Memory = PanthorStreamMemory
private typealias Stream = PanthorStream

/// Streams that do not end by themselves: they wait for what nobody writes, or no GPU is there for them.
let panthorHangChecks: [Check] = hangs.map { $0.requiring(.driver("panthor")).requiring(.jobs) }

private let hangs: [Check] = [
  Check(
    "panthor.group_hang.times_out",
    "A stream that does not end is given up after five seconds, and its group with it."
  ) { probe in
    var memory = try Memory(queues: 2, in: probe)
    let first = try memory.run(Stream.waiting(for: 0), at: 0)
    let behind = try memory.run(Stream.storing(1, at: 1), at: 64)
    let place = try SyncobjCalls.create(in: probe)
    let submission = Calls.Submission(syncs: [PanthorSyncs.signal(place)])
    try probe.expect(Calls.submit([submission], to: memory.group, in: probe), .success)
    try SyncobjCalls.wait(
      [first], .errno(.ETIME), until: SyncobjCalls.time(afterMilliseconds: 50), in: probe)
    try Calls.expectState(memory.group, 0, in: probe)
    for result in [first, behind, place] {
      try memory.expectEnd(result, -110, withinMilliseconds: 15_000)
    }
    try Calls.expectState(memory.group, CDRM_PANTHOR_GROUP_STATE_TIMEDOUT, in: probe)
    for queue: UInt32 in 0...1 {
      try probe.expect(
        Calls.submit([Calls.Submission(queue: queue)], to: memory.group, in: probe), .EINVAL)
    }
  },
  Check(
    "panthor.group_hang.other_queue", "A place in another queue does not wait for one that hangs."
  ) { probe in
    var memory = try Memory(queues: 2, in: probe)
    let hung = try memory.run(Stream.waiting(for: 0), at: 0)
    let place = try SyncobjCalls.create(in: probe)
    let submission = Calls.Submission(queue: 1, syncs: [PanthorSyncs.signal(place)])
    try probe.expect(Calls.submit([submission], to: memory.group, in: probe), .success)
    try memory.expectEnd(place)
    try SyncobjCalls.wait([hung], .errno(.ETIME), in: probe)
    try probe.expect(Calls.destroy(memory.group, in: probe), .success)
  },
  Check("panthor.group_hang.destroyed", "With its group a stream that began is cancelled.") {
    probe in
    var memory = try Memory(queues: 2, in: probe)
    let results = [
      try memory.run(Stream.waiting(for: 0), at: 0),
      try memory.run(Stream.storing(1, at: 1), at: 64),
      try memory.run(Stream.waiting(for: 0), at: 128, on: 1),
    ]
    try probe.expect(Calls.destroy(memory.group, in: probe), .success)
    for result in results { try memory.expectEnd(result, -125) }
  },
  Check(
    "panthor.group_hang.waiter_destroyed",
    "What did not begin before its group's end is cancelled when its turn comes."
  ) { probe in
    var memory = try Memory(in: probe)
    let hung = try memory.run(Stream.waiting(for: 0), at: 0)
    let group = try Calls.group(vm: memory.vm, in: probe)
    let waiter = try SyncobjCalls.create(in: probe)
    let submission = Calls.Submission(
      size: 32, address: Memory.address,
      syncs: [PanthorSyncs.wait(hung), PanthorSyncs.signal(waiter)])
    try probe.expect(Calls.submit([submission], to: group, in: probe), .success)
    try probe.expect(Calls.destroy(group, in: probe), .success)
    try SyncobjCalls.wait(
      [waiter], .errno(.ETIME), until: SyncobjCalls.time(afterMilliseconds: 50), in: probe)
    try probe.expect(Calls.destroy(memory.group, in: probe), .success)
    try memory.expectEnd(hung, -125)
    try memory.expectEnd(waiter, -125)
  },
  Check(
    "panthor.group_hang.bind_waits",
    "An asynchronous bind waits for a stream, and those behind it for that; a synchronous one does not."
  ) { probe in
    var memory = try Memory(in: probe)
    let hung = try memory.run(Stream.waiting(for: 0), at: 0)
    let vm = try Calls.createVM(in: probe)
    let handle = try probe.node.createBuffer(size: 65536).disown().rawValue
    let results = [try SyncobjCalls.create(in: probe), try SyncobjCalls.create(in: probe)]
    let operations = [
      PanthorBindCalls.map(
        handle, syncs: [PanthorSyncs.wait(hung), PanthorSyncs.signal(results[0])]),
      PanthorBindCalls.map(handle, at: 2 << 20, syncs: [PanthorSyncs.signal(results[1])]),
    ]
    try probe.expect(PanthorBindCalls.bind(operations, in: vm, in: probe).answer, .success)
    let now = [PanthorBindCalls.map(handle, at: 3 << 20)]
    try probe.expect(PanthorBindCalls.bind(now, in: vm, flags: 0, in: probe).answer, .success)
    for result in results {
      try SyncobjCalls.wait(
        [result], .errno(.ETIME), until: SyncobjCalls.time(afterMilliseconds: 50), in: probe)
    }
    try probe.expect(Calls.destroy(memory.group, in: probe), .success)
    try memory.expectEnd(hung, -125)
    // A bind begins whatever became of what it waited for.
    for result in results { try memory.expectEnd(result) }
  },
  Check(
    "panthor.group_hang.vm_destroyed", "A stream outlives its VM, and is given up as any other."
  ) { probe in
    var memory = try Memory(in: probe)
    let hung = try memory.run(Stream.waiting(for: 0), at: 0)
    try probe.expect(Calls.destroyVM(memory.vm, in: probe), .success)
    try SyncobjCalls.wait(
      [hung], .success, until: SyncobjCalls.time(afterMilliseconds: 15_000), first: 0, in: probe)
    try probe.expect(
      Calls.submit([Calls.Submission()], to: memory.group, in: probe), .EINVAL)
  },
]
