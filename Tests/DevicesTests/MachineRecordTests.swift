// SPDX-License-Identifier: MIT

import Foundation
import Testing

@testable import Devices

/// What a collection holds, and how it is read.
@Suite struct MachineRecordTests {
  private static let tree = "/sys/firmware/devicetree/base"

  @Test(arguments: [
    ("<6>[   12.3] panthor fb.gpu: x", "panthor fb.gpu: x"),
    ("[    5.140900] panthor fb.gpu: x", "panthor fb.gpu: x"),
    ("6,339,5140900,-;panthor fb.gpu: x", "panthor fb.gpu: x"),
    ("Nov 28 07:00:00 host kernel: [    5.1] panthor fb.gpu: x", "panthor fb.gpu: x"),
    ("panthor fb.gpu: [drm] mem 0xfb000000 id 0xa867", "panthor fb.gpu: [drm] mem 0x* id 0xa867"),
    ("eth0 02:00:5e:10:00:ff at ffff8000deadbeef", "eth0 * at *"),
    ("mali: 02-00-5e-10-00-ff, 192.168.17.4 and fe80::1ff:fe23:4567:890a", "mali: *, * and *"),
    ("mali: 2001:db8:0:0:1:2:3:4, version 1.7.0", "mali: *, version 1.7.0"),
    ("mali: f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "mali: *"),
  ])
  func messagesHaveNoTimesAndNoAddresses(_ line: String, _ message: String) {
    #expect(MachineReader.message(line) == message)
  }

  /// Nothing that identifies one machine is collected.
  @Test func collectionsHaveNoSerialNumbers() throws {
    let root = try FakeRoot([
      Self.tree + "/serial-number": "SECRET1\0",
      Self.tree + "/compatible": "radxa,rock-5b\0",
      Self.tree + "/chosen/bootargs": "SECRET2\0",
      Self.tree + "/ethernet@1/local-mac-address": "SECRET3",
      Self.tree + "/gpu@1/compatible": "arm,mali-valhall-csf\0",
      Self.tree + "/gpu@1/reg": "SECRET4",
      "/proc/cpuinfo": "Serial : SECRET5\nSerial: SECRET5 hypervisor\n",
      "/proc/cmdline": "androidboot.serialno=SECRET6 module_blacklist=panthor\n",
      "/proc/modules": "panthor 1 0 - Live 0xffffffffdeadbeef\n",
      "/proc/1/cgroup": "0::/docker/SECRET7\n",
      "/etc/passwd": "SECRET8:x:4242:1::/:\n",
      "/etc/group": "video:x:44:SECRET9\n",
      "/dev/kmsg": "6,1,1,-;panthor 1.gpu: mac 02:00:5e:10:00:ff at 0xfb000000\n6,1,1,-;SECRET10\n",
      "/sys/bus/platform/devices/1.gpu/uevent": "OF_FULLNAME=/gpu@1\nSERIAL=SECRET11\n",
    ])
    let text = try root.machine().record.collection
    #expect(!text.contains("SECRET") && !text.contains("deadbeef") && !text.contains("5e:10"))
    #expect(!text.contains("0xfb000000"))
    #expect(text.contains("module_blacklist=panthor") && text.contains("panthor 1.gpu: mac"))
  }

  /// The names of people are left out; those of groups that own a device file are needed.
  @Test func collectionsHaveNoNamesOfPeople() throws {
    let root = try FakeRoot([
      "/dev/dri/renderD128": "", "/sys/class/drm/renderD128/device/uevent": "DRIVER=panthor\n",
      "/proc/self/status": "Uid:\t4242\t4242\nGroups:\t4242\n",
      "/etc/passwd": "alice:x:4242:4242:Alice:/:/bin/sh\n",
      "/etc/group": "alice:x:4242:\nnodes:x:4343:alice\n",
    ])
    chmod(root.path + "/dev/dri/renderD128", 0o660)
    // Only root can give the file away.
    let isGiven = chown(root.path + "/dev/dri/renderD128", 0, 4343) == 0
    let text = try root.machine().record.collection
    #expect(!text.contains("alice"))
    guard isGiven else { return }
    let gpu = try #require(try root.machine().devices.first)
    #expect(gpu.state == .closed && text.contains("nodes:x:4343") && text.contains("Listed: 4343"))
    #expect(gpu.advice == ["log in again, or sg nodes -c 'gemsync doctor'"])
    let named = try #require(try root.machine(user: "alice").devices.first)
    #expect(named.state == .usable)
  }

  /// Both forms of a machine say the same.
  @Test(
    arguments: try Situation.all().filter {
      !$0.text.contains(" = ") && !$0.text.contains(" ! ") && !$0.text.contains("\\u{")
    })
  func directoriesReadLikeCollections(_ situation: Situation) throws {
    let machine = try situation.machine()
    let entries = machine.record.entries
    var files: [String: String] = [:]
    var links: [String: String] = [:]
    for case (let path, .link(let target)) in entries { links[path] = target }
    for (path, entry) in entries {
      var place = path
      // What is below a link is where it leads to.
      if let link = links.first(where: { path.hasPrefix($0.key + "/") }) {
        place = link.value + path.dropFirst(link.key.count)
      }
      switch entry {
      case .text(let text):
        files[place] = path.contains("/devicetree/") ? text.replacing("\n", with: "\0") : text
      case .present where entries.keys.contains { $0.hasPrefix(path + "/") }: break
      case .present:
        let isFile = ["/dev/", "/lib/firmware/", "supplier:"].contains { path.contains($0) }
        files[place + (isFile ? "" : "/x")] = ""
      default: break
      }
    }
    let again = try FakeRoot(files, links: links).machine()
    #expect(again.devices.map(\.summary) == machine.devices.map(\.summary))
    #expect(again.devices.map(\.explanation) == machine.devices.map(\.explanation))
  }

  @Test func readsByteOrderMarksAndRefusesOtherBytes() throws {
    let bytes = Array("\u{feff}gemsync machine 1\n/dev/mali0 +\n".utf8)
    #expect(try MachineRecord(collection: bytes).names("/dev") == ["mali0"])
    let error = #expect(throws: MachineRecord.ParseError.self) {
      try MachineRecord(collection: Array("gemsync machine 1\n/a:\n  ".utf8) + [0xff, 0x0a])
    }
    #expect(error == MachineRecord.ParseError(line: 3, reason: "this is not UTF-8"))
  }

  @Test(arguments: [
    ("", 1, "the first line"), ("gemsync machine 2\n", 1, "the first line"),
    ("gemsync machine 1\n  text\n", 2, "text without a path"),
    ("gemsync machine 1\nx\n", 2, "this is no path"),
    ("gemsync machine 1\n/x\n", 2, "ends with ':'"),
    ("gemsync machine 1\n/x = rw 1:2\n", 2, "permissions"),
    ("gemsync machine 1\n/x = crw-rw---- 1\n", 2, "permissions"),
    ("gemsync machine 1\n/x ! EFOO\n", 2, "errno"),
    ("gemsync machine 1\n/x ? y\n", 2, "followed by"),
    ("gemsync machine 1\n/x\\u{zz}:\n", 2, "escape"),
    ("gemsync machine 1\n/x:\n  \\q\n", 3, "escape"),
  ])
  func refusesOtherCollections(_ text: String, _ line: Int, _ reason: String) {
    let error = #expect(throws: MachineRecord.ParseError.self) {
      try MachineRecord(collection: text)
    }
    #expect(
      error?.line == line && error?.reason.contains(reason) == true, "\(String(describing: error))")
  }

  @Test func readsLinesWithCarriageReturns() throws {
    let record = try MachineRecord(collection: "gemsync machine 1\r\n/a:\r\n  b\r\n  c\r\n")
    #expect(record.lines("/a") == ["b", "c"])
  }
}
