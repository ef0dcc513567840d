// SPDX-License-Identifier: MIT

import DRMKernel
import Foundation
import Testing

@testable import Devices

/// Directories that no Linux has: every read ends, and nothing outside of them is read.
@Suite struct HostileMachineTests {
  private static let tree = "/sys/firmware/devicetree/base"

  @Test func linksDoNotLeaveTheRoot() throws {
    let up = [String](repeating: "..", count: 9).joined(separator: "/")
    let root = try FakeRoot(
      ["/proc/sys/kernel/osrelease": "7.0"],
      links: [
        "/proc/modules": "/etc/passwd", "/proc/cmdline": "\(up)/etc/passwd",
        Self.tree + "/compatible": "/etc/hostname", "/dev/kmsg": "/proc/self/environ",
      ])
    let files = MachineRoot(root.path)
    #expect(throws: Errno.ENOENT) { try files.text("/proc/modules") }
    #expect(throws: Errno.ENOENT) { try files.text("/proc/cmdline") }
    #expect(try files.resolve("/proc/cmdline") == "/etc/passwd")
    #expect(try files.resolve("/proc/modules") == "/etc/passwd")
    #expect(try root.machine().devices == [])
  }

  @Test func loopsOfLinksEnd() throws {
    let root = try FakeRoot(links: [
      "/sys/class/drm": "drm", "/a/b": "../a/b", "/c": "d", "/d": "c", "/sys/bus": "../sys/bus",
      Self.tree + "/soc/up": "..", "/dev/dri": "/dev/dri/../dri",
    ])
    let files = MachineRoot(root.path)
    for path in ["/a/b", "/c", "/sys/bus/x", "/dev/dri"] {
      #expect(throws: Errno(rawValue: ELOOP)) { try files.resolve(path) }
    }
    #expect(try root.machine().devices == [])
  }

  /// A FIFO without a writer blocks a process that opens it to read.
  @Test func onlyRegularFilesAreOpened() throws {
    let root = try FakeRoot(["/proc/version": ""])
    try #require(mkfifo(root.path + "/proc/modules", 0o600) == 0)
    try FileManager.default.createDirectory(
      atPath: root.path + "/proc/cmdline", withIntermediateDirectories: true)
    for path in ["/proc/modules", "/proc/cmdline"] {
      #expect(throws: Errno.EINVAL) { try MachineRoot(root.path).text(path) }
    }
    #expect(try root.machine().devices == [])
  }

  @Test func readsHaveABound() throws {
    let line = String(repeating: "x", count: 1 << 20)
    let root = try FakeRoot([
      "/proc/sys/kernel/osrelease": line, "/dev/kmsg": "panthor " + line + "\nmali " + line,
      "/proc/modules": String(repeating: "panthor 1\n", count: 200_000),
    ])
    let machine = try root.machine()
    #expect(machine.record.collection.utf8.count < 200_000)
    #expect(machine.kernelRelease.utf8.count == 256)
  }

  @Test func manyNamesAndDeepTreesEnd() throws {
    let deep = String(repeating: "/n", count: 200)
    let root = try FakeRoot([
      Self.tree + deep + "/compatible": "arm,mali-bifrost\0",
      Self.tree + "/gpu@1/compatible": "arm,mali-bifrost\0",
    ])
    let directory = root.path + "/sys/bus/platform/devices/"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    for index in 0..<100_000 {
      try #require(symlink("../x", directory + "d\(index)") == 0)
    }
    let start = ContinuousClock.now
    let machine = try root.machine()
    #expect(ContinuousClock.now - start < .seconds(20))
    #expect(machine.devices.map(\.name) == ["gpu@1"])
    #expect(machine.record.omissions.count == 2, "\(machine.record.omissions)")
  }

  @Test func chainsOfSuppliersHaveABound() throws {
    var text =
      "gemsync machine 1\n/sys/bus/platform/devices/0.gpu/uevent:\n  OF_COMPATIBLE_0=arm,mali-bifrost\n"
    for index in 0..<2000 {
      text += "/sys/bus/platform/devices/\(index).gpu/supplier:platform:\(index + 1).gpu +\n"
    }
    text += "/sys/bus/platform/devices/0.gpu/waiting_for_supplier:\n  1\n"
    let machine = Machine(try MachineRecord(collection: text))
    #expect(machine.devices.first?.state == .deferred)
    #expect((machine.devices.first?.evidence.count ?? 0) < 100)
  }

  @Test func manyDevicesOfACollectionEnd() throws {
    var text = "gemsync machine 1\n"
    for index in 0..<MachineRecord.mostEntries {
      text += "/sys/bus/platform/devices/\(index).gpu/uevent:\n  OF_COMPATIBLE_0=arm,mali-bifrost\n"
      if text.utf8.count > MachineRecord.mostBytes { break }
    }
    text += "/sys/kernel/debug/devices_deferred:\n" + String(repeating: "  x\ty\n", count: 50_000)
    let start = ContinuousClock.now
    let machine = Machine(try MachineRecord(collection: text))
    #expect(ContinuousClock.now - start < .seconds(20))
    #expect(machine.devices.count == Candidate.most)
    #expect(machine.record.omissions.contains("more than 63 devices"))
  }

  /// Numbers of a device tree that lead nowhere, and counts that are too large.
  @Test func oddPropertiesOfATreeEnd() throws {
    let gpu = Self.tree + "/gpu@1"
    let handle = "\0\0\0\u{5}"
    var files = [
      gpu + "/compatible": "arm,mali-valhall-csf\0", gpu + "/phandle": "\0",
      gpu + "/mali-supply": String(repeating: handle, count: 100_000),
      gpu + "/power-domains": handle + handle, gpu + "/clocks": "\u{7f}\0\0", gpu + "/resets": "",
      Self.tree + "/a@1/phandle": handle, Self.tree + "/b@1/phandle": handle,
    ]
    for node in ["/a@1", "/b@1"] {
      files[Self.tree + node + "/#power-domain-cells"] = "\u{7f}\u{7f}\u{7f}\u{7f}"
    }
    let record = try FakeRoot(files).machine().record
    #expect(record.lines(gpu + "/mali-supply").count == 1)
    #expect(record.lines(gpu + "/power-domains").count == 1)
    #expect(record.text(gpu + "/clocks") == nil && record.text(gpu + "/resets") == nil)
  }

  @Test func accessListsOfOddLengthsAreRead() {
    for count in 0..<64 {
      let bytes = [2, 0, 0, 0] + [UInt8](repeating: 0xff, count: count)
      #expect(FileStatus.grants(in: bytes).count <= count / 8)
    }
    #expect(FileStatus.grants(in: [1, 0, 0, 0]) == [])
  }
}
