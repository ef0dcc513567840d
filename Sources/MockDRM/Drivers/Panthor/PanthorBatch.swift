// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// The jobs of one call with their waits and signals: `struct panthor_submit_ctx`.
///
/// Jobs are queued only after all checks of all jobs have passed.
struct PanthorBatch {
  private struct Job {
    let program: any DeviceProgram
    let queue: JobQueue
    let syncs: [cdrm_panthor_sync_op]
  }

  /// A wait: for existing fences, or for a job of the batch by its index.
  private enum Dependency {
    case fences([MockFence])
    case job(Int)
  }

  /// A syncobj or a point of one.
  private struct Place: Hashable {
    let handle: UInt32
    /// 0 for a syncobj without a timeline.
    let point: UInt64
  }

  /// A syncobj or point that some job signals, and its current dependency.
  private struct Signal {
    let place: Place
    let syncobj: MockSyncobj
    var dependency: Dependency?
  }

  private let file: MockFile
  private var jobs: [Job] = []

  init(of file: MockFile) {
    self.file = file
  }

  /// Adds a job; its sync operations are copied in, and validated by `submit()`.
  mutating func add(
    _ program: any DeviceProgram, on queue: JobQueue, syncs: cdrm_panthor_obj_array
  ) throws(Errno) {
    let syncs = try ObjectArray.copy(syncs, of: cdrm_panthor_sync_op.self)
    jobs.append(Job(program: program, queue: queue, syncs: syncs))
  }

  /// Validates all signals, then all waits, and queues the jobs.
  func submit() throws(Errno) {
    var signals = try collectSignals()
    var waits: [[Dependency]] = []
    for (index, job) in jobs.enumerated() {
      var dependencies: [Dependency] = []
      for sync in job.syncs where !sync.isSignal {
        dependencies.append(try dependency(sync, signals))
      }
      waits.append(dependencies)
      for sync in job.syncs where sync.isSignal {
        let place = Place(handle: sync.handle, point: sync.timeline_value)
        for position in signals.indices where signals[position].place == place {
          signals[position].dependency = .job(index)
        }
      }
    }
    var fences: [MockFence] = []
    for (job, dependencies) in zip(jobs, waits) {
      let after = dependencies.flatMap { dependency in
        switch dependency {
        case .fences(let known): known
        case .job(let index): [fences[index]]
        }
      }
      fences.append(
        file.device.jobs.submit(job.program, to: file.device, on: job.queue, after: after))
    }
    for signal in signals {
      guard case .job(let index) = signal.dependency else { continue }
      if signal.place.point > 0 {
        signal.syncobj.add(fences[index], at: signal.place.point)
      } else {
        signal.syncobj.replace(with: [fences[index]])
      }
    }
  }

  private func collectSignals() throws(Errno) -> [Signal] {
    var signals: [Signal] = []
    for job in jobs {
      for sync in job.syncs where sync.isSignal {
        try sync.check()
        let place = Place(handle: sync.handle, point: sync.timeline_value)
        guard !signals.contains(where: { $0.place == place }) else { continue }
        // The modelled kernels dereference a null pointer here, after they have set this errno.
        guard let syncobj = file.syncobjs[sync.handle] else { throw .EINVAL }
        let present = syncobj.fences(at: place.point).map { Dependency.fences($0) }
        signals.append(Signal(place: place, syncobj: syncobj, dependency: present))
      }
    }
    return signals
  }

  /// Returns the dependency of a wait; signals of the batch come before the syncobj's fences.
  ///
  /// Stands for `panthor_submit_ctx_add_sync_deps_to_job`.
  private func dependency(
    _ sync: cdrm_panthor_sync_op, _ signals: [Signal]
  ) throws(Errno) -> Dependency {
    try sync.check()
    let place = Place(handle: sync.handle, point: sync.timeline_value)
    if let signal = signals.first(where: { $0.place == place }) {
      // Only a later job of the batch signals it; the kernel prints a WARN as well.
      guard let dependency = signal.dependency else { throw .EINVAL }
      return dependency
    }
    guard let syncobj = file.syncobjs[sync.handle] else { throw .ENOENT }
    guard let fences = syncobj.fences(at: place.point) else { throw .EINVAL }
    return .fences(fences)
  }
}

extension cdrm_panthor_sync_op {
  fileprivate var isSignal: Bool { flags & CDRM_PANTHOR_SYNC_OP_SIGNAL != 0 }

  /// Validates the flags and the point, not the handle: `panthor_check_sync_op`.
  fileprivate func check() throws(Errno) {
    switch Int(flags & ~CDRM_PANTHOR_SYNC_OP_SIGNAL) {
    case CDRM_PANTHOR_SYNC_OP_HANDLE_TYPE_SYNCOBJ:
      guard timeline_value == 0 else { throw .EINVAL }
    case CDRM_PANTHOR_SYNC_OP_HANDLE_TYPE_TIMELINE_SYNCOBJ: break
    default: throw .EINVAL
    }
  }
}
