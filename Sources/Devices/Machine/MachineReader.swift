// SPDX-License-Identifier: MIT

internal import DRMKernel

/// Reads a machine's files into a record: only what is named here, and nothing that identifies one machine.
struct MachineReader {
  let root: MachineRoot
  /// The name or number of the user whose permissions count; nil for the user of this process.
  let user: String?
  var record = MachineRecord()
  /// The names of devices whose lines of the kernel's log count.
  var devices: Set<String> = []

  init(_ root: MachineRoot, user: String?) {
    self.root = root
    self.user = user
  }

  /// Reads everything.
  ///
  /// - Throws: a usage error for a user that the machine does not have.
  static func read(_ root: MachineRoot, user: String?) throws(DeviceError) -> MachineRecord {
    var reader = MachineReader(root, user: user)
    reader.readSystem()
    reader.readDeviceTree()
    reader.readPlatform()
    reader.readACPI()
    reader.readNodes()
    reader.readDrivers()
    reader.readFirmware()
    reader.readExporters()
    try reader.readUser()
    reader.readLog()
    if !["/sys", "/proc", "/dev"].contains(where: reader.exists) {
      reader.record.omit(
        "/sys, /proc and /dev: there is nothing of them, so this may be no copy of a machine")
    }
    if let listing = try? root.names("/sys"), listing.names.isEmpty {
      reader.record.omit("/sys: it is empty, as where it is not mounted, so a GPU may be there")
    }
    return reader.record
  }

  // MARK: Single files

  /// Records the text of a file, without a line feed at its end; a missing file is left out.
  mutating func text(_ path: String, atMost count: Int = MachineRoot.mostBytes) {
    do throws(Errno) {
      record.add(path, .text(Self.trimmed(try root.text(path, atMost: count))))
    } catch {
      note(path, error)
    }
  }

  /// Records the lines that a predicate accepts; nothing where there is none.
  mutating func lines(
    _ path: String, with needles: Needles? = nil, where isWanted: (String) -> Bool
  ) {
    do throws(Errno) {
      let lines = try root.lines(path, with: needles, where: isWanted)
      if !lines.isEmpty { record.add(path, .text(lines.joined(separator: "\n"))) }
    } catch {
      note(path, error)
    }
  }

  /// Records where a link leads to, below the root.
  mutating func link(_ path: String) {
    if let target = root.target(ofLink: path) { record.add(path, .link(target)) }
  }

  /// Records the permissions of a file.
  mutating func status(_ path: String, opens: Bool = false) {
    do throws(Errno) {
      record.add(path, .file(try root.status(path, opens: opens && root.isLive && user == nil)))
    } catch {
      note(path, error)
    }
  }

  /// Records that a file exists.
  mutating func presence(_ path: String) {
    if exists(path) { record.add(path, .present) }
  }

  func exists(_ path: String) -> Bool { (try? root.status(path)) != nil }

  /// Lists a directory; empty where there is none.
  mutating func names(_ path: String) -> MachineRoot.Listing {
    do throws(Errno) {
      let listing = try root.names(path)
      if listing.isCut { record.omit("\(path): more than \(MachineRoot.mostNames) names") }
      return listing
    } catch {
      note(path, error)
      return MachineRoot.Listing()
    }
  }

  private mutating func note(_ path: String, _ errno: Errno) {
    // ENOENT and ENOTDIR: there is no such file.
    guard errno != .ENOENT, errno.rawValue != 20, record.entries[path] == nil else { return }
    record.add(path, .failure(errno))
  }

  static func trimmed(_ text: String) -> String {
    // Files of the device tree are lists of strings, each with a NUL at its end.
    text.replacing("\0", with: "\n").split(whereSeparator: \.isNewline).joined(separator: "\n")
  }

  // MARK: The system

  private mutating func readSystem() {
    text("/proc/sys/kernel/osrelease", atMost: 256)
    // The processor's serial number is in the same file, so the rest is not recorded.
    if let lines = try? root.lines("/proc/cpuinfo", where: { $0.contains("hypervisor") }),
      !lines.isEmpty
    {
      record.add("/proc/cpuinfo", .text("hypervisor"))
    }
    let options = ["blacklist=", "fw_devlink=", "deferred_probe_timeout="]
    if let words = try? root.text("/proc/cmdline").split(whereSeparator: \.isWhitespace) {
      let kept = words.filter { word in options.contains { word.contains($0) } }
      if !kept.isEmpty { record.add("/proc/cmdline", .text(kept.joined(separator: " "))) }
    }
    for path in MachineRecord.containerFiles {
      presence(path)
    }
    text("/run/systemd/container")
    let runtimes = ["docker", "kubepods", "containerd", "libpod", "lxc", "crio"]
    if let lines = try? root.lines("/proc/1/cgroup", where: { _ in true }),
      let runtime = runtimes.first(where: { name in lines.contains { $0.contains(name) } })
    {
      record.add("/proc/1/cgroup", .text(runtime))
    }
  }

  /// Records the user and its groups, and the names of the groups and users that own a device file.
  private mutating func readUser() throws(DeviceError) {
    let users = (try? root.lines("/etc/passwd") { $0.contains(":") }) ?? []
    let groups = (try? root.lines("/etc/group") { $0.contains(":") }) ?? []
    var account =
      try user.map { name throws(DeviceError) in
        guard let account = Account(named: name, users: users, groups: groups) else {
          throw DeviceError.usage("--user \(name): the machine has no such user")
        }
        return account
      } ?? current
    if let listed = Account(named: "\(account.user)", users: users, groups: groups)?.groups {
      account.listed = listed.subtracting(account.groups)
    }
    record.add("/proc/self/status", .text(account.description))
    let files = record.entries.keys.compactMap { record.status($0) }
    // The names of people are not needed, but for the one that was asked for.
    let owners = Set(files.map(\.user)).filter { $0 < 1000 || $0 == FileStatus.overflow }
    keep(users, at: "/etc/passwd", user == nil ? owners : owners.union([account.user]))
    keep(groups, at: "/etc/group", Set(files.map(\.group)))
  }

  /// The user of a copy that has one, or of this process.
  private var current: Account {
    for root in [root, MachineRoot("")] {
      if let text = try? root.text("/proc/self/status"), let account = Account(status: text) {
        return account
      }
    }
    return Account()
  }

  /// Records the names of some users or groups, without the members of a group.
  private mutating func keep(_ lines: [String], at path: String, _ wanted: Set<UInt32>) {
    let kept = lines.compactMap { line -> String? in
      let fields = line.split(separator: ":", omittingEmptySubsequences: false)
      guard fields.count > 2, let id = UInt32(fields[2]), wanted.contains(id) else { return nil }
      return "\(fields[0]):x:\(id)"
    }
    if !kept.isEmpty { record.add(path, .text(kept.joined(separator: "\n"))) }
  }
}
