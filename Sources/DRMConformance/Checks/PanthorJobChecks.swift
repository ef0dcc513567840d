// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

private typealias Calls = PanthorGroupCalls
private typealias Memory = PanthorStreamMemory
private typealias Stream = PanthorStream

/// Command streams that a GPU executes.
let panthorJobChecks: [Check] = (jobs + faults).map {
  $0.requiring(.driver("panthor")).requiring(.jobs)
}

private let jobs: [Check] = [
  Check("panthor.group_job.store", "A stream writes memory, which the CPU then sees.") { probe in
    var memory = try Memory(in: probe)
    try memory.store(1, at: 0)
    try memory.expectEnd(try memory.run(Stream.storing(0x1234_5678_9abc, at: 0), at: 0))
    try probe.expectEqual("word", memory.load(at: 0), 0x1234_5678_9abc)
    try Calls.expectState(memory.group, 0, in: probe)
  },
  Check("panthor.group_job.load", "A stream reads what the CPU wrote.") { probe in
    var memory = try Memory(in: probe)
    try memory.store(0x7766_5544_3322_1100, at: 0)
    let stream = [
      Stream.move(wordAddress: 0, to: 0), Stream.load(4, from: 0), Stream.waitForAll,
      Stream.move(wordAddress: 1, to: 2), Stream.store(4, to: 2), Stream.waitForAll,
    ]
    try memory.expectEnd(try memory.run(stream, at: 0))
    try probe.expectEqual("word", memory.load(at: 1), 0x7766_5544_3322_1100)
  },
  Check("panthor.group_job.order", "Streams of a queue run one after the other.") { probe in
    var memory = try Memory(in: probe)
    var last: UInt32 = 0
    for value: UInt64 in 1...8 {
      last = try memory.run(Stream.storing(value, at: 0), at: Int(value) * 64)
    }
    try memory.expectEnd(last)
    try probe.expectEqual("word", memory.load(at: 0), 8)
  },
  Check("panthor.group_job.registers", "A queue's registers keep their values from job to job.") {
    probe in
    var memory = try Memory(in: probe)
    let first = [Stream.move(77, to: 20), Stream.move(wordAddress: 0, to: 22)]
    try memory.expectEnd(try memory.run(first, at: 0))
    try memory.expectEnd(try memory.run([Stream.store(20, to: 22), Stream.waitForAll], at: 64))
    try probe.expectEqual("word", memory.load(at: 0), 77)
  },
  Check("panthor.group_job.after", "A stream begins after what it waits for, on another queue.") {
    probe in
    var memory = try Memory(queues: 2, in: probe)
    let first = try memory.run(Stream.storing(5, at: 0), at: 0)
    let stream = [
      Stream.move(wordAddress: 0, to: 0), Stream.move(2, to: 2), Stream.syncAdd(2, to: 0),
    ]
    try memory.expectEnd(try memory.run(stream, at: 64, on: 1, after: [first]))
    try probe.expectEqual("word", memory.load(at: 0), 7)
  },
  Check(
    "panthor.group_job.sync_wait", "A stream waits for memory that another queue's stream writes."
  ) { probe in
    var memory = try Memory(queues: 2, in: probe)
    let waiting = try memory.run(Stream.waiting(for: 0) + Stream.storing(9, at: 1), at: 0)
    try SyncobjCalls.expectStatus(try SyncobjCalls.export(waiting, in: probe), 0, in: probe)
    let stream = [
      Stream.move(wordAddress: 0, to: 0), Stream.move(1, to: 2), Stream.syncAdd(2, to: 0),
    ]
    try memory.expectEnd(try memory.run(stream, at: 256, on: 1))
    try memory.expectEnd(waiting)
    try probe.expectEqual("word", memory.load(at: 1), 9)
  },
]

private let faults: [Check] = [
  fatal("unknown_instruction", "An instruction that is none ends the group.", [Stream.unknown]),
  fatal(
    "load_nowhere", "A load where nothing is mapped ends the group.",
    [Stream.move(1 << 30, to: 0), Stream.load(2, from: 0), Stream.waitForAll]),
  fatal(
    "store_read_only", "A store to a mapping that is read only ends the group.",
    [Stream.move(Memory.readOnlyAddress, to: 0), Stream.store(2, to: 0), Stream.waitForAll]),
  Check("panthor.group_job.stream_nowhere", "A stream where nothing is mapped ends the group.") {
    probe in
    let group = try Calls.group(in: probe)
    let result = try SyncobjCalls.create(in: probe)
    let submission = Calls.Submission(
      size: 64, address: 1 << 30, syncs: [PanthorSyncs.signal(result)])
    try probe.expect(Calls.submit([submission], to: group, in: probe), .success)
    try SyncobjCalls.wait(
      [result], .success, until: SyncobjCalls.time(afterMilliseconds: 3000), first: 0, in: probe)
    try SyncobjCalls.expectStatus(try SyncobjCalls.export(result, in: probe), -22, in: probe)
    try Calls.expectState(
      group, CDRM_PANTHOR_GROUP_STATE_FATAL_FAULT, fatalQueues: 1, in: probe)
  },
]

/// A check that a stream on the second queue ends its group with a fault.
private func fatal(_ name: String, _ statement: String, _ stream: [UInt64]) -> Check {
  Check("panthor.group_job.\(name)", statement) { probe in
    var memory = try Memory(queues: 2, in: probe)
    let result = try memory.run(stream, at: 0, on: 1)
    try memory.expectEnd(result, -22)
    try Calls.expectState(
      memory.group, CDRM_PANTHOR_GROUP_STATE_FATAL_FAULT, fatalQueues: 2, in: probe)
    for queue: UInt32 in 0...1 {
      try probe.expect(
        Calls.submit([Calls.Submission(queue: queue)], to: memory.group, in: probe), .EINVAL)
    }
    try probe.expect(Calls.destroy(memory.group, in: probe), .success)
  }
}
