// SPDX-License-Identifier: MIT

import DRMKernel
import Devices
import MockDRM
import Testing

@Suite struct ReferenceMockTests {
  private func reference(
    of mock: String, in machine: Machine = Machine(MachineRecord())
  ) throws -> String {
    let kernel = Kernel.substitute(MockKernel([MockProfile(.panthor)]))
    let device = try DeviceResolver(kernel: kernel, machine: machine)
      .resolve(.path("/dev/dri/renderD128")).devices[0]
    return try ReferenceMock(of: device, like: MockSelector(parsing: mock)).label
  }

  /// Caches, policy and fault are options of the named mock.
  @Test func takesTheOptionsOfTheMock() throws {
    #expect(
      try reference(of: "panthor,fill=never,policy=private-wb,fault=zeroed")
        == "mock:panthor,policy=private-wb,fill=never,fault=zeroed")
  }

  /// What follows from the device cannot be chosen.
  @Test(arguments: ["minor=6", "coherent", "page=16k"])
  func refusesOtherValuesThanTheDevices(_ option: String) throws {
    let error = #expect(throws: DeviceError.self) { try reference(of: "panthor,\(option)") }
    #expect(error?.exitCode == 2)
    #expect(error?.description.contains("'\(option)' cannot be compared") == true)
  }

  @Test func takesOptionsWithTheValuesOfTheDevice() throws {
    #expect(try reference(of: "panthor,minor=9,page=4k") == "mock:panthor")
    #expect(try reference(of: "panthor,jobs=early,heap") == "mock:panthor,heap,jobs=early")
  }

  /// QEMU has no caches, so invalidation loses no bytes.
  @Test func losesNothingInAVirtualMachine() throws {
    let root = try FakeRoot([
      "/sys/firmware/devicetree/base/compatible": "linux,dummy-virt\0"
    ])
    let machine = try root.machine()
    try #require(machine.isVirtualMachine)
    #expect(try reference(of: "panthor") == "mock:panthor")
    #expect(try reference(of: "panthor", in: machine) == "mock:panthor,invalidate=write_back")
  }
}
