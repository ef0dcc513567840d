// SPDX-License-Identifier: MIT

internal import DRM
internal import DRMDrivers

/// Jobs that run, and how they end.
let panfrostJobChecks: [Check] = checks(of: .panfrost, (runs + faults).requiring(.jobs))

private let runs: [Check] = [
  Check(
    "panfrost.job.nothing", "At the end of a NULL job its BO is idle and its syncobj is signaled."
  ) { probe in
    var memory = try JobMemory(in: probe)
    try memory.put([.nothing])
    let result = try SyncobjCalls.create(in: probe)
    try memory.submit(signaling: result)
    try memory.wait()
    try SyncobjCalls.wait([result], .success, first: 0, in: probe)
    try SyncobjCalls.expectStatus(of: result, 1, in: probe)
    try probe.expectEqual("status word", memory.status(0), 1)
  },
  Check("panfrost.job.writes", "A WRITE_VALUE job stores 1, 2, 4 or 8 bytes, or eight zero bytes.")
  { probe in
    var memory = try JobMemory(in: probe)
    let value: UInt64 = 0x1122_3344_5566_7788
    let places = [(1, 2048), (2, 2112), (4, 2176), (8, 2240)]
    for (_, place) in places { try memory.store(.max, at: place) }
    try memory.store(.max, at: 2304)
    try memory.put(
      places.map { width, place in .write(value, width: width, at: place) } + [.clear(at: 2304)])
    try memory.submit()
    try memory.wait()
    let wanted: [UInt64] = [
      0xffff_ffff_ffff_ff88, 0xffff_ffff_ffff_7788, 0xffff_ffff_5566_7788, value,
    ]
    for (place, wanted) in zip(places.map(\.1), wanted) {
      try probe.expectEqual("bytes", memory.load(at: place), wanted)
    }
    try probe.expectEqual("zeroes", memory.load(at: 2304), 0)
  },
  Check("panfrost.job.chain", "The jobs of a chain run in its order.") { probe in
    var memory = try JobMemory(in: probe)
    try memory.put([.write(1, width: 8, at: 2048), .nothing, .write(2, width: 8, at: 2048)])
    try memory.submit()
    try memory.wait()
    try probe.expectEqual("value", memory.load(at: 2048), 2)
    for index in 0..<3 { try probe.expectEqual("status word", memory.status(index), 1) }
  },
  Check("panfrost.job.queue", "Jobs in one slot run in the order of their submission.") { probe in
    var memory = try JobMemory(in: probe)
    for value in 0..<4 { try memory.put([.write(UInt64(value), width: 8, at: 2048)], from: value) }
    for value in 0..<4 { try memory.submit(value, naming: []) }
    let result = try SyncobjCalls.create(in: probe)
    try memory.put([.nothing], from: 8)
    try memory.submit(8, signaling: result)
    try SyncobjCalls.expectEnd(result, withinMilliseconds: 5000, in: probe)
    try probe.expectEqual("value", memory.load(at: 2048), 3)
  },
  Check(
    "panfrost.job.same_buffer", "Jobs in both slots that list the same BO run one after another."
  ) {
    probe in
    var memory = try JobMemory(in: probe)
    for value in 0..<4 { try memory.put([.write(UInt64(value), width: 8, at: 2048)], from: value) }
    for value in 0..<4 {
      try memory.submit(value, requirements: value % 2 == 0 ? PanfrostCalls.fragment : 0)
    }
    try memory.wait()
    try probe.expectEqual("value", memory.load(at: 2048), 3)
  },
  Check("panfrost.job.in_sync", "A job starts after its in-syncs are signaled.") { probe in
    var memory = try JobMemory(in: probe)
    let results = try SyncobjCalls.create(count: 2, in: probe)
    try memory.put([.write(1, width: 8, at: 2048)])
    try memory.put([.write(2, width: 8, at: 2048)], from: 1)
    try memory.submit(
      0, signaling: results[0], requirements: PanfrostCalls.fragment, naming: [])
    try memory.submit(1, after: [results[0]], signaling: results[1], naming: [])
    try SyncobjCalls.expectEnd(results[1], withinMilliseconds: 5000, in: probe)
    try probe.expectEqual("value", memory.load(at: 2048), 2)
  },
  Check("panfrost.job.cycle_count", "A job may have the requirement CYCLE_COUNT.", .since(minor: 3))
  {
    probe in
    var memory = try JobMemory(in: probe)
    try memory.put([.write(1, width: 8, at: 2048)])
    try memory.submit(requirements: PanfrostCalls.cycleCount)
    try memory.wait()
    try probe.expectEqual("value", memory.load(at: 2048), 1)
  },
  Check(
    "panfrost.job.context", "A job runs in a context created by JM_CTX_CREATE.", .since(minor: 5)
  ) { probe in
    var memory = try JobMemory(in: probe)
    try memory.put([.write(1, width: 8, at: 2048)])
    try memory.submit(context: try PanfrostCalls.createContext(in: probe))
    try memory.wait()
    try probe.expectEqual("value", memory.load(at: 2048), 1)
  },
  Check("panfrost.job.no_buffers", "With counts of 0, SUBMIT ignores the addresses of both arrays.")
  { probe in
    var memory = try JobMemory(in: probe)
    try memory.put([.write(1, width: 8, at: 2048)])
    let result = try SyncobjCalls.create(in: probe)
    let submission = PanfrostCalls.Submission(
      chain: memory.descriptor(0), outSync: result, inSyncsAt: (UInt64(unmappedAddress), 0),
      buffersAt: (UInt64(unmappedAddress), 0))
    try probe.expect(PanfrostCalls.submit(submission, in: probe), .success)
    try SyncobjCalls.expectEnd(result, withinMilliseconds: 5000, in: probe)
    try probe.expectEqual("value", memory.load(at: 2048), 1)
  },
]

private let faults: [Check] = [
  Check(
    "panfrost.job.unknown_work",
    "An unknown job type ends its chain, and the fence has the error EINVAL."
  ) {
    probe in
    var memory = try JobMemory(in: probe)
    try memory.put([.write(1, width: 8, at: 2048), .unknown, .write(2, width: 8, at: 2048)])
    try expectEnd(-22, of: memory, in: probe)
    try probe.expectEqual("value", memory.load(at: 2048), 1)
    try probe.expectEqual("status word", memory.status(0), 1)
    try probe.expectEqual("status word", memory.status(1), 0x40)
    try probe.expectEqual("status word", memory.status(2), 0)
  },
  Check(
    "panfrost.job.write_fault",
    "A store to an unmapped GPU address ends its chain, and the fence has the error EINVAL."
  ) {
    probe in
    var memory = try JobMemory(in: probe)
    try memory.put([.writeAnywhere(1, 0xf000_0000), .write(2, width: 8, at: 2048)])
    try expectEnd(-22, of: memory, in: probe)
    try probe.expectEqual("value", memory.load(at: 2048), 0)
  },
  Check("panfrost.job.fault_then_next", "After a fault, the next job in the slot runs.") { probe in
    var memory = try JobMemory(in: probe)
    try memory.put([.unknown])
    try memory.put([.write(2, width: 8, at: 2048)], from: 1)
    let results = try SyncobjCalls.create(count: 2, in: probe)
    try memory.submit(0, signaling: results[0])
    try memory.submit(1, after: [results[0]], signaling: results[1])
    try memory.wait()
    try SyncobjCalls.expectStatus(of: results[0], -22, in: probe)
    try SyncobjCalls.expectStatus(of: results[1], 1, in: probe)
    try probe.expectEqual("value", memory.load(at: 2048), 2)
  },
]

/// Runs a chain and judges the status of its fence; waiting for it succeeds for every status.
private func expectEnd(
  _ status: Int32, of memory: borrowing JobMemory, in probe: Probe
) throws {
  let result = try SyncobjCalls.create(in: probe)
  try memory.submit(signaling: result)
  try SyncobjCalls.expectEnd(result, withinMilliseconds: 5000, in: probe)
  try memory.wait()
  try SyncobjCalls.expectStatus(of: result, status, in: probe)
}
