// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMDrivers
internal import DRMKernel

private typealias Syncs = PanthorSyncs

/// The syncs of panthor's jobs: of GROUP_SUBMIT, or of an asynchronous VM_BIND.
func panthorSyncChecks(_ kind: PanthorJobKind) -> [Check] {
  checks(of: .panthor, refusals(kind) + dependencies(kind) + signals(kind))
}

/// The ioctl that queues the jobs.
enum PanthorJobKind: Sendable {
  case submission
  case bind

  func id(_ name: String) -> String {
    self == .submission ? "panthor.group_submit.sync_\(name)" : "panthor.vm_bind.async_\(name)"
  }

  /// Creates what the jobs are queued on: a group or a VM.
  func target(in probe: Probe) throws -> UInt32 {
    self == .submission
      ? try PanthorGroupCalls.group(in: probe) : try PanthorGroupCalls.createVM(in: probe)
  }

  /// Queues jobs without work, each with its syncs, and judges the outcome.
  func queue(
    _ jobs: [[cdrm_panthor_sync_op]], on target: UInt32, _ outcome: Outcome = .success,
    in probe: Probe
  ) throws {
    let syncs = jobs.map { PanthorSyncArray($0) }
    switch self {
    case .submission:
      try PanthorGroupCalls.submit(
        syncs.map { PanthorGroupCalls.Submission(syncs: $0) }, to: target, outcome, in: probe)
    case .bind:
      try PanthorBindCalls.bind(
        syncs.map { PanthorBindCalls.Operation(syncs: $0) }, in: target, outcome, in: probe)
    }
  }
}

private func refusals(_ kind: PanthorJobKind) -> [Check] {
  [
    Check(kind.id("unknown_flag"), "A sync with an unknown flag or handle type fails with EINVAL.")
    {
      probe in
      let target = try kind.target(in: probe)
      let signaled = try SyncobjCalls.create(signaled: true, in: probe)
      for flags in [2, 0xff, 0x100, 0x4000_0000] as [UInt32] {
        for sync in [Syncs.wait(signaled, flags: flags), Syncs.signal(signaled, flags: flags)] {
          try kind.queue([[sync]], on: target, .EINVAL, in: probe)
        }
      }
    },
    Check(
      kind.id("point_alone"), "A timeline_value with the handle type SYNCOBJ fails with EINVAL."
    ) {
      probe in
      let target = try kind.target(in: probe)
      let signaled = try SyncobjCalls.create(signaled: true, in: probe)
      for sync in [Syncs.wait(signaled, point: 1), Syncs.signal(signaled, point: 1)] {
        try kind.queue([[sync]], on: target, .EINVAL, in: probe)
      }
    },
    Check(kind.id("wait_unknown"), "A wait for an unknown syncobj fails with ENOENT.") { probe in
      let target = try kind.target(in: probe)
      for handle in [0, 4711] as [UInt32] {
        try kind.queue([[Syncs.wait(handle)]], on: target, .ENOENT, in: probe)
      }
      try kind.queue([[Syncs.wait(4711, point: 1)]], on: target, .EINVAL, in: probe)
    },
    Check(kind.id("wait_for_nothing"), "A wait for a syncobj without a fence fails with EINVAL.") {
      probe in
      let target = try kind.target(in: probe)
      let empty = try SyncobjCalls.create(in: probe)
      for point in [0, 5] as [UInt64] {
        let sync = Syncs.wait(empty, flags: Syncs.timeline, point: point)
        try kind.queue([[sync]], on: target, .EINVAL, in: probe)
      }
      try kind.queue([[Syncs.wait(empty)]], on: target, .EINVAL, in: probe)
    },
    Check(
      kind.id("wait_for_point"), "A wait for a point that is not yet submitted fails with EINVAL."
    ) {
      probe in
      let target = try kind.target(in: probe)
      let timeline = try SyncobjCalls.create(in: probe)
      try probe.expect(SyncobjCalls.timelineSignal(timeline, 3, in: probe), .success)
      for (point, outcome) in [(0, .success), (2, .success), (3, .success), (4, .EINVAL)]
        as [(UInt64, Outcome)]
      {
        let sync = Syncs.wait(timeline, flags: Syncs.timeline, point: point)
        try kind.queue([[sync]], on: target, outcome, in: probe)
      }
      // A binary syncobj has no timeline, so no point above 0 exists.
      let signaled = try SyncobjCalls.create(signaled: true, in: probe)
      let sync = Syncs.wait(signaled, flags: Syncs.timeline, point: 1)
      try kind.queue([[sync]], on: target, .EINVAL, in: probe)
    },
  ]
}

private func dependencies(_ kind: PanthorJobKind) -> [Check] {
  [
    Check(
      kind.id("signals_first"), "The signals of all jobs are checked before the waits of any job."
    ) { probe in
      let target = try kind.target(in: probe)
      let result = try SyncobjCalls.create(in: probe)
      let wrong = [
        Syncs.signal(result, flags: 2), Syncs.signal(result, flags: 0x100),
        Syncs.signal(result, point: 7),
      ]
      for sync in wrong {
        try kind.queue([[Syncs.wait(4711)], [sync]], on: target, .EINVAL, in: probe)
      }
      try kind.queue(
        [[Syncs.wait(4711)], [Syncs.wait(result, flags: 2)]], on: target, .ENOENT, in: probe)
      try kind.queue([[Syncs.wait(result), Syncs.wait(4711)]], on: target, .EINVAL, in: probe)
    },
    Check(
      kind.id("all_or_nothing"),
      "If one job is invalid, no job of the call is queued and no syncobj changes."
    ) {
      probe in
      let target = try kind.target(in: probe)
      let result = try SyncobjCalls.create(in: probe)
      try kind.queue([[Syncs.signal(result)], [Syncs.wait(4711)]], on: target, .ENOENT, in: probe)
      try SyncobjCalls.wait([result], .EINVAL, in: probe)
    },
    Check(
      kind.id("wait_too_early"),
      "A wait for a syncobj that only the same or a later job of the call signals fails with EINVAL.",
      provokesWarning: true
    ) { probe in
      let target = try kind.target(in: probe)
      let result = try SyncobjCalls.create(in: probe)
      let jobs = [[Syncs.wait(result)], [Syncs.signal(result)]]
      try kind.queue(jobs, on: target, .EINVAL, in: probe)
      try kind.queue([[Syncs.signal(result), Syncs.wait(result)]], on: target, .EINVAL, in: probe)
    },
  ]
}

private func signals(_ kind: PanthorJobKind) -> [Check] {
  [
    Check(kind.id("signals"), "The end of a job signals its syncobj.") { probe in
      let target = try kind.target(in: probe)
      let result = try SyncobjCalls.create(in: probe)
      try kind.queue([[Syncs.signal(result)]], on: target, in: probe)
      try SyncobjCalls.expectEnd(result, status: 1, in: probe)
    },
    Check(kind.id("signals_point"), "The end of a job signals its point of a timeline.") {
      probe in
      let target = try kind.target(in: probe)
      let result = try SyncobjCalls.create(in: probe)
      let sync = Syncs.signal(result, flags: Syncs.timeline, point: 5)
      try kind.queue([[sync]], on: target, in: probe)
      try probe.expect(
        SyncobjCalls.timelineWait(
          result, 5, until: SyncobjCalls.time(afterMilliseconds: 3000), in: probe), .success)
      try SyncobjCalls.expectPoint(result, 5, in: probe)
      try probe.expect(SyncobjCalls.timelineWait(result, 6, in: probe), .EINVAL)
    },
    Check(kind.id("point_zero"), "Point 0 of a timeline is the syncobj without a point.") { probe in
      let target = try kind.target(in: probe)
      let result = try SyncobjCalls.create(in: probe)
      let signal = Syncs.signal(result, flags: Syncs.timeline)
      try kind.queue([[signal], [Syncs.wait(result)]], on: target, in: probe)
      try SyncobjCalls.expectEnd(result, status: 1, in: probe)
      try SyncobjCalls.expectPoint(result, 0, in: probe)
    },
    Check(
      kind.id("chain"), "A job waits for the syncobjs that earlier jobs of the same call signal."
    ) {
      probe in
      let target = try kind.target(in: probe)
      let results = try SyncobjCalls.create(count: 3, in: probe)
      let jobs = [
        [Syncs.signal(results[0])], [Syncs.wait(results[0]), Syncs.signal(results[1])],
        [Syncs.wait(results[0]), Syncs.wait(results[1]), Syncs.signal(results[2])],
      ]
      try kind.queue(jobs, on: target, in: probe)
      for result in results.reversed() { try SyncobjCalls.expectEnd(result, status: 1, in: probe) }
    },
    Check(
      kind.id("same_place"), "A wait for a point that no job of the call signals fails with EINVAL."
    ) { probe in
      let target = try kind.target(in: probe)
      let result = try SyncobjCalls.create(in: probe)
      let jobs = { (point: UInt64) in
        [
          [Syncs.signal(result, flags: Syncs.timeline, point: 5)],
          [Syncs.wait(result, flags: Syncs.timeline, point: point)],
        ]
      }
      try kind.queue(jobs(3), on: target, .EINVAL, in: probe)
      try kind.queue(jobs(5), on: target, in: probe)
      try probe.expect(
        SyncobjCalls.timelineWait(
          result, 5, until: SyncobjCalls.time(afterMilliseconds: 3000), in: probe), .success)
    },
    Check(
      kind.id("twice"),
      "Two jobs of a call may signal the same syncobj, and wait for its previous fence."
    ) {
      probe in
      let target = try kind.target(in: probe)
      let result = try SyncobjCalls.create(signaled: true, in: probe)
      let both = [Syncs.signal(result), Syncs.wait(result)]
      try kind.queue([both, both], on: target, in: probe)
      try SyncobjCalls.expectEnd(result, status: 1, in: probe)
    },
  ]
}
