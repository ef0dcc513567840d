// SPDX-License-Identifier: MIT

internal import DRMKernel

/// The permissions of a device file, and whether this process could open it.
struct FileStatus: Hashable, Sendable {
  /// The first character of `ls -l`: `c` for a character device, `d` for a directory.
  var kind: Character
  /// The permission bits.
  var mode: UInt32
  var user: UInt32
  var group: UInt32
  /// The entries of the access control list for named users and groups, and its mask.
  var list: [Grant] = []
  /// What `open(2)` returned, 0 for success; nil where it was not tried.
  var opened: Errno?

  /// The user and group that stand for those which a user namespace does not map.
  static let overflow: UInt32 = 65_534

  /// An entry of an access control list.
  struct Grant: Hashable, Sendable {
    enum Holder: Hashable, Sendable {
      case user(UInt32)
      case group(UInt32)
      case owningGroup
      case mask
    }

    let holder: Holder
    /// Bits 4, 2 and 1: read, write, execute or search.
    let bits: UInt32
  }

  /// Whether a user may read and write the file, or search the directory.
  func isOpen(to account: Account) -> Bool {
    if let opened, opened.rawValue != 0 { return false }
    if opened != nil || account.user == 0 { return true }
    return allowed(to: account) & wanted == wanted
  }

  private var wanted: UInt32 { kind == "d" ? 1 : 6 }

  /// The permission check of `acl(5)`: owner, named user, groups, others.
  private func allowed(to account: Account) -> UInt32 {
    if account.user == user { return mode >> 6 & 7 }
    let mask = list.first { $0.holder == .mask }?.bits ?? 7
    if let named = list.first(where: { $0.holder == .user(account.user) }) {
      return named.bits & mask
    }
    var granted: [UInt32] = []
    if account.groups.contains(group) {
      // With a list, the mode has the mask in place of the group's bits.
      granted.append(list.first { $0.holder == .owningGroup }?.bits ?? mode >> 3 & 7)
    }
    for case .group(let id) in list.map(\.holder) where account.groups.contains(id) {
      granted += list.filter { $0.holder == .group(id) }.map(\.bits)
    }
    guard !granted.isEmpty else { return mode & 7 }
    return (granted.first { $0 & mask & wanted == wanted } ?? 0) & mask
  }

  /// Reads the attribute `system.posix_acl_access`: a version, then entries of tag, bits and id.
  static func grants(in attribute: [UInt8]) -> [Grant] {
    func number(_ offset: Int, _ count: Int) -> UInt32 {
      attribute[offset..<offset + count].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
    guard attribute.count >= 4, number(0, 4) == 2 else { return [] }
    return stride(from: 4, through: attribute.count - 8, by: 8).compactMap { offset in
      let bits = number(offset + 2, 2)
      switch number(offset, 2) {
      case 0x02: return Grant(holder: .user(number(offset + 4, 4)), bits: bits)
      case 0x04: return Grant(holder: .owningGroup, bits: bits)
      case 0x08: return Grant(holder: .group(number(offset + 4, 4)), bits: bits)
      case 0x10: return Grant(holder: .mask, bits: bits)
      default: return nil
      }
    }
  }
}

/// `crw-rw---- 0:105 user:1000:rw- open=EACCES`, as a collection has it.
extension FileStatus: LosslessStringConvertible {
  init?(_ text: String) {
    let words = text.split(separator: " ")
    guard words.count >= 2, let kind = words[0].first, words[0].utf8.count == 10 else { return nil }
    self.kind = kind
    mode = 0
    for letter in words[0].dropFirst() { mode = mode << 1 | (letter == "-" ? 0 : 1) }
    let owners = words[1].split(separator: ":").compactMap { UInt32($0) }
    guard owners.count == 2 else { return nil }
    (user, group) = (owners[0], owners[1])
    for word in words.dropFirst(2) {
      if word.hasPrefix("open=") {
        let name = String(word.dropFirst(5))
        guard let errno = name == "ok" ? Errno(rawValue: 0) : Errno(name: name) else { return nil }
        opened = errno
      } else {
        guard let grant = Grant(String(word)) else { return nil }
        list.append(grant)
      }
    }
  }

  var description: String {
    let letters = zip(0..<9, "rwxrwxrwx").map { mode >> (8 - $0.0) & 1 == 1 ? String($0.1) : "-" }
    var words = ["\(kind)\(letters.joined())", "\(user):\(group)"]
    words += list.map(\.description)
    if let opened { words.append("open=\(opened.rawValue == 0 ? "ok" : opened.description)") }
    return words.joined(separator: " ")
  }
}

extension FileStatus.Grant: LosslessStringConvertible {
  init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard 2...3 ~= parts.count, let letters = parts.last, letters.utf8.count == 3 else {
      return nil
    }
    switch (parts[0], parts.count == 3 ? UInt32(parts[1]) : nil) {
    case ("user", let id?): holder = .user(id)
    case ("group", let id?): holder = .group(id)
    case ("group", nil) where parts.count == 2: holder = .owningGroup
    case ("mask", nil) where parts.count == 2: holder = .mask
    default: return nil
    }
    bits = letters.reduce(0) { $0 << 1 | ($1 == "-" ? 0 : 1) }
  }

  var description: String {
    let letters = zip([4, 2, 1] as [UInt32], "rwx").map { bits & $0.0 != 0 ? String($0.1) : "-" }
    let name =
      switch holder {
      case .user(let id): "user:\(id)"
      case .group(let id): "group:\(id)"
      case .owningGroup: "group"
      case .mask: "mask"
      }
    return "\(name):\(letters.joined())"
  }
}
