// SPDX-License-Identifier: MIT

public import DRM
internal import DRMConformance
internal import DRMDrivers
internal import Devices
internal import Reports

#if canImport(Glibc)
  internal import Glibc
#endif

/// The watches of a run: one for each device of a real kernel.
public struct Watches: Sendable {
  private let watches: [KernelWatch?]
  private let subjects: Subjects

  /// Begins to watch; a mock has no kernel to watch.
  public init(of devices: [DRMDevice], running subjects: Subjects, _ rules: WatchRules) {
    self.init(
      devices.map { device -> KernelWatch? in
        guard device.description.location != .mock else { return nil }
        let node = String(device.path.split(separator: "/").last ?? "")
        let link = MachineRoot("").target(of: "/sys/class/drm/\(node)/device")
        return KernelWatch(device: link?.split(separator: "/").last.map(String.init), rules: rules)
      }, running: subjects)
  }

  init(_ watches: [KernelWatch?], running subjects: Subjects) {
    (self.watches, self.subjects) = (watches, subjects)
  }

  /// What cannot be watched, one line each.
  public var limits: [String] {
    var seen: Set<String> = []
    return watches.flatMap { $0?.limits ?? [] }.filter { seen.insert($0).inserted }
  }

  /// Carries out an attempt, and returns what happened in the kernel meanwhile; nil where it is not watched.
  func around(
    _ item: Plan.Item, isInProcess: Bool, _ run: () -> Attempt
  ) -> (Attempt, Incidents?) {
    guard let watch = watches[item.device] else { return (run(), nil) }
    let own = isInProcess ? getpid() : nil
    let before = watch.snapshot(of: own)
    let attempt = run()
    let incidents = watch.changes(
      since: before, leftBy: own ?? attempt.process,
      expecting: subjects.provocation(of: item.name))
    return (attempt, incidents)
  }
}

extension ResultRow {
  /// Returns the row as a failure where the kernel has a reason for it.
  func judged(by incidents: [Incident]) -> ResultRow {
    guard !incidents.isEmpty else { return self }
    let reasons = incidents.map(\.reason).joined(separator: "; ")
    switch verdict {
    case .pass, .skip, .undecided: return judged(.fail, reasons)
    case .fail, .crash, .timeout, .incomplete:
      return judged(verdict, (reason.map { $0 + "; " } ?? "") + reasons)
    }
  }
}
