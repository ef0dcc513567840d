// SPDX-License-Identifier: MIT

import Foundation
import Glibc
import Testing

@testable import Runs

/// What a process leaves: DRM files, BOs, core dumps.
@Suite struct WatchLeakTests {
  private func client(_ id: Int, _ lines: String = "drm-total-memory:\t64 KiB") -> String {
    "pos:\t0\nflags:\t02\ndrm-driver:\tpanthor\ndrm-pdev:\tfb000000.gpu\ndrm-client-id:\t\(id)\n\(lines)\n"
  }

  private func fdinfo(_ number: Int) -> String { "/proc/77/fdinfo/\(number)" }

  @Test func aFileThatIsLeftOpenIsALeak() throws {
    let folder = try WatchFolder([fdinfo(0): "pos:\t0\n", fdinfo(3): client(1)])
    let before = OpenClients(of: 77, root: folder.path)
    #expect(OpenClients(of: 77, root: folder.path).leaks(since: before).isEmpty)
    try folder.write(client(2), to: fdinfo(4))
    // Another descriptor of the same file.
    try folder.write(client(2), to: fdinfo(5))
    try folder.link("/proc/77/fd/4", to: "/dev/dri/renderD128")
    try folder.link("/proc/77/fd/5", to: "/dev/dri/renderD128")
    let after = OpenClients(of: 77, root: folder.path)
    #expect(
      after.leaks(since: before)
        == [Incident(.leak, "left /dev/dri/renderD128 open with 64 KiB of memory")])
    #expect(before.leaks(since: after).isEmpty)
  }

  @Test func memoryThatIsLeftInAnOpenFileIsALeak() throws {
    let folder = try WatchFolder([fdinfo(3): client(1)])
    let watch = KernelWatch(root: folder.path, log: ScriptedLog())
    let before = watch.snapshot(of: 77)
    #expect(watch.changes(since: before, leftBy: 77).failures.isEmpty)
    try folder.write(
      client(1, "drm-total-memory:\t196 KiB\ndrm-total-cycles-gpu:\t9"), to: fdinfo(3))
    #expect(
      watch.changes(since: before, leftBy: 77).failures.map(\.reason)
        == ["left 132 KiB of memory in an open file of panthor"])
    // Of a process that was not there before, the parent knows no files.
    #expect(watch.changes(since: watch.snapshot(), leftBy: 77).failures.isEmpty)
  }

  @Test func fdinfoIsReadByItsKeys() throws {
    #expect(
      OpenClients.parse("drm-driver: x\ndrm-client-id: 1\ndrm-memory-vram: 2 MiB\n")?.1.memory == 2
        << 20)
    let both =
      "drm-client-id: 1\ndrm-total-a: 4096\ndrm-memory-a: 9\ndrm-total-b: 1 KiB\ndrm-driver: x"
    #expect(OpenClients.parse(both)?.1.memory == 5120)
    #expect(OpenClients.parse("drm-driver: x\ndrm-client-id: 1\n")?.1.memory == .some(nil))
    let none = [
      "", "drm-driver: x\n", "drm-client-id: 1\n",
      "drm-driver: x\ndrm-client-id: 18446744073709551616\n",
      "drm-driver: x\ndrm-client-id: -1\n", "drm-driver x\ndrm-client-id 1\n",
    ]
    for text in none { #expect(OpenClients.parse(text) == nil, "\(text)") }
    for size in ["", "x", "1 TiB", "1 2 3", "18446744073709551615 KiB", "-1"] {
      #expect(OpenClients.bytes(size[...]) == nil, "\(size)")
    }
    let huge =
      "drm-driver: x\ndrm-client-id: 1\ndrm-total-a: 18446744073709551615\ndrm-total-b: 5\n"
    #expect(OpenClients.parse(huge)?.1.memory == .max)
  }

  @Test func thisProcessIsRead() {
    #expect(OpenClients().leaks(since: OpenClients()).isEmpty)
  }

  private let newer = """
    GEM state flags: imported (0x1), exported (0x2)
    created-by                      global-name     refcount        evictions  size            resident-size   file-offset       state      usage       label
    ---------------------------------------------------------------------------------------------
    my gem sync/77                  0               1               0          8192            8192            0x101000          0x0        0x0         a label of 99999 bytes
    gemsync/77                      0               1               0          4096            0               0x0               0x0        0x0         
    weston/78                       0               1               0          65536           65536           0x102000          0x2        0x0         
    =============================================================================================
    Total size: 77824, Total resident: 73728, Total reclaimable: 0

    """
  private let older = """
    created-by                      global-name     refcount        size            resident-size   file-offset     flags           label
    ---------------------------------------------------------------------------------------------
    gemsync/77                      0               1               4096            4096            0x101000          (none)
    =============================================================================================

    """

  @Test func aBOThatIsLeftIsALeakOfItsCreatorOnly() throws {
    let gems = "/sys/kernel/debug/dri/fb000000.gpu/gems"
    let folder = try WatchFolder([gems: older, "/sys/kernel/debug/dri/0/name": "x"])
    try folder.link("/sys/kernel/debug/dri/128", to: "fb000000.gpu")
    let watch = KernelWatch(root: folder.path, log: ScriptedLog())
    let inProcess = watch.snapshot(of: 77)
    func leaks(_ before: KernelWatch.Snapshot, _ process: Int32) -> [String] {
      watch.changes(since: before, leftBy: process, patience: .zero).failures.map(\.reason)
    }
    #expect(leaks(inProcess, 77).isEmpty)
    try folder.write(newer, to: gems)
    #expect(leaks(inProcess, 77) == ["left 1 BO of 8 KiB in dri/fb000000.gpu"])
    #expect(leaks(watch.snapshot(), 77) == ["left 2 BOs of 12 KiB in dri/fb000000.gpu"])
    #expect(leaks(watch.snapshot(), 7).isEmpty)
    #expect(watch.changes(since: watch.snapshot()).failures.isEmpty)
  }

  @Test func aBOThatIsFreedAMomentLaterIsNoLeak() throws {
    let gems = "/sys/kernel/debug/dri/1/gems"
    let folder = try WatchFolder([gems: older])
    let path = folder.path + gems
    let watch = KernelWatch(root: folder.path, log: ScriptedLog())
    let before = watch.snapshot()
    Thread.detachNewThread {
      usleep(30_000)
      truncate(path, 0)
    }
    #expect(watch.changes(since: before, leftBy: 77, patience: .seconds(20)).failures.isEmpty)
  }

  /// A kernel frees thousands of BOs for longer than it takes to free one.
  @Test func BOsThatAreBeingFreedAreNoLeak() throws {
    let gems = "/sys/kernel/debug/dri/1/gems"
    let folder = try WatchFolder([gems: newer])
    let watch = KernelWatch(root: folder.path, log: ScriptedLog())
    let before = watch.snapshot()
    let (fewer, none) = (older, "")
    Thread.detachNewThread {
      usleep(1_500_000)
      try? folder.write(fewer, to: gems)
      usleep(1_500_000)
      try? folder.write(none, to: gems)
    }
    #expect(watch.changes(since: before, leftBy: 77, patience: .seconds(2.5)).failures.isEmpty)
  }

  @Test func hostileListsOfBOsAreRead() {
    func count(_ lines: [String]) -> BufferList.Count {
      var table = BufferList.Table(process: 77)
      for line in lines { table.read(line) }
      return table.count
    }
    let header = String(older.prefix { $0 != "\n" })
    let creator = "gemsync/77" + String(repeating: " ", count: 22)
    #expect(count(["gemsync/77 0 1 4096"]) == .init())
    #expect(count(["created-by", creator + "0 1 4096"]) == .init())
    #expect(count([header, "gemsync/77", "", "/", creator.dropLast() + "é"]).bytes == 0)
    #expect(count([header, creator + "0"]) == .init(buffers: 1, bytes: 0))
    #expect(count([header, creator + "0 1 18446744073709551616"]).bytes == 0)
    let most = creator + "0 1 18446744073709551615"
    #expect(count([header, most, most]) == .init(buffers: 2, bytes: .max))
    let unknown = "created-by                      colour label"
    #expect(count([unknown, creator + "red 5"]) == .init(buffers: 1, bytes: 0))
    #expect(count([header, "a/\(Int64.max)" + String(repeating: " ", count: 40)]) == .init())
  }

  private func addDump(
    _ name: String, of device: String, _ driver: String, in folder: WatchFolder
  ) throws {
    let dump = "/sys/devices/virtual/devcoredump/\(name)"
    try folder.write(String(repeating: "PANF", count: 1000), to: "\(dump)/data")
    try folder.link("\(dump)/failing_device", to: "/sys/devices/platform/\(device)")
    try folder.link(
      "/sys/class/devcoredump/\(name)", to: "/sys/devices/virtual/devcoredump/\(name)")
    try? folder.link(
      "/sys/devices/platform/\(device)/driver", to: "/sys/bus/platform/drivers/\(driver)")
  }

  @Test func aDumpOfTheGPUIsCopiedAndFreed() throws {
    let folder = try WatchFolder()
    try addDump("devcd0", of: "fb000000.gpu", "panfrost", in: folder)
    let watch = KernelWatch(root: folder.path, device: "fb000000.gpu", log: ScriptedLog())
    let before = watch.snapshot()
    #expect(watch.changes(since: before).dumps.isEmpty)
    try addDump("devcd1", of: "fb000000.gpu", "panfrost", in: folder)
    try addDump("devcd2", of: "fd000000.gpu", "panfrost", in: folder)
    try addDump("devcd3", of: "wifi", "ath11k", in: folder)
    try folder.write("x", to: "/sys/class/devcoredump/devcd4/data")
    let dumps = watch.changes(since: before).dumps
    #expect(dumps.map(\.name) == ["devcd1"] && dumps.first?.device == "fb000000.gpu")
    let any = KernelWatch(root: folder.path, log: ScriptedLog())
    #expect(any.changes(since: before).dumps.map(\.name) == ["devcd1", "devcd2"])

    let dump = try #require(dumps.first)
    let whole = try dump.save(to: folder.path + "/whole")
    #expect(whole.bytes == 4000 && !whole.isCut)
    let part = try dump.save(to: folder.path + "/part", atMost: 10)
    #expect(part.bytes == 10 && part.isCut)
    #expect(try folder.text("/part") == "PANFPANFPA")
    let data = "/sys/devices/virtual/devcoredump/devcd1/data"
    try dump.free()
    #expect(try folder.text(data).hasPrefix("free"))
    #expect(try folder.text("/sys/devices/virtual/devcoredump/devcd2/data").hasPrefix("PANF"))
  }

  @Test func aCopyThatFailsLeavesNothing() throws {
    let folder = try WatchFolder()
    let watch = KernelWatch(root: folder.path, log: ScriptedLog())
    let before = watch.snapshot()
    try addDump("devcd1", of: "fb000000.gpu", "panthor", in: folder)
    let dump = try #require(watch.changes(since: before).dumps.first)
    let exists = #expect(throws: CoreDump.Failure.self) { try dump.save(to: folder.path) }
    #expect(exists?.description == "\(folder.path): File exists")
    #expect(throws: CoreDump.Failure.self) { try dump.save(to: "/dev/full") }
    try folder.remove("/sys/devices/virtual/devcoredump/devcd1")
    let gone = #expect(throws: CoreDump.Failure.self) { try dump.save(to: folder.path + "/copy") }
    #expect(gone?.description == "/sys/class/devcoredump/devcd1/data: No such file or directory")
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/copy"))
    #expect(throws: CoreDump.Failure.self) { try dump.free() }
  }
}
