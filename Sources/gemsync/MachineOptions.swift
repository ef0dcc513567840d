// SPDX-License-Identifier: MIT

import ArgumentParser
import Devices
import FoundationEssentials
import Reports

/// The options that say whose files are read.
struct MachineOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Read another machine: a file that 'doctor --collect' wrote ('-' for stdin), or a directory with a copy of its files.",
      valueName: "path"))
  var root: String?

  @Option(
    help: ArgumentHelp(
      "Judge the permissions of this user, by name or number, instead of the user who runs gemsync.",
      valueName: "user"))
  var user: String?

  /// The file that is read instead of this machine.
  var inputs: [String] { isCollection ? [root].compactMap { $0 } : [] }

  /// Whether the machine is a file, which does not change.
  var isCollection: Bool {
    guard let root else { return false }
    return !isDirectory(root)
  }

  /// Reads the machine; the nodes of this one are opened too, unless another user is named.
  func machine() throws -> Machine {
    guard let root, root != "/" else {
      return try user.map { try Machine.read(user: $0) } ?? DeviceResolver().inventory()
    }
    if isDirectory(root) { return try Machine.read(root: root, user: user) }
    guard user == nil else {
      throw ValidationError("--user needs a machine or a directory; \(root) has one user's view")
    }
    let (most, name) = (MachineRecord.mostBytes, InputFile.name(of: root))
    let bytes = try InputFile.contents(of: root, atMost: most + 1)
    guard bytes.count <= most else {
      throw ReportError(description: "\(name): larger than \(most >> 20) MiB")
    }
    do throws(MachineRecord.ParseError) {
      return Machine(try MachineRecord(collection: bytes))
    } catch {
      throw ReportError(description: "\(name):\(error.line): \(error.reason)")
    }
  }

  private func isDirectory(_ path: String) -> Bool {
    var isDirectory = false
    return path != "-" && FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
      && isDirectory
  }
}
