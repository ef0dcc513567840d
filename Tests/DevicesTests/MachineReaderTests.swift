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

  /// The properties of a node name its suppliers by number, some with arguments.
  @Test func followsPhandles() throws {
    let gpu = Self.tree + "/gpu@1"
    let machine = try FakeRoot([
      gpu + "/compatible": "arm,mali-valhall-csf\0",
      gpu + "/mali-supply": "\0\0\0\u{5}", gpu + "/iommus": "\0\0\0\u{9}",
      gpu + "/power-domains": "\0\0\0\u{7}\0\0\0\u{5}\0\0\0\u{6}\0\0\0\u{1}",
      Self.tree + "/i2c@2/status": "disabled\0",
      Self.tree + "/i2c@2/regulator@42/phandle": "\0\0\0\u{5}",
      Self.tree + "/pmu@3/a/phandle": "\0\0\0\u{7}",
      Self.tree + "/pmu@3/a/#power-domain-cells": "\0\0\0\u{1}",
      Self.tree + "/pmu@3/b/phandle": "\0\0\0\u{6}",
      Self.tree + "/pmu@3/b/#power-domain-cells": "\0\0\0\u{1}",
      "/sys/bus/platform/devices/1.gpu/uevent": "OF_FULLNAME=/gpu@1\n",
      "/sys/bus/platform/devices/1.gpu/waiting_for_supplier": "1\n",
    ]).machine()
    #expect(machine.record.lines(gpu + "/mali-supply") == ["/i2c@2/regulator@42"])
    #expect(machine.record.lines(gpu + "/power-domains") == ["/pmu@3/a", "/pmu@3/b"])
    #expect(machine.record.text(gpu + "/iommus") == nil)
    #expect(
      machine.devices.map(\.explanation) == [
        "its probe waits for /i2c@2/regulator@42, which is disabled in the device tree"
      ])
  }

  /// A PMIC without a driver is what its regulator lacks.
  @Test func findsTheDeviceOfASupplier() throws {
    let gpu = Self.tree + "/gpu@1"
    let machine = try FakeRoot(
      [
        gpu + "/compatible": "arm,mali-valhall-csf\0", gpu + "/mali-supply": "\0\0\0\u{5}",
        Self.tree + "/i2c@2/pmic@42/regulators/gpu/phandle": "\0\0\0\u{5}",
        "/sys/bus/platform/devices/1.gpu/uevent": "OF_FULLNAME=/gpu@1\n",
        "/sys/bus/platform/devices/1.gpu/waiting_for_supplier": "1\n",
        "/sys/bus/i2c/devices/0-0042/uevent": "MODALIAS=of:NpmicT(null)Cacme,pmic\n",
      ],
      links: ["/sys/bus/i2c/devices/0-0042/of_node": Self.tree + "/i2c@2/pmic@42"]
    ).machine()
    let found = try #require(machine.devices.first)
    #expect(found.explanation == "its probe waits for 0-0042, which has no driver")
    #expect(found.advice.first == "sudo modprobe 'of:NpmicT(null)Cacme,pmic'")
  }

  /// What is built in has its aliases in a file whose lines end with NUL.
  @Test func readsAliasesOfBuiltInDrivers() throws {
    let filler = String(repeating: "ext4.license=GPL\0fs.alias=fs-ext4\0", count: 20_000)
    let directory = "/lib/modules/7.0.9/"
    let machine = try FakeRoot([
      "/proc/sys/kernel/osrelease": "7.0.9", "/sys/bus/platform/drivers/panthor/bind": "",
      directory + "modules.builtin": "kernel/drivers/gpu/drm/panthor/panthor.ko\n",
      directory + "modules.builtin.modinfo":
        filler + "panthor.alias=of:N*T*Carm,mali-valhall-csf\0" + filler,
      "/sys/bus/platform/devices/CIXH5000:00/uevent": "MODALIAS=acpi:CIXH5000:\n",
    ]).machine()
    #expect(
      machine.devices.map(\.summary) == ["no driver: panthor of this kernel does not know it"])
    #expect(machine.record.lines(directory + "modules.builtin.modinfo").count == 1)
  }

  /// Copies of sysfs often lack what its links lead to.
  @Test func linksMayLeadToNothing() throws {
    let machine = try FakeRoot(
      [
        "/sys/bus/platform/devices/1.gpu/uevent": "OF_FULLNAME=/gpu@1\n",
        "/sys/bus/platform/devices/1.gpu/modalias": "of:NgpuT(null)Carm,mali-valhall-csf\n",
        "/dev/dri/renderD128": "",
      ],
      links: [
        "/sys/bus/platform/devices/1.gpu/driver": "/sys/bus/platform/drivers/panthor",
        "/sys/class/drm/renderD128": "/sys/devices/platform/1.gpu/drm/renderD128",
      ]
    ).machine()
    #expect(machine.devices.map(\.driver) == ["panthor"])
    #expect(machine.devices.map(\.name) == ["/dev/dri/renderD128"])
  }

  @Test func emptyDirectoriesAreNoMachine() throws {
    #expect(try FakeRoot().machine().record.omissions.first?.contains("no copy") == true)
    #expect(try FakeRoot(["/proc/version": ""]).machine().record.omissions.isEmpty)
  }
}
