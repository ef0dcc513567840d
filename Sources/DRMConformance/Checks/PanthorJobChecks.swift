// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMDrivers
internal import DRMKernel

private typealias Calls = PanthorGroupCalls

/// Command streams that a GPU executes.
let panthorJobChecks: [Check] = checks(of: .panthor, (jobs + faults).requiring(.jobs))

private let jobs: [Check] = [
  Check("panthor.group_job.store", "A stream stores to memory, and the CPU reads the value.") {
    probe in
    var memory = try StreamMemory(in: probe)
    try memory.store(1, at: 0)
    try memory.expectEnd(try memory.run(CommandStream.storing(0x1234_5678_9abc, at: 0), at: 0))
    try probe.expectEqual("word", memory.load(at: 0), 0x1234_5678_9abc)
    try Calls.expectState(memory.group, 0, in: probe)
  },
  Check("panthor.group_job.load", "A stream loads the value that the CPU stored.") { probe in
    var memory = try StreamMemory(in: probe)
    try memory.store(0x7766_5544_3322_1100, at: 0)
    let stream = [
      CommandStream.move(wordAddress: 0, to: 0), CommandStream.load(4, from: 0),
      CommandStream.waitForAll,
      CommandStream.move(wordAddress: 1, to: 2), CommandStream.store(4, to: 2),
      CommandStream.waitForAll,
    ]
    try memory.expectEnd(try memory.run(stream, at: 0))
    try probe.expectEqual("word", memory.load(at: 1), 0x7766_5544_3322_1100)
  },
  Check("panthor.group_job.order", "The streams of a queue run in the order of their submission.") {
    probe in
    var memory = try StreamMemory(in: probe)
    var last: UInt32 = 0
    for value: UInt64 in 1...8 {
      last = try memory.run(CommandStream.storing(value, at: 0), at: Int(value) * 64)
    }
    try memory.expectEnd(last)
    try probe.expectEqual("word", memory.load(at: 0), 8)
  },
  Check(
    "panthor.group_job.registers", "The registers of a queue keep their values between streams."
  ) {
    probe in
    var memory = try StreamMemory(in: probe)
    let first = [CommandStream.move(77, to: 20), CommandStream.move(wordAddress: 0, to: 22)]
    try memory.expectEnd(try memory.run(first, at: 0))
    try memory.expectEnd(
      try memory.run([CommandStream.store(20, to: 22), CommandStream.waitForAll], at: 64))
    try probe.expectEqual("word", memory.load(at: 0), 77)
  },
  Check(
    "panthor.group_job.after",
    "A stream starts after a stream on another queue has signaled its syncobj."
  ) {
    probe in
    var memory = try StreamMemory(queues: 2, in: probe)
    let first = try memory.run(CommandStream.storing(5, at: 0), at: 0)
    let stream = [
      CommandStream.move(wordAddress: 0, to: 0), CommandStream.move(2, to: 2),
      CommandStream.syncAdd(2, to: 0),
    ]
    try memory.expectEnd(try memory.run(stream, at: 64, on: 1, after: [first]))
    try probe.expectEqual("word", memory.load(at: 0), 7)
  },
  Check(
    "panthor.group_job.sync_wait",
    "SYNC_WAIT64 waits until a stream on another queue has written the value."
  ) { probe in
    var memory = try StreamMemory(queues: 2, in: probe)
    let waiting = try memory.run(
      CommandStream.waiting(for: 0) + CommandStream.storing(9, at: 1), at: 0)
    try SyncobjCalls.expectStatus(of: waiting, 0, in: probe)
    let stream = [
      CommandStream.move(wordAddress: 0, to: 0), CommandStream.move(1, to: 2),
      CommandStream.syncAdd(2, to: 0),
    ]
    try memory.expectEnd(try memory.run(stream, at: 256, on: 1))
    try memory.expectEnd(waiting)
    try probe.expectEqual("word", memory.load(at: 1), 9)
  },
]

private let faults: [Check] = [
  fatal(
    "unknown_instruction", "An unknown instruction is a fatal fault and ends the group.",
    [CommandStream.unknown]),
  fatal(
    "load_nowhere", "A load from an unmapped address is a fatal fault and ends the group.",
    [CommandStream.move(1 << 30, to: 0), CommandStream.load(2, from: 0), CommandStream.waitForAll]),
  fatal(
    "store_read_only", "A store to a read-only mapping is a fatal fault and ends the group.",
    [
      CommandStream.move(StreamMemory.readOnlyAddress, to: 0), CommandStream.store(2, to: 0),
      CommandStream.waitForAll,
    ]),
  Check(
    "panthor.group_job.stream_nowhere",
    "A stream at an unmapped address is a fatal fault and ends the group."
  ) {
    probe in
    let group = try Calls.group(in: probe)
    let result = try SyncobjCalls.create(in: probe)
    let submission = Calls.Submission(
      size: 64, address: 1 << 30, syncs: [PanthorSyncs.signal(result)])
    try Calls.submit([submission], to: group, in: probe)
    try SyncobjCalls.expectEnd(result, status: -22, in: probe)
    try Calls.expectState(
      group, CDRM_PANTHOR_GROUP_STATE_FATAL_FAULT, fatalQueues: 1, in: probe)
  },
]

/// A check that a stream on the second queue ends its group with a fatal fault.
private func fatal(_ name: String, _ statement: String, _ stream: [UInt64]) -> Check {
  Check("panthor.group_job.\(name)", statement) { probe in
    var memory = try StreamMemory(queues: 2, in: probe)
    let result = try memory.run(stream, at: 0, on: 1)
    try memory.expectEnd(result, -22)
    try Calls.expectState(
      memory.group, CDRM_PANTHOR_GROUP_STATE_FATAL_FAULT, fatalQueues: 2, in: probe)
    for queue: UInt32 in 0...1 {
      try Calls.submit([Calls.Submission(queue: queue)], to: memory.group, .EINVAL, in: probe)
    }
    try Calls.destroy(memory.group, in: probe)
  }
}
