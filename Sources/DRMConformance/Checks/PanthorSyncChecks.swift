// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

private typealias Syncs = PanthorSyncs

/// What jobs wait for and signal, where those are submissions or asynchronous binds.
func panthorSyncChecks(_ kind: PanthorJobKind) -> [Check] {
  (refusals(kind) + signals(kind)).map { $0.requiring(.driver("panthor")) }
}

/// What takes syncs: the call whose checks these are.
enum PanthorJobKind: Sendable {
  case submission
  case bind

  func id(_ name: String) -> String {
    self == .submission ? "panthor.group_submit.sync_\(name)" : "panthor.vm_bind.async_\(name)"
  }

  /// Makes something that takes such calls: a group, or a VM.
  func target(in probe: Probe) throws -> UInt32 {
    self == .submission
      ? try PanthorGroupCalls.group(in: probe) : try PanthorGroupCalls.createVM(in: probe)
  }

  /// Queues jobs that do nothing, each with its syncs.
  func queue(_ jobs: [[cdrm_panthor_sync_op]], on target: UInt32, in probe: Probe) -> CInt {
    self == .submission
      ? PanthorGroupCalls.submit(
        jobs.map { PanthorGroupCalls.Submission(syncs: $0) }, to: target, in: probe)
      : PanthorBindCalls.bind(
        jobs.map { PanthorBindCalls.Operation(syncs: $0) }, in: target, in: probe
      ).answer
  }
}

private func refusals(_ kind: PanthorJobKind) -> [Check] {
  [
    Check(kind.id("unknown_flag"), "A sync with a flag or a type that nobody knows is EINVAL.") {
      probe in
      let target = try kind.target(in: probe)
      let signaled = try SyncobjCalls.create(signaled: true, in: probe)
      for flags in [2, 0xff, 0x100, 0x4000_0000] as [UInt32] {
        for sync in [Syncs.wait(signaled, flags: flags), Syncs.signal(signaled, flags: flags)] {
          try probe.expect(kind.queue([[sync]], on: target, in: probe), .EINVAL)
        }
      }
    },
    Check(kind.id("point_alone"), "A point is for a timeline: EINVAL where the type is none.") {
      probe in
      let target = try kind.target(in: probe)
      let signaled = try SyncobjCalls.create(signaled: true, in: probe)
      for sync in [Syncs.wait(signaled, point: 1), Syncs.signal(signaled, point: 1)] {
        try probe.expect(kind.queue([[sync]], on: target, in: probe), .EINVAL)
      }
    },
    Check(kind.id("wait_unknown"), "To wait for a syncobj that never was is ENOENT.") { probe in
      let target = try kind.target(in: probe)
      for handle in [0, 4711] as [UInt32] {
        try probe.expect(
          kind.queue([[Syncs.wait(handle)]], on: target, in: probe), .ENOENT)
      }
      try probe.expect(
        kind.queue([[Syncs.wait(4711, point: 1)]], on: target, in: probe), .EINVAL)
    },
    Check(kind.id("wait_for_nothing"), "To wait for a syncobj without a fence is EINVAL.") {
      probe in
      let target = try kind.target(in: probe)
      let empty = try SyncobjCalls.create(in: probe)
      for point in [0, 5] as [UInt64] {
        let sync = Syncs.wait(empty, flags: Syncs.timeline, point: point)
        try probe.expect(kind.queue([[sync]], on: target, in: probe), .EINVAL)
      }
      try probe.expect(kind.queue([[Syncs.wait(empty)]], on: target, in: probe), .EINVAL)
    },
    Check(kind.id("wait_for_point"), "A point is waited for once it was submitted; EINVAL before.")
    {
      probe in
      let target = try kind.target(in: probe)
      let timeline = try SyncobjCalls.create(in: probe)
      try probe.expect(SyncobjCalls.timelineSignal(timeline, 3, in: probe), .success)
      for (point, outcome) in [(0, .success), (2, .success), (3, .success), (4, .EINVAL)]
        as [(UInt64, Outcome)]
      {
        let sync = Syncs.wait(timeline, flags: Syncs.timeline, point: point)
        try probe.expect(kind.queue([[sync]], on: target, in: probe), outcome)
      }
      // What is on no timeline has no points.
      let signaled = try SyncobjCalls.create(signaled: true, in: probe)
      let sync = Syncs.wait(signaled, flags: Syncs.timeline, point: 1)
      try probe.expect(kind.queue([[sync]], on: target, in: probe), .EINVAL)
    },
    Check(
      kind.id("signals_first"), "What all jobs signal is looked at before what any waits for."
    ) { probe in
      let target = try kind.target(in: probe)
      let result = try SyncobjCalls.create(in: probe)
      let wrong = [
        Syncs.signal(result, flags: 2), Syncs.signal(result, flags: 0x100),
        Syncs.signal(result, point: 7),
      ]
      for sync in wrong {
        try probe.expect(
          kind.queue([[Syncs.wait(4711)], [sync]], on: target, in: probe), .EINVAL)
      }
      try probe.expect(
        kind.queue([[Syncs.wait(4711)], [Syncs.wait(result, flags: 2)]], on: target, in: probe),
        .ENOENT)
      try probe.expect(
        kind.queue([[Syncs.wait(result), Syncs.wait(4711)]], on: target, in: probe), .EINVAL)
    },
    Check(kind.id("all_or_nothing"), "Where one job is refused none is queued, nor signals.") {
      probe in
      let target = try kind.target(in: probe)
      let result = try SyncobjCalls.create(in: probe)
      try probe.expect(
        kind.queue([[Syncs.signal(result)], [Syncs.wait(4711)]], on: target, in: probe), .ENOENT)
      try SyncobjCalls.wait([result], .EINVAL, in: probe)
    },
    Check(
      kind.id("wait_too_early"),
      "What only the call itself signals, and not before, is not waited for: EINVAL.",
      provokesWarning: true
    ) { probe in
      let target = try kind.target(in: probe)
      let result = try SyncobjCalls.create(in: probe)
      let jobs = [[Syncs.wait(result)], [Syncs.signal(result)]]
      try probe.expect(kind.queue(jobs, on: target, in: probe), .EINVAL)
      try probe.expect(
        kind.queue([[Syncs.signal(result), Syncs.wait(result)]], on: target, in: probe), .EINVAL)
    },
  ]
}

private func signals(_ kind: PanthorJobKind) -> [Check] {
  [
    Check(kind.id("signals"), "With a job's end its syncobj is signaled.") { probe in
      let target = try kind.target(in: probe)
      let result = try SyncobjCalls.create(in: probe)
      try probe.expect(kind.queue([[Syncs.signal(result)]], on: target, in: probe), .success)
      try expectEnd(result, in: probe)
    },
    Check(kind.id("signals_point"), "With a job's end its point of a timeline is reached.") {
      probe in
      let target = try kind.target(in: probe)
      let result = try SyncobjCalls.create(in: probe)
      let sync = Syncs.signal(result, flags: Syncs.timeline, point: 5)
      try probe.expect(kind.queue([[sync]], on: target, in: probe), .success)
      try probe.expect(
        SyncobjCalls.timelineWait(
          result, 5, until: SyncobjCalls.time(afterMilliseconds: 3000), in: probe), .success)
      try SyncobjCalls.expectPoint(result, 5, in: probe)
      try probe.expect(SyncobjCalls.timelineWait(result, 6, in: probe), .EINVAL)
    },
    Check(kind.id("point_zero"), "Point 0 of a timeline is the syncobj itself.") { probe in
      let target = try kind.target(in: probe)
      let result = try SyncobjCalls.create(in: probe)
      let signal = Syncs.signal(result, flags: Syncs.timeline)
      try probe.expect(
        kind.queue([[signal], [Syncs.wait(result)]], on: target, in: probe), .success)
      try expectEnd(result, in: probe)
      try SyncobjCalls.expectPoint(result, 0, in: probe)
    },
    Check(kind.id("chain"), "A job waits for what one before it in the same call signals.") {
      probe in
      let target = try kind.target(in: probe)
      let results = [
        try SyncobjCalls.create(in: probe), try SyncobjCalls.create(in: probe),
        try SyncobjCalls.create(in: probe),
      ]
      let jobs = [
        [Syncs.signal(results[0])], [Syncs.wait(results[0]), Syncs.signal(results[1])],
        [Syncs.wait(results[0]), Syncs.wait(results[1]), Syncs.signal(results[2])],
      ]
      try probe.expect(kind.queue(jobs, on: target, in: probe), .success)
      for result in results.reversed() { try expectEnd(result, in: probe) }
    },
    Check(
      kind.id("same_place"), "Points are told apart: one that is signaled is not the one before."
    ) { probe in
      let target = try kind.target(in: probe)
      let result = try SyncobjCalls.create(in: probe)
      let jobs = { (point: UInt64) in
        [
          [Syncs.signal(result, flags: Syncs.timeline, point: 5)],
          [Syncs.wait(result, flags: Syncs.timeline, point: point)],
        ]
      }
      try probe.expect(kind.queue(jobs(3), on: target, in: probe), .EINVAL)
      try probe.expect(kind.queue(jobs(5), on: target, in: probe), .success)
      try probe.expect(
        SyncobjCalls.timelineWait(
          result, 5, until: SyncobjCalls.time(afterMilliseconds: 3000), in: probe), .success)
    },
    Check(kind.id("twice"), "A place may be signaled twice, and waited for by who replaces it.") {
      probe in
      let target = try kind.target(in: probe)
      let result = try SyncobjCalls.create(signaled: true, in: probe)
      let both = [Syncs.signal(result), Syncs.wait(result)]
      try probe.expect(kind.queue([both, both], on: target, in: probe), .success)
      try expectEnd(result, in: probe)
    },
  ]
}

private func expectEnd(_ result: UInt32, in probe: Probe) throws {
  try SyncobjCalls.wait(
    [result], .success, until: SyncobjCalls.time(afterMilliseconds: 3000), first: 0, in: probe)
  try SyncobjCalls.expectStatus(try SyncobjCalls.export(result, in: probe), 1, in: probe)
}
