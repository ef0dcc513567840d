// SPDX-License-Identifier: MIT

/// A user whose permissions count, with its groups.
struct Account: Hashable, Sendable {
  var user: UInt32 = 0
  var groups: Set<UInt32> = []
  /// The groups that `/etc/group` lists the user in, which a session takes over when it begins.
  var listed: Set<UInt32> = []

  init() {}

  /// Reads `/proc/PID/status`: the effective user and group, and the other groups; nil for a text without them.
  init?(status: String) {
    var found = false
    for line in status.split(whereSeparator: \.isNewline) {
      let numbers = line.split { !$0.isNumber }.compactMap { UInt32($0) }
      // The real, effective, saved and file-system number; a collection has one.
      let effective = numbers.count > 1 ? numbers[1] : numbers.first
      if line.hasPrefix("Uid:"), let effective {
        user = effective
        found = true
      } else if line.hasPrefix("Gid:"), let effective {
        groups.insert(effective)
      } else if line.hasPrefix("Groups:") {
        groups.formUnion(numbers)
      } else if line.hasPrefix("Listed:") {
        listed.formUnion(numbers)
      }
    }
    guard found else { return nil }
  }

  /// Finds a user by name or number in lines of `/etc/passwd` and `/etc/group`; nil where there is none.
  init?(named name: String, users: [String], groups lines: [String]) {
    func fields(_ line: String) -> [Substring] {
      line.split(separator: ":", omittingEmptySubsequences: false)
    }
    let entry = users.map(fields).first { $0.count > 3 && ($0[0] == name || $0[2] == name) }
    guard let entry, let user = UInt32(entry[2]), let group = UInt32(entry[3]) else {
      guard let user = UInt32(name) else { return nil }
      self.user = user
      return
    }
    self.user = user
    groups = [group]
    for line in lines.map(fields) where line.count > 3 {
      guard line[3].split(separator: ",").contains(entry[0]), let id = UInt32(line[2]) else {
        continue
      }
      groups.insert(id)
    }
  }

  /// The lines of `/proc/PID/status` that it is read from, and one for the listed groups.
  var description: String {
    let text = "Uid: \(user)\nGroups: " + Self.text(groups)
    return listed.isEmpty ? text : text + "\nListed: " + Self.text(listed)
  }

  private static func text(_ groups: Set<UInt32>) -> String {
    groups.sorted().map(String.init).joined(separator: " ")
  }
}
