// SPDX-License-Identifier: MIT

import DRMKernel
import Devices
import MockDRM
import Testing

@Suite struct MockTwinTests {
  private func twin(
    of mock: String, in system: SystemTree = SystemTree(root: "/nowhere")
  ) throws -> String {
    let kernel = Kernel.substitute(MockKernel([MockProfile(.panthor)]))
    let device = try DeviceResolver(kernel: kernel, system: system)
      .resolve(.path("/dev/dri/renderD128")).devices[0]
    return try MockTwin(of: device, like: MockSelector(parsing: mock)).label
  }

  /// Caches and rules are options of a mock like its faults.
  @Test func takesTheOptionsOfTheMock() throws {
    #expect(
      try twin(of: "panthor,fill=never,policy=private-wb,break=zeroed")
        == "mock:panthor,policy=private-wb,fill=never,fault=zeroed")
  }

  /// QEMU has no caches: what a mock would lose there stays.
  @Test func losesNothingInAVirtualMachine() throws {
    let root = try FakeRoot([
      "/sys/firmware/devicetree/base/compatible": "linux,dummy-virt\0"
    ])
    let system = SystemTree(root: root.path)
    try #require(system.isVirtualMachine)
    #expect(try twin(of: "panthor") == "mock:panthor")
    #expect(try twin(of: "panthor", in: system) == "mock:panthor,invalidate=write_back")
  }
}
