// SPDX-License-Identifier: MIT

import DRMKernel
import Foundation
import Glibc

@testable import Runs

/// A folder in place of `/`, with the files that a watch reads; removed at the end.
final class WatchFolder: Sendable {
  let path = NSTemporaryDirectory() + "gemsync-watch-\(UUID().uuidString)"

  init(_ files: [String: String] = ["/proc/sys/kernel/tainted": "0\n"]) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    for (file, text) in files { try write(text, to: file) }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ text: String, to file: String) throws {
    try makeFolder(of: file)
    try Data(text.utf8).write(to: URL(fileURLWithPath: path + file))
  }

  func append(_ text: String, to file: String) throws {
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path + file))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(text.utf8))
    try handle.close()
  }

  func link(_ file: String, to target: String) throws {
    try makeFolder(of: file)
    try FileManager.default.createSymbolicLink(atPath: path + file, withDestinationPath: target)
  }

  func remove(_ file: String) throws { try FileManager.default.removeItem(atPath: path + file) }

  func text(_ file: String) throws -> String {
    try String(contentsOfFile: path + file, encoding: .utf8)
  }

  private func makeFolder(of file: String) throws {
    let folder = (path + file as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }
}

/// A log whose reads a test states: a text of records, or an errno.
final class ScriptedLog: LogSource {
  enum Read: Sendable {
    case text(String)
    case failure(CInt)
  }

  private let reads = Guarded<[Read]>([])

  func add(_ more: Read...) { reads.withLock { $0 += more } }

  /// Adds records of the kernel at level 4, one for each line.
  func add(_ lines: String) {
    for line in lines.split(separator: "\n") { add(.text("4,1,2,-;\(line)\n")) }
  }

  func read(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    guard let next = reads.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else {
      return -Int(EAGAIN)
    }
    switch next {
    case .failure(let errno): return -Int(errno)
    case .text(let text):
      let bytes = Array(text.utf8.prefix(buffer.count))
      buffer.copyBytes(from: bytes)
      return bytes.count
    }
  }
}
