// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// Jobs and the contexts they are submitted to: `panfrost_drv.c`, `panfrost_job.c`.
extension MockPanfrost {
  /// The argument of SUBMIT up to 1.4.
  struct SubmitWithoutContext: BitwiseCopyable {
    var jc, in_syncs: UInt64
    var in_sync_count, out_sync: UInt32
    var bo_handles: UInt64
    var bo_handle_count, requirements: UInt32
  }

  static func submitWithoutContext(
    _ file: MockFile, _ argument: inout SubmitWithoutContext
  ) throws(Errno) {
    var longer = cdrm_panfrost_submit(
      jc: argument.jc, in_syncs: argument.in_syncs, in_sync_count: argument.in_sync_count,
      out_sync: argument.out_sync, bo_handles: argument.bo_handles,
      bo_handle_count: argument.bo_handle_count, requirements: argument.requirements,
      jm_ctx_handle: 0, pad: 0)
    try submit(file, &longer)
  }

  static func submit(
    _ file: MockFile, _ argument: inout cdrm_panfrost_submit
  ) throws(Errno) {
    guard argument.pad == 0, argument.jc != 0 else { throw .EINVAL }
    let fragment = UInt32(CDRM_PANFROST_JD_REQ_FS)
    let cycles = UInt32(CDRM_PANFROST_JD_REQ_CYCLE_COUNT)
    let known = file.device.profile.minor >= cycleCounts ? fragment | cycles : fragment
    guard argument.requirements & ~known == 0 else { throw .EINVAL }
    let result = argument.out_sync == 0 ? nil : file.syncobjs[argument.out_sync]
    guard argument.out_sync == 0 || result != nil else { throw .ENODEV }
    let context = try file.panfrost.context(argument.jm_ctx_handle)
    let after = try fences(argument, in: file)
    let mappings = try mappings(argument, in: file)
    let job = PanfrostChain(
      at: argument.jc, in: file.panfrost.space, keeping: mappings,
      isCoherent: file.device.snoops)
    let slot = argument.requirements & fragment != 0 ? 0 : 1
    let fence = file.device.jobs.submit(
      job, to: file.device, on: context.queue(slot), after: after)
    result?.replace(with: [fence])
  }

  /// Returns the fences of in_syncs; all handles are copied in first: `panfrost_copy_in_sync`.
  private static func fences(
    _ argument: cdrm_panfrost_submit, in file: MockFile
  ) throws(Errno) -> [MockFence] {
    var fences: [MockFence] = []
    for handle in try ClientArray.words(argument.in_syncs, count: argument.in_sync_count) {
      guard let syncobj = file.syncobjs[handle] else { throw .ENOENT }
      guard let found = syncobj.fences() else { throw .EINVAL }
      fences += found
    }
    return fences
  }

  /// Returns the mappings of the job's BOs: `panfrost_lookup_bos`.
  ///
  /// A BO that is listed twice is EALREADY; the kernel detects it later, when it locks the BOs.
  private static func mappings(
    _ argument: cdrm_panfrost_submit, in file: MockFile
  ) throws(Errno) -> [PanfrostMapping] {
    var mappings: [PanfrostMapping] = []
    for handle in try ClientArray.words(argument.bo_handles, count: argument.bo_handle_count) {
      mappings.append(try file.panfrost.mapping(of: file.buffer(handle)))
    }
    guard Set(mappings.map { ObjectIdentifier($0.buffer) }).count == mappings.count else {
      throw .EALREADY
    }
    return mappings
  }

  static func createContext(
    _ file: MockFile, _ argument: inout cdrm_panfrost_jm_ctx_create
  ) throws(Errno) {
    // For an unknown priority Linux 7.2 and 7.3 oops before they return EINVAL.
    guard argument.priority <= UInt32(CDRM_PANFROST_JM_CTX_PRIORITY_HIGH) else { throw .EINVAL }
    argument.handle = try file.panfrost.makeContext()
  }

  /// Destroys a context and its jobs; the default context of a file cannot be destroyed.
  static func destroyContext(
    _ file: MockFile, _ argument: inout cdrm_panfrost_jm_ctx_destroy
  ) throws(Errno) {
    guard argument.pad == 0, argument.handle != 0 else { throw .EINVAL }
    let context = try file.panfrost.removeContext(argument.handle)
    file.device.jobs.cancel(.ECANCELED, where: context.owns)
  }

  /// Cancels the jobs of the file: `panfrost_postclose`.
  func fileClosed(_ file: MockFile) {
    let jobs = file.device.jobs
    for context in file.panfrost.allContexts {
      if file.device.profile.minor < Self.contexts { drain(context, jobs) }
      jobs.cancel(.ECANCELED, where: context.owns)
    }
  }

  /// Waits for each queue, except for jobs in the slot's registers, as kernels without contexts do.
  private func drain(_ context: PanfrostContext, _ jobs: JobTable) {
    let onDevice = 2
    for slot in PanfrostContext.slots {
      let queue = context.queue(slot)
      let left = jobs.jobs { $0.queue == queue }
      for job in left.dropLast(onDevice) { jobs.finish(job.number) }
      let own = left.suffix(onDevice).map(\.number)
      for job in left.suffix(onDevice) {
        let others = job.waitsFor.filter { fence in !own.contains { $0 == fence.job } }
        _ = jobs.wait(for: others, within: .max)
      }
    }
  }
}
