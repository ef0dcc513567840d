// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import DRMKernel
internal import Devices

#if canImport(Glibc)
  internal import Glibc
#endif

/// Watches what the kernel reports around each check or script on a device.
///
/// Take a ``Snapshot`` before the work and ask for ``changes(since:leftBy:expecting:)`` after it:
///
///     let watch = KernelWatch(device: "fb000000.gpu")
///     let before = watch.snapshot()
///     // ... a child process runs the check ...
///     let incidents = watch.changes(since: before, leftBy: child)
///
/// A part that cannot be read is left out, and ``limits`` says why. What fails a check by default: a report in the
/// log that the kernel is wrong (WARN, oops, lockdep, RCU, sanitizers, hung tasks, kmemleak), a taint bit of
/// ``Taint/failing``, lockdep that turned itself off, BOs and DRM files that were left. Messages of the GPU's driver
/// at level 3 and below are notes; ``WatchRules/messageLevel`` makes them failures. Messages of others are in the log
/// only.
///
/// The log, the taint and lockdep are of the whole machine: with several workers each has a watch of its own, and a
/// report counts for every check that was running. Each watch reads the log once, from its creation on.
public struct KernelWatch: Sendable {
  /// What cannot be watched, with the reason: one line each, to be reported once a run.
  public let limits: [String]

  private let root: MachineRoot
  private let device: String?
  private let rules: WatchRules
  private let log: KernelLog?
  private let folders: [String]
  private let last: Guarded<State>

  /// The state of the machine at a moment.
  struct State {
    var taint: Taint?
    var isLockdepOn: Bool?
  }

  /// The state before a check.
  public struct Snapshot: Sendable {
    let state: State
    let clients: OpenClients?
    let process: Int32?
    let buffers: BufferList?
    let dumps: Set<String>
    /// What happened since the check before, with the log of that time; it is reported with the next check, and
    /// fails none.
    let earlier: [Incident]
    let log: LogSlice?
  }

  /// Opens the log at its end.
  ///
  /// - Parameters:
  ///   - root: a directory in place of `/`.
  ///   - device: the name of the device in sysfs, such as `fb000000.gpu`, whose messages and core dumps count; nil
  ///     for those of any supported driver.
  public init(root: String = "", device: String? = nil, rules: WatchRules = WatchRules()) {
    self.init(root: root, device: device, rules: rules, log: nil)
  }

  /// Reads the log from a substitute of `/dev/kmsg`.
  package init(
    root: String, device: String? = nil, rules: WatchRules = WatchRules(), log: (any LogSource)?
  ) {
    self.root = MachineRoot(root)
    self.device = device
    self.rules = rules
    var limits: [String] = []
    do throws(Errno) {
      let source = if let log { log } else { try LogFile(self.root.path + "/dev/kmsg") }
      self.log = KernelLog(source)
    } catch {
      self.log = nil
      let restriction = error == .EPERM ? ", kernel.dmesg_restrict is 1" : ""
      limits.append("no kernel log: /dev/kmsg: \(error.sentence)\(restriction)")
    }
    do throws(Errno) {
      folders = try BufferList.folders(in: self.root)
    } catch {
      folders = []
      limits.append("no list of BOs: /sys/kernel/debug/dri: \(error.sentence)")
    }
    let state = Self.state(in: self.root)
    if state.taint == nil { limits.append("no taint: /proc/sys/kernel/tainted cannot be read") }
    last = Guarded(state)
    self.limits = limits
  }

  /// Reads the state before a check.
  ///
  /// - Parameter process: the process that will run the check, if it runs already: its open files and BOs of now
  ///   are not those of the check.
  public func snapshot(of process: Int32? = nil) -> Snapshot {
    var incidents = Incidents()
    let state = look(into: &incidents, expecting: [])
    return Snapshot(
      state: state, clients: process.map { OpenClients(of: $0, in: root) }, process: process,
      buffers: process.map { BufferList(createdBy: $0, folders: folders, in: root) },
      dumps: CoreDump.names(in: root), earlier: incidents.failures, log: incidents.log)
  }

  /// Returns what happened since a snapshot.
  ///
  /// The BOs of a process that ended are freed a moment later: where some are left, they are looked for again until
  /// none was freed during `patience`.
  ///
  /// - Parameters:
  ///   - process: the process that ran the check: a child that ended, or the one of the snapshot. Only BOs and open
  ///     files of this process count.
  ///   - expected: what the check provokes by itself.
  public func changes(
    since before: Snapshot, leftBy process: Int32? = nil, expecting expected: Provocation = [],
    patience: Duration = .milliseconds(300)
  ) -> Incidents {
    var incidents = Incidents()
    for incident in before.earlier {
      incidents.notes.append("before it began: \(incident.reason)")
      if rules.abortsOn(incident.kind) { incidents.abortReasons.append(incident.reason) }
    }
    _ = look(into: &incidents, expecting: expected)
    if !before.earlier.isEmpty, let log = before.log { incidents.log?.prepend(log) }
    if let process {
      let isSame = process == before.process
      if isSame, let clients = before.clients {
        let leaks = OpenClients(of: process, in: root).leaks(since: clients)
        incidents.add(leaks, expecting: expected, rules: rules)
      }
      let buffers = isSame ? before.buffers : nil
      let leaks = bufferLeaks(of: process, since: buffers ?? BufferList(), patience)
      incidents.add(leaks, expecting: expected, rules: rules)
    }
    incidents.dumps = CoreDump.names(in: root).subtracting(before.dumps).sorted().compactMap {
      CoreDump($0, of: device, in: root)
    }
    return incidents
  }

  /// Reads the log and the state of the machine, and adds what happened since the last look.
  private func look(into incidents: inout Incidents, expecting expected: Provocation) -> State {
    if let log {
      let (slice, findings) = log.take()
      let reports = findings.map { Incident($0.kind, "kernel: \($0.text)") }
      incidents.add(reports, expecting: expected, rules: rules)
      addMessages(of: slice, to: &incidents, expecting: expected)
      if slice.hasLost { incidents.notes.append("kernel log: records were lost") }
      incidents.log = slice
    }
    var now = Self.state(in: root, isLockdepOff: last.withLock { $0.isLockdepOn } == false)
    let then = last.withLock { state in
      // A file that cannot be read for once does not hide a later change.
      now.taint = now.taint ?? state.taint
      now.isLockdepOn = now.isLockdepOn ?? state.isLockdepOn
      defer { state = now }
      return state
    }
    if let new = now.taint, let old = then.taint {
      addTaint(new.subtracting(old), to: &incidents, expecting: expected)
    }
    if now.isLockdepOn == false, then.isLockdepOn == true {
      let incident = Incident(.lockdep, "lockdep turned itself off")
      incidents.add([incident], expecting: expected, rules: rules)
    }
    return now
  }

  private func addTaint(
    _ bits: Taint, to incidents: inout Incidents, expecting expected: Provocation
  ) {
    let excused: Taint = expected.contains(.warnings) ? .warning : []
    let failing = bits.intersection(.failing).subtracting(excused)
    incidents.add(
      failing.descriptions.map { Incident(.taint, "kernel tainted: \($0)") },
      expecting: expected, rules: rules)
    incidents.note(
      bits.subtracting(failing).descriptions.map { Incident(.taint, "kernel tainted: \($0)") })
  }

  /// Adds the messages of the GPU's driver: failures up to the level of the rules, else notes up to level 3.
  private func addMessages(
    of slice: LogSlice, to incidents: inout Incidents, expecting expected: Provocation
  ) {
    let messages = slice.records.filter { $0.isFromKernel && isOfDriver($0) }
    func lines(_ isWanted: (LogRecord) -> Bool) -> [Incident] {
      messages.filter(isWanted).map { Incident(.message, "driver: \($0.text)") }
    }
    let level = rules.messageLevel ?? -1
    incidents.add(lines { $0.level <= level }, expecting: expected, rules: rules)
    guard !expected.contains(.messages) else { return }
    incidents.note(lines { $0.level > level && $0.level <= 3 })
  }

  /// Whether a message is about the watched device, or of a supported driver where no other device is named.
  private func isOfDriver(_ record: LogRecord) -> Bool {
    if let device, let named = record.device { return named.hasSuffix(":\(device)") }
    let text = record.text
    if text.hasPrefix("[drm]") || text.hasPrefix("[drm:") { return true }
    return DRMDriver.allCases.contains { driver in
      guard text.hasPrefix("\(driver.name) ") else { return false }
      return device.map { text.hasPrefix("\(driver.name) \($0): ") } ?? true
    }
  }

  private func bufferLeaks(
    of process: Int32, since before: BufferList, _ patience: Duration
  ) -> [Incident] {
    var end = ContinuousClock.now + patience
    var fewest = Int.max
    while true {
      let list = BufferList(createdBy: process, folders: folders, in: root)
      let leaks = list.leaks(since: before)
      if list.count < fewest { (fewest, end) = (list.count, ContinuousClock.now + patience) }
      guard !leaks.isEmpty, ContinuousClock.now < end else { return leaks }
      usleep(5000)
    }
  }

  /// Reads the taint, and lockdep's state unless it is known to be off: the file costs much on such a kernel.
  private static func state(in root: MachineRoot, isLockdepOff: Bool = false) -> State {
    State(
      taint: (try? root.text("/proc/sys/kernel/tainted", atMost: 64)).flatMap { Taint($0) },
      isLockdepOn: isLockdepOff
        ? false : (try? root.text("/proc/lockdep_stats")).flatMap(Lockdep.isOn))
  }
}
