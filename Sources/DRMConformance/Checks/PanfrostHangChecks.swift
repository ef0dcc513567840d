// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

/// Jobs that do not end by themselves: a chain that leads back to its begin, or one that no GPU is there for.
let panfrostHangChecks: [Check] = hangs.map {
  $0.requiring(.driver("panfrost")).requiring(.jobs)
}

private let hangs: [Check] = [
  Check(
    "panfrost.hang.ends", "A job that does not end is cancelled by the driver within a second."
  ) { probe in
    let memory = try endlessChain(in: probe)
    let result = try SyncobjCalls.create(in: probe)
    try memory.submit(signaling: result)
    let file = try SyncobjCalls.export(result, in: probe)
    try SyncobjCalls.expectStatus(file, 0, in: probe)
    try expectEnd(result, withinMilliseconds: 5000, in: probe)
    try SyncobjCalls.expectStatus(file, -125, in: probe)
    try probe.expect(PanfrostCalls.waitBuffer(memory.handle, in: probe), .success)
  },
  Check("panfrost.hang.busy", "A BO that a job uses is EBUSY, and ETIMEDOUT after a wait.") {
    probe in
    let memory = try endlessChain(in: probe)
    try memory.submit()
    for time in [0, 1, -1] as [Int64] {
      try probe.expect(
        PanfrostCalls.waitBuffer(memory.handle, until: time, in: probe), .errno(.EBUSY))
    }
    try probe.expect(
      PanfrostCalls.waitBuffer(
        memory.handle, until: SyncobjCalls.time(afterMilliseconds: 50), in: probe),
      .errno(.ETIMEDOUT))
    try memory.wait()
  },
  Check("panfrost.hang.syncobj_times_out", "A wait for a job that does not end is ETIME.") {
    probe in
    let memory = try endlessChain(in: probe)
    let result = try SyncobjCalls.create(in: probe)
    try memory.submit(signaling: result)
    for time in [0, SyncobjCalls.time(afterMilliseconds: 50)] as [Int64] {
      try SyncobjCalls.wait([result], .errno(.ETIME), until: time, first: 99, in: probe)
    }
    let signaled = try SyncobjCalls.create(signaled: true, in: probe)
    try SyncobjCalls.wait([result, signaled], .success, first: 1, in: probe)
    try memory.wait()
  },
  Check(
    "panfrost.hang.follower",
    "With a job that does not end goes the one that waits in the same slot, but not a third."
  ) { probe in
    let memory = try endlessChain(in: probe)
    var results: [UInt32] = []
    for _ in 0..<3 {
      results.append(try SyncobjCalls.create(in: probe))
      try memory.submit(signaling: results[results.count - 1])
    }
    try expectEnd(results[0], withinMilliseconds: 5000, in: probe)
    try expectEnd(results[1], withinMilliseconds: 100, in: probe)
    try SyncobjCalls.wait([results[2]], .errno(.ETIME), in: probe)
    try SyncobjCalls.expectStatus(try SyncobjCalls.export(results[1], in: probe), -125, in: probe)
    try memory.wait()
    try SyncobjCalls.expectStatus(try SyncobjCalls.export(results[2], in: probe), -125, in: probe)
  },
  Check(
    "panfrost.hang.context_destroyed",
    "With its context, a job that waits for its turn is cancelled.", .since(minor: 5)
  ) { probe in
    let memory = try endlessChain(in: probe)
    let context = try PanfrostCalls.createContext(in: probe)
    let results = [
      try SyncobjCalls.create(in: probe), try SyncobjCalls.create(in: probe),
      try SyncobjCalls.create(in: probe), try SyncobjCalls.create(in: probe),
    ]
    for result in results { try memory.submit(signaling: result, context: context) }
    try probe.expect(PanfrostCalls.destroyContext(context, in: probe), .success)
    for result in results {
      try expectEnd(result, withinMilliseconds: 5000, in: probe)
      try SyncobjCalls.expectStatus(try SyncobjCalls.export(result, in: probe), -125, in: probe)
    }
  },
  Check(
    "panfrost.hang.imported_fence",
    "A fence that is imported into a dma-buf keeps its BO busy, and a job on it waiting."
  ) { probe in
    let memory = try endlessChain(in: probe)
    let result = try SyncobjCalls.create(in: probe)
    try memory.submit(signaling: result)
    let file = try SyncobjCalls.export(result, in: probe)
    let other = try probe.node.createBuffer(size: 4096)
    let dmaBuf = try other.export()
    var argument = cdrm_dma_buf_import_sync_file(
      flags: UInt32(CDRM_DMA_BUF_SYNC_WRITE), fd: file.descriptor)
    try probe.expect(
      probe.ioctl(cdrm_request_dma_buf_import_sync_file, &argument, on: dmaBuf.descriptor),
      .success)
    try probe.expect(
      PanfrostCalls.waitBuffer(other.handle.rawValue, in: probe), .errno(.EBUSY))
    try begin(CDRM_DMA_BUF_SYNC_READ, on: dmaBuf, in: probe)
    try probe.expect(PanfrostCalls.waitBuffer(other.handle.rawValue, in: probe), .success)
    try SyncobjCalls.expectStatus(file, -125, in: probe)
  },
  Check(
    "panfrost.hang.imported_reader", "Who reads does not wait for a fence of another reader."
  ) { probe in
    let memory = try endlessChain(in: probe)
    let result = try SyncobjCalls.create(in: probe)
    try memory.submit(signaling: result)
    let file = try SyncobjCalls.export(result, in: probe)
    let other = try probe.node.createBuffer(size: 4096)
    let dmaBuf = try other.export()
    var argument = cdrm_dma_buf_import_sync_file(
      flags: UInt32(CDRM_DMA_BUF_SYNC_READ), fd: file.descriptor)
    try probe.expect(
      probe.ioctl(cdrm_request_dma_buf_import_sync_file, &argument, on: dmaBuf.descriptor),
      .success)
    try begin(CDRM_DMA_BUF_SYNC_READ, on: dmaBuf, in: probe)
    try SyncobjCalls.expectStatus(file, 0, in: probe)
    try begin(CDRM_DMA_BUF_SYNC_WRITE, on: dmaBuf, in: probe)
    try SyncobjCalls.expectStatus(file, -125, in: probe)
  },
]

private func endlessChain(in probe: Probe) throws -> JobMemory {
  var memory = try JobMemory(in: probe)
  try memory.put([.nothing, .nothing], next: memory.descriptor(0))
  return memory
}

/// Begins an access by the CPU, and nothing more than that.
private func begin(
  _ access: Int, on dmaBuf: borrowing DMABuf, in probe: Probe
) throws {
  var argument = cdrm_dma_buf_sync(flags: UInt64(access))
  try probe.expect(
    probe.ioctl(cdrm_request_dma_buf_sync, &argument, on: dmaBuf.descriptor), .success)
}

private func expectEnd(
  _ result: UInt32, withinMilliseconds time: Int64, in probe: Probe
) throws {
  try SyncobjCalls.wait(
    [result], .success, until: SyncobjCalls.time(afterMilliseconds: time), first: 0, in: probe)
}
