// SPDX-License-Identifier: MIT

internal import DRMKernel

/// Decides whether the user of a record may open its device files.
struct FileAccess {
  private let record: MachineRecord
  private let account: Account

  /// Whether a file can be opened, and if not, why.
  enum Result: Hashable {
    case open
    /// The permissions of a file, or of the directory that it is in, do not allow it.
    case closed(String, FileStatus)
    /// The directory could not be searched when the record was made.
    case unreachable(directory: String, Errno)
    /// `open(2)` failed although the permissions allow it.
    case refused(Errno)
    case missing
  }

  init(_ record: MachineRecord) {
    self.record = record
    account = record.text("/proc/self/status").flatMap(Account.init(status:)) ?? Account()
  }

  func of(_ path: String) -> Result {
    let directory = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    if let status = record.status(directory), !status.isOpen(to: account) {
      return .closed(directory, status)
    }
    if let errno = record.failure(path) { return .unreachable(directory: directory, errno) }
    guard let status = record.status(path) else { return .missing }
    var permissions = status
    permissions.opened = nil
    guard permissions.isOpen(to: account) else {
      // Capabilities may allow what the permissions do not.
      return status.opened?.rawValue == 0 ? .open : .closed(path, status)
    }
    if let errno = status.opened, errno.rawValue != 0 { return .refused(errno) }
    return .open
  }

  /// `mode 0660, owner root, group render`.
  func text(_ status: FileStatus) -> String {
    let owner = name(status.user, in: "/etc/passwd") ?? "\(status.user)"
    return "mode \(status.octal), owner \(owner), group \(group(status.group))"
  }

  /// The same with the access control list, where there is one.
  func evidence(_ status: FileStatus) -> String {
    let list = status.list.map(\.description).joined(separator: " ")
    return text(status) + (list.isEmpty ? "" : ", access list \(list)")
  }

  func group(_ id: UInt32) -> String { groupName(id) ?? "\(id)" }

  /// Returns the name of a group; nil for a group that the machine does not name.
  func groupName(_ id: UInt32) -> String? { name(id, in: "/etc/group") }

  /// The name of the user, as a shell has it.
  var userName: String { name(account.user, in: "/etc/passwd") ?? "$USER" }

  /// Whether `/etc/group` lists the user in a group that its session does not have.
  func isListed(in group: UInt32) -> Bool {
    account.listed.contains(group) && !account.groups.contains(group)
  }

  private func name(_ id: UInt32, in path: String) -> String? {
    for line in record.lines(path) {
      let fields = line.split(separator: ":", omittingEmptySubsequences: false)
      if fields.count > 2, UInt32(fields[2]) == id { return String(fields[0]) }
    }
    return id == 0 ? "root" : nil
  }
}

extension FileStatus {
  /// `0660`.
  var octal: String {
    let digits = String(mode, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  /// `crw-rw----`.
  var permissions: String { String(description.prefix(10)) }
}
