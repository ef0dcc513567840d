// SPDX-License-Identifier: MIT

import Devices
import Foundation

/// A directory with files of a Linux system.
final class FakeRoot {
  let path = NSTemporaryDirectory() + "gemsync-root-\(UUID().uuidString)"

  init(_ files: [String: String] = [:], links: [String: String] = [:]) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    for (name, text) in files {
      try Data(text.utf8).write(to: try place(name))
    }
    for (name, target) in links {
      try FileManager.default.createSymbolicLink(
        atPath: try place(name).path, withDestinationPath: target)
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Creates the directory of a file.
  private func place(_ name: String) throws -> URL {
    let file = URL(filePath: path + name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    return file
  }

  func machine(user: String? = nil) throws -> Machine { try Machine.read(root: path, user: user) }
}
