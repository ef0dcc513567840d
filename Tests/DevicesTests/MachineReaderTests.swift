// SPDX-License-Identifier: MIT

import Foundation
import Testing

@testable import Devices

/// What is read of a machine, from a directory with some of its files.
@Suite struct MachineReaderTests {
  private static let tree = "/sys/firmware/devicetree/base"

  private func titles(_ files: [String: String], links: [String: String] = [:]) throws -> [String] {
    try FakeRoot(files, links: links).machine().devices.map { "\($0.title): \($0.state)" }
  }

  @Test func findsAMaliAnywhereInTheTree() throws {
    #expect(
      try titles([
        Self.tree + "/soc/gpu@fb000000/compatible": "rockchip,rk3588-mali\0arm,mali-valhall-csf\0",
        Self.tree + "/compatible": "radxa,rock-5b\0rockchip,rk3588\0",
      ]) == ["gpu@fb000000 (rockchip,rk3588-mali): noDriver"])
  }

  @Test func disabledGPUsAndDisplaysAreNone() throws {
    #expect(
      try titles([
        Self.tree + "/gpu@1/compatible": "arm,mali-bifrost\0",
        Self.tree + "/gpu@1/status": "disabled\0",
        Self.tree + "/bus@2/status": "disabled\0",
        Self.tree + "/bus@2/gpu@3/compatible": "arm,mali-bifrost\0",
        Self.tree + "/display@2/compatible": "arm,mali-dp650\0",
        Self.tree + "/display@3/compatible": "arm,mali-d71\0",
        Self.tree + "/isp@4/compatible": "arm,mali-c55\0",
      ]) == ["gpu@3 (arm,mali-bifrost): disabled", "gpu@1 (arm,mali-bifrost): disabled"])
  }

  @Test(arguments: [
    ("arm,mali-valhall-csf", true), ("rockchip,rk3588-mali", true), ("arm,malit602", true),
    ("rockchip,rk3588-mali-csf", true), ("arm,mali-400", true), ("arm,mali-dp500", false),
    ("arm,mali-d71", false), ("arm,mali-c55", false), ("arm,mali-v500", false),
    ("vendor,malibu", false), ("brcm,bcm2711", false),
  ])
  func knowsGPUsByName(_ compatible: String, _ isMali: Bool) {
    #expect(MaliDriver.isMali(compatible) == isMali)
  }

  @Test func knowsLoadedModules() throws {
    #expect(
      try titles(["/proc/modules": "drm 1 2 - Live 0x0\npanfrost 3 0 - Live 0x0\n"])
        == ["module panfrost: noDriver"])
    #expect(try titles(["/proc/modules": "mali_dp 3 0 - Live 0x0\n"]) == [])
    for module in ["mali_kbase", "bifrost_kbase", "rkgpu_bifrost_csf"] {
      #expect(
        try titles(["/proc/modules": "\(module) 3 0 - Live 0x0\n"])
          == ["module \(module): vendorDriver"])
    }
  }

  /// The links of sysfs, as the kernel makes them.
  @Test func followsTheLinksOfSysfs() throws {
    let device = "/sys/devices/platform/fb000000.gpu"
    let up = [String](repeating: "..", count: 3).joined(separator: "/")
    let machine = try FakeRoot(
      [
        device + "/uevent": "DRIVER=panthor\nOF_FULLNAME=/gpu@fb000000\n",
        device + "/drm/renderD128/uevent": "DEVNAME=dri/renderD128\n",
        "/sys/bus/platform/drivers/panthor/bind": "",
        "/dev/dri/renderD128": "",
      ],
      links: [
        "/sys/bus/platform/devices/fb000000.gpu": "\(up)/devices/platform/fb000000.gpu",
        device + "/driver": "\(up)/bus/platform/drivers/panthor",
        device + "/drm/renderD128/device": "\(up)/fb000000.gpu",
        "/sys/class/drm/renderD128": "../\("..")/devices/platform/fb000000.gpu/drm/renderD128",
      ]
    ).machine()
    let gpu = try #require(machine.devices.first)
    #expect(machine.devices.count == 1)
    #expect(gpu.renderNode == "/dev/dri/renderD128" && gpu.device == "fb000000.gpu")
    #expect(gpu.state == .usable && gpu.driver == "panthor")
  }

  /// Permissions count for the named user, with its groups.
  @Test func userDecidesWhatIsClosed() throws {
    let root = try FakeRoot([
      "/sys/class/drm/renderD128/device/uevent": "DRIVER=panthor\n",
      "/dev/dri/renderD128": "",
      "/etc/passwd": "root:x:0:0::/:/bin/sh\nci:x:1234:1234::/:/bin/sh\nmember:x:1235:1235:::\n",
      "/etc/group": "owners:x:\(getgid()):member\n",
    ])
    chmod(root.path + "/dev/dri/renderD128", 0o660)
    chmod(root.path + "/dev/dri", 0o755)
    #expect(try root.machine().devices.first?.state == .usable)
    let closed = try #require(try root.machine(user: "ci").devices.first)
    #expect(closed.state == .closed && closed.explanation.contains("group owners"))
    #expect(closed.advice.first?.contains("ci") == true || getgid() == 0)
    #expect(try root.machine(user: "1234").devices.first?.state == .closed)
    #expect(try root.machine(user: "member").devices.first?.state == .usable)
    let error = #expect(throws: DeviceError.self) { try root.machine(user: "absent-user") }
    #expect(error?.exitCode == 2)
    chmod(root.path + "/dev/dri", 0o700)
    #expect(
      try root.machine(user: "member").devices.first?.explanation.contains("/dev/dri is") == true)
  }

  @Test func knowsVirtualMachines() throws {
    #expect(
      try FakeRoot([Self.tree + "/compatible": "linux,dummy-virt\0"]).machine().isVirtualMachine)
    #expect(
      try !FakeRoot([Self.tree + "/compatible": "radxa,rock-5b\0"]).machine().isVirtualMachine)
    #expect(try FakeRoot(["/proc/cpuinfo": "flags : fpu hypervisor\n"]).machine().isVirtualMachine)
  }

  @Test func kernelReleaseIsOneLine() throws {
    let root = try FakeRoot(["/proc/sys/kernel/osrelease": "7.3.4-arm64\n"])
    #expect(try root.machine().kernelRelease == "7.3.4-arm64")
  }

  /// Large files are searched, and their other lines are not kept.
  @Test func largeFilesAreSearched() throws {
    let filler = String(repeating: "kernel/fs/ext4/ext4.ko:\n", count: 20_000)
    let root = try FakeRoot([
      "/proc/sys/kernel/osrelease": "7.0.9",
      "/lib/modules/7.0.9/modules.dep":
        filler + "kernel/drivers/gpu/drm/panthor/panthor.ko: x.ko\n" + filler,
      Self.tree + "/gpu@1/compatible": "arm,mali-valhall-csf\0",
    ])
    let machine = try root.machine()
    #expect(machine.devices.first?.summary == "no driver: panthor is not loaded")
    #expect(machine.record.collection.utf8.count < 1000)
  }

  @Test(arguments: [
    ("<6>[   12.3] panthor fb.gpu: x", "panthor fb.gpu: x"),
    ("[    5.140900] panthor fb.gpu: x", "panthor fb.gpu: x"),
    ("6,339,5140900,-;panthor fb.gpu: x", "panthor fb.gpu: x"),
    ("Nov 28 07:00:00 host kernel: [    5.1] panthor fb.gpu: x", "panthor fb.gpu: x"),
    ("panthor fb.gpu: [drm] mem 0xfb000000 id 0xa867", "panthor fb.gpu: [drm] mem 0x* id 0xa867"),
    ("eth0 02:00:5e:10:00:ff at ffff8000deadbeef", "eth0 * at *"),
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

/// How texts of the kernel are read.
@Suite struct DiagnosisTests {
  @Test(
    arguments: [
      ("panthor 1.gpu: probe with driver panthor failed with error -2", 2),
      ("panthor: probe of 1.gpu failed with error -22", 22),
      ("panfrost 1.gpu: failed to get regulator: -517", 517),
      ("panthor 1.gpu: error -ENODEV: _opp_set_regulators: no regulator", 19),
      ("panthor 1.gpu: error -EPROBE_DEFER: no clock", 517),
      ("panfrost 1.gpu: regulator init failed -517", 517),
      ("panthor 1.gpu: mali-g610 id 0xa867", nil),
    ] as [(String, Int32?)])
  func readsErrnos(_ line: String, _ number: Int32?) {
    #expect(Diagnosis.errno(in: line)?.rawValue == number)
  }

  @Test(arguments: [
    ("failed to get regulator: -517", "regulator"), ("supply mali not found", "regulator"),
    ("failed to attach power domains", "power domain"), ("could not get clk core", "clock"),
    ("Failed to boot MCU", "firmware"), ("Failed to load firmware image", "firmware"),
    ("unsupported GPU model", "GPU model"), ("gpu soft reset timed out", "reset"),
    ("iommu: probe failed", "IOMMU"), ("clock rate = 400000000", nil), ("mali-g610 id 0xa867", nil),
  ])
  func namesWhatALineIsAbout(_ line: String, _ cause: String?) {
    #expect(Diagnosis.cause(of: line) == cause)
  }

  @Test(arguments: [
    (
      "platform: supplier fd8d8000.power-management:power-controller not ready",
      "fd8d8000.power-management:power-controller"
    ),
    (
      "platform: wait for supplier /power-management@fd8d8000/power-controller",
      "fd8d8000.power-management:power-controller"
    ),
    ("platform: wait for supplier /soc/i2c@10/pmic@42", "42.pmic"),
    ("panthor: Failed to get clock", "a clock"), ("failed to attach iommu", "an IOMMU"), ("", nil),
    ("(reason unknown)", nil),
  ])
  func findsTheSupplierOfAReason(_ reason: String, _ supplier: String?) {
    #expect(Diagnosis.supplier(in: reason) == supplier)
  }

  @Test(
    arguments: [
      ("crw-rw---- 0:105", 1000, [105], true), ("crw-rw---- 0:105", 1000, [44], false),
      ("crw-rw---- 0:105", 0, [], true), ("crw------- 1000:0", 1000, [], true),
      ("c------rw- 1000:0", 1000, [], false), ("crw----rw- 0:105", 1000, [105], false),
      ("crw-rw---- 0:105 user:1000:rw- mask:rw-", 1000, [], true),
      ("crw-rw---- 0:105 user:1000:rw- mask:r--", 1000, [], false),
      ("crw-rw---- 0:105 user:1000:r-- mask:rw-", 1000, [105], false),
      ("crw-rw---- 0:105 group:r-- group:7:rw- mask:rw-", 1000, [7], true),
      ("crw-rw---- 0:105 group:r-- mask:rw-", 1000, [105], false),
      ("crw-rw-rw- 0:0 open=EPERM", 1000, [], false), ("crw------- 0:0 open=ok", 1000, [], true),
      ("drwx--x--x 0:0", 1000, [], true), ("drwx------ 0:0", 1000, [], false),
    ] as [(String, UInt32, Set<UInt32>, Bool)])
  func permissionsAreThoseOfTheKernel(
    _ text: String, _ user: UInt32, _ groups: Set<UInt32>, _ isOpen: Bool
  ) throws {
    let status = try #require(FileStatus(text))
    var account = Account()
    (account.user, account.groups) = (user, groups)
    #expect(status.isOpen(to: account) == isOpen)
    #expect(status.description == text)
  }
}
