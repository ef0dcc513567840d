// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMDrivers
internal import DRMKernel

/// Jobs that never end: a job chain that points back to its start, or a device without a GPU.
let panfrostHangChecks: [Check] = checks(of: .panfrost, hangs.requiring(.jobs))

private let hangs: [Check] = [
  Check(
    "panfrost.hang.ends",
    "A job that does not end times out, and its fence gets the error ECANCELED."
  ) { probe in
    let memory = try endlessChain(in: probe)
    let result = try SyncobjCalls.create(in: probe)
    try memory.submit(signaling: result)
    let file = try SyncobjCalls.export(result, in: probe)
    try SyncobjCalls.expectStatus(file, 0, in: probe)
    try SyncobjCalls.expectEnd(result, withinMilliseconds: 5000, in: probe)
    try SyncobjCalls.expectStatus(file, -125, in: probe)
    try PanfrostCalls.waitBuffer(memory.handle, in: probe)
  },
  Check(
    "panfrost.hang.busy",
    "WAIT_BO of a BO in use fails with EBUSY for a time in the past, else with ETIMEDOUT."
  ) { probe in
    let memory = try endlessChain(in: probe)
    try memory.submit()
    for time in [0, 1, -1] as [Int64] {
      try PanfrostCalls.waitBuffer(memory.handle, until: time, .errno(.EBUSY), in: probe)
    }
    try PanfrostCalls.waitBuffer(
      memory.handle, until: SyncobjCalls.time(afterMilliseconds: 50), .errno(.ETIMEDOUT),
      in: probe)
    try memory.wait()
  },
  Check(
    "panfrost.hang.syncobj_times_out",
    "SYNCOBJ_WAIT for a job that does not end fails with ETIME."
  ) { probe in
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
    "With a job that does not end, the driver cancels the next job in its slot, but not a third."
  ) { probe in
    let memory = try endlessChain(in: probe)
    var results: [UInt32] = []
    for _ in 0..<3 {
      results.append(try SyncobjCalls.create(in: probe))
      try memory.submit(signaling: results[results.count - 1])
    }
    try SyncobjCalls.expectEnd(results[0], withinMilliseconds: 5000, in: probe)
    try SyncobjCalls.expectEnd(results[1], withinMilliseconds: 100, in: probe)
    try SyncobjCalls.wait([results[2]], .errno(.ETIME), in: probe)
    try SyncobjCalls.expectStatus(of: results[1], -125, in: probe)
    try memory.wait()
    try SyncobjCalls.expectStatus(of: results[2], -125, in: probe)
  },
  Check(
    "panfrost.hang.context_destroyed",
    "JM_CTX_DESTROY cancels the jobs of the context that wait for their slot.", .since(minor: 5)
  ) { probe in
    let memory = try endlessChain(in: probe)
    let context = try PanfrostCalls.createContext(in: probe)
    let results = try SyncobjCalls.create(count: 4, in: probe)
    for result in results { try memory.submit(signaling: result, context: context) }
    try PanfrostCalls.destroyContext(context, in: probe)
    for result in results {
      try SyncobjCalls.expectEnd(result, withinMilliseconds: 5000, status: -125, in: probe)
    }
  },
  Check(
    "panfrost.hang.imported_fence",
    "A write fence imported into a dma-buf keeps its BO busy, and START|READ waits for it."
  ) { probe in
    let fenced = try FencedBuffer(CDRM_DMA_BUF_SYNC_WRITE, in: probe)
    try PanfrostCalls.waitBuffer(fenced.handle, .errno(.EBUSY), in: probe)
    try fenced.start(CDRM_DMA_BUF_SYNC_READ, in: probe)
    try PanfrostCalls.waitBuffer(fenced.handle, in: probe)
    try SyncobjCalls.expectStatus(fenced.file, -125, in: probe)
  },
  Check(
    "panfrost.hang.imported_reader",
    "START|READ does not wait for a read fence imported into the dma-buf, and START|WRITE does."
  ) { probe in
    let fenced = try FencedBuffer(CDRM_DMA_BUF_SYNC_READ, in: probe)
    try fenced.start(CDRM_DMA_BUF_SYNC_READ, in: probe)
    try SyncobjCalls.expectStatus(fenced.file, 0, in: probe)
    try fenced.start(CDRM_DMA_BUF_SYNC_WRITE, in: probe)
    try SyncobjCalls.expectStatus(fenced.file, -125, in: probe)
  },
]

private func endlessChain(in probe: Probe) throws -> JobMemory {
  var memory = try JobMemory(in: probe)
  try memory.put([.nothing, .nothing], next: memory.descriptor(0))
  return memory
}

/// An idle BO whose dma-buf has the fence of a job that does not end.
private struct FencedBuffer: ~Copyable {
  private let memory: JobMemory
  private let buffer: BufferObject
  private let dmaBuf: DMABuf
  /// A sync file of the fence.
  let file: SyncFile

  /// Submits the job and imports its fence as that of a reader or writer.
  init(_ access: Int, in probe: Probe) throws {
    let memory = try endlessChain(in: probe)
    let result = try SyncobjCalls.create(in: probe)
    try memory.submit(signaling: result)
    let file = try SyncobjCalls.export(result, in: probe)
    let buffer = try probe.node.createBuffer(size: 4096)
    let dmaBuf = try buffer.export()
    try probe.call(
      cdrm_request_dma_buf_import_sync_file,
      cdrm_dma_buf_import_sync_file(flags: UInt32(access), fd: file.descriptor),
      on: dmaBuf.descriptor)
    self.memory = memory
    self.buffer = buffer
    self.dmaBuf = dmaBuf
    self.file = file
  }

  var handle: UInt32 { buffer.handle.rawValue }

  /// Performs only the START of a CPU access.
  func start(_ access: Int, in probe: Probe) throws {
    try probe.call(
      cdrm_request_dma_buf_sync, cdrm_dma_buf_sync(flags: UInt64(access)), on: dmaBuf.descriptor)
  }
}
