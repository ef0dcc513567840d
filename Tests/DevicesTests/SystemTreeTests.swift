// SPDX-License-Identifier: MIT

import Devices
import Foundation
import Testing

/// A directory with files of a Linux system.
final class FakeRoot {
  let path = NSTemporaryDirectory() + "gemsync-root-\(UUID().uuidString)"

  init(_ files: [String: String] = [:]) throws {
    for (name, text) in files {
      let file = URL(filePath: path + name)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

@Suite struct SystemTreeTests {
  private static let tree = "/sys/firmware/devicetree/base"

  @Test func findsAMaliAnywhereInTheTree() throws {
    let root = try FakeRoot([
      Self.tree + "/soc/gpu@fb000000/compatible": "rockchip,rk3588-mali\0arm,mali-valhall-csf\0",
      Self.tree + "/compatible": "radxa,rock-5b\0rockchip,rk3588\0",
    ])
    #expect(SystemTree(root: root.path).maliInDeviceTree() == "rockchip,rk3588-mali")
  }

  @Test func ignoresDisabledGPUsAndDisplays() throws {
    let root = try FakeRoot([
      Self.tree + "/gpu@1/compatible": "arm,mali-bifrost\0",
      Self.tree + "/gpu@1/status": "disabled\0",
      Self.tree + "/display@2/compatible": "arm,mali-dp650\0",
    ])
    #expect(SystemTree(root: root.path).maliInDeviceTree() == nil)
  }

  @Test func knowsLoadedModules() throws {
    let root = try FakeRoot(["/proc/modules": "drm 1 2 - Live 0x0\npanfrost 3 0 - Live 0x0\n"])
    #expect(SystemTree(root: root.path).loadedMaliModule() == "panfrost")
    #expect(try SystemTree(root: FakeRoot().path).loadedMaliModule() == nil)
    for module in ["panthor", "tyr", "lima", "mali_kbase"] {
      let root = try FakeRoot(["/proc/modules": "\(module) 3 0 - Live 0x0\n"])
      #expect(SystemTree(root: root.path).loadedMaliModule() == module)
    }
  }

  @Test func knowsVirtualMachines() throws {
    let virt = try FakeRoot([Self.tree + "/compatible": "linux,dummy-virt\0"])
    #expect(SystemTree(root: virt.path).isVirtualMachine)
    let board = try FakeRoot([Self.tree + "/compatible": "radxa,rock-5b\0"])
    #expect(!SystemTree(root: board.path).isVirtualMachine)
  }

  @Test func kernelReleaseIsOneLine() throws {
    let root = try FakeRoot(["/proc/sys/kernel/osrelease": "7.3.4-arm64\n"])
    #expect(SystemTree(root: root.path).kernelRelease == "7.3.4-arm64")
  }
}
