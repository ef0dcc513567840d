// SPDX-License-Identifier: MIT

import DRMKernel
import Devices
import MockDRM
import TestSupport
import Testing

/// Devices of a machine whose hardware nodes are those of a mock kernel.
@Suite struct DeviceResolverTests {
  @Test(arguments: [
    ("/dev/dri/renderD128", DeviceSelector.path("/dev/dri/renderD128")),
    ("driver:panthor", .driver("panthor")), ("all", .all),
    ("of:compatible=rockchip,rk3588-mali", .compatible("rockchip,rk3588-mali")),
  ])
  func readsSelectors(_ text: String, _ selector: DeviceSelector) throws {
    #expect(try DeviceSelector(parsing: text) == selector)
  }

  @Test(arguments: ["", "renderD128", "driver:", "of:compatible=", "mock:", "mock:foo", "mock"])
  func refusesOtherTexts(_ text: String) {
    let error = #expect(throws: DeviceError.self) { try DeviceSelector(parsing: text) }
    #expect(error?.exitCode == 2)
    #expect(error?.description.contains("\n") == false)
  }

  @Test func takesTheLowestNodeByDefault() throws {
    let selection = try resolver([MockProfile(.panthor), MockProfile(.panthor, isCoherent: true)])
      .resolve(.automatic)
    #expect(selection.devices.map(\.path) == ["/dev/dri/renderD128"])
    #expect(selection.notice == nil)
  }

  @Test func takesAllAndListsTheOthers() throws {
    let selection = try resolver([MockProfile(.tyr), MockProfile(.panthor)]).resolve(.all)
    #expect(selection.devices.map(\.path) == ["/dev/dri/renderD129"])
    #expect(selection.ignored.map(\.path) == ["/dev/dri/renderD128"])
    #expect(
      selection.ignored.map(\.reason) == ["panthor 1.5.0 (ARM Mali Tyr DRM driver), not supported"])
  }

  @Test func selectsByDriverAndCompatible() throws {
    let resolver = resolver([MockProfile(.panthor)])
    #expect(try resolver.resolve(.driver("panthor")).devices.count == 1)
    #expect(try resolver.resolve(.compatible("rockchip,rk3588-mali")).devices.count == 1)
    expectError(1, "no usable DRM node has the driver panfrost; there is /dev/dri/renderD128 ") {
      try resolver.resolve(.driver("panfrost"))
    }
    expectError(1, "no usable DRM node has the compatible x") {
      try resolver.resolve(.compatible("x"))
    }
  }

  @Test func fallsBackToAMockOnlyWithoutAMali() throws {
    let selection = try resolver([]).resolve(.automatic)
    #expect(selection.devices.map(\.description.label) == ["mock:panthor"])
    #expect(selection.devices.map(\.description.location) == [.mock])
    #expect(selection.notice == "there is no Mali GPU here: running on mock:panthor")
    expectError(1, "--require-hardware needs one") {
      try resolver([]).resolve(.automatic, requiresHardware: true)
    }
    expectError(2, "--require-hardware excludes mock devices") {
      try resolver([]).resolve(DeviceSelector(parsing: "mock:panthor"), requiresHardware: true)
    }
  }

  @Test func maliWithoutANodeIsAnError() throws {
    let tree = try FakeRoot([
      "/sys/firmware/devicetree/base/gpu@1/compatible": "rockchip,rk3588-mali\0"
    ])
    expectError(1, "gpu@1 (rockchip,rk3588-mali): no driver is bound to it") {
      try resolver([], tree.machine()).resolve(.automatic)
    }
    let module = try FakeRoot(["/proc/modules": "panthor 1 0 - Live 0x0\n"])
    expectError(1, "the module panthor is loaded but there is no node") {
      try resolver([], module.machine()).resolve(.automatic)
    }
  }

  @Test func disabledMaliCountsAsNone() throws {
    let tree = try FakeRoot([
      "/sys/firmware/devicetree/base/gpu@1/compatible": "rockchip,rk3588-mali\0",
      "/sys/firmware/devicetree/base/gpu@1/status": "disabled\0",
    ])
    let selection = try resolver([], tree.machine()).resolve(.automatic)
    #expect(
      selection.notice
        == "there is no Mali GPU here (gpu@1 (rockchip,rk3588-mali): disabled in the device tree): "
        + "running on mock:panthor")
    expectError(1, "disabled in the device tree") {
      try resolver([], tree.machine()).resolve(.automatic, requiresHardware: true)
    }
  }

  @Test func missingPermissionIsAnError() throws {
    let mock = MockKernel([MockProfile(.panthor)])
    let refusing = InterposedKernel(.substitute(mock)) { _ in .answer(-13) }
    let resolver = DeviceResolver(kernel: .substitute(refusing), machine: try FakeRoot().machine())
    expectError(1, "cannot open /dev/dri/renderD128: EACCES") {
      try resolver.resolve(.automatic)
    }
    expectError(1, "cannot open /dev/dri/renderD128: EACCES") {
      try resolver.resolve(.path("/dev/dri/renderD128"))
    }
  }

  /// Whatever names a closed node says which group owns it.
  @Test(arguments: [
    DeviceSelector.automatic, .driver("panthor"), .compatible("rockchip,rk3588-mali"), .all,
    .path("/dev/dri/renderD128"),
  ])
  func closedNodeIsNamedWithItsGroup(_ selector: DeviceSelector) throws {
    let machine = try #require(Situation.all().first { $0.name == "closed_node" }).machine()
    let refusing = InterposedKernel(.substitute(MockKernel([MockProfile(.panthor)]))) { _ in
      .answer(-13)
    }
    let resolver = DeviceResolver(kernel: .substitute(refusing), machine: machine)
    expectError(1, "mode 0660, owner root, group render") { try resolver.resolve(selector) }
    expectError(1, "closed to") { try resolver.resolve(selector) }
  }

  @Test func closedExportersComeWithADevice() throws {
    let machine = try #require(Situation.all().first { $0.name == "closed_node" }).machine()
    let device = try resolver([MockProfile(.panthor)], machine).resolve(
      .path("/dev/dri/renderD128")
    )
    .devices[0]
    #expect(
      device.closedFiles == [
        "/dev/udmabuf": "it is there, but closed to this user (mode 0600, owner root, group root)",
        "/dev/dma_heap/system":
          "it is there, but closed to this user (mode 0600, owner root, group root)",
      ])
  }

  /// A driver that is newer than the catalog is used, and that is said.
  @Test(arguments: [(9, nil), (12, "panthor 1.12 is newer than 1.9")])
  func newerDriverIsNoted(_ minor: UInt32, _ notice: String?) throws {
    let kernel = NewerDriver(.substitute(MockKernel([MockProfile(.panthor)])), minor: minor)
    let selection = try DeviceResolver(
      kernel: .substitute(kernel), machine: try FakeRoot().machine()
    ).resolve(.automatic)
    let description = selection.devices[0].description
    #expect(description.version == "1.\(minor).0")
    #expect(description.features.contains(.explicitSync))
    #expect(description.caveat?.contains(notice ?? "") ?? (notice == nil))
    #expect((description.caveat == nil) == (notice == nil))
  }

  /// So is a kernel that is newer than every mock; a driver with another major version is not used.
  @Test func newerKernelIsNoted() throws {
    for (release, isNewer) in [("7.3.4-arm64", false), ("7.4.0-rc1", true), ("8.0.1", true)] {
      let root = try FakeRoot(["/proc/sys/kernel/osrelease": release + "\n"])
      let resolver = DeviceResolver(
        kernel: .substitute(MockKernel([MockProfile(.panthor)])), machine: try root.machine())
      let caveat = try resolver.resolve(.automatic).devices[0].description.caveat
      #expect(caveat?.hasPrefix("the kernel \(release) is newer than 7.3") ?? false == isNewer)
      #expect((caveat != nil) == isNewer)
    }
    let other = NewerDriver(.substitute(MockKernel([MockProfile(.panthor)])), major: 2, minor: 0)
    expectError(1, "no support for the driver panthor 2.0.0 (Panthor DRM driver), only for its 1.x")
    {
      try DeviceResolver(kernel: .substitute(other), machine: FakeRoot().machine())
        .resolve(.path("/dev/dri/renderD128"))
    }
  }

  @Test func refusesOtherPaths() {
    expectError(1, "/dev/null: it is not a DRM node") {
      try DeviceResolver().resolve(.path("/dev/null"))
    }
    expectError(1, "cannot open /dev/dri/renderD999: ENOENT") {
      try DeviceResolver().resolve(.path("/dev/dri/renderD999"))
    }
    expectError(1, "no support for the driver panthor 1.5.0 (ARM Mali Tyr DRM driver)") {
      try resolver([MockProfile(.tyr)]).resolve(.path("/dev/dri/renderD128"))
    }
  }

  /// A mock is named as it was given, also in errors of its kernel.
  @Test func mocksKeepTheirNames() throws {
    let texts = ["mock:rk3588", "mock:panfrost,minor=6", "mock:all,coherent"]
    let selectors = try DeviceSelector.list(parsing: texts)
    #expect(selectors.count == 1)
    let devices = try DeviceResolver().resolve(selectors[0]).devices
    #expect(
      devices.map(\.description.label) == [
        "mock:rk3588", "mock:panfrost,minor=6", "mock:panfrost,coherent", "mock:panfrost,coherent",
        "mock:panthor,coherent", "mock:panthor,coherent",
      ])
    #expect(
      devices.map(\.description).namingMocks(in: "\(devices[1].path) is not \(devices[0].path)")
        == "mock:panfrost,minor=6 is not mock:rk3588")
    expectError(1, "cannot open mock:tyr: no support") {
      try DeviceResolver().resolve(DeviceSelector(parsing: "mock:tyr"))
    }
  }

  /// Mocks of one command share the caches of the first one.
  @Test func optionsOfTheMachineAreThoseOfTheFirstMock() throws {
    for option in ["evict=always", "fill=never", "jobs=early", "line=128", "page=16k"] {
      let error = #expect(throws: DeviceError.self) {
        try DeviceSelector.list(parsing: ["mock:panthor", "mock:panfrost,\(option)"])
      }
      #expect(error?.exitCode == 2 && error?.description.contains(option) == true)
      _ = try DeviceSelector.list(parsing: ["mock:panthor,\(option)", "mock:panfrost,\(option)"])
      if option != "page=16k" {
        _ = try DeviceSelector.list(parsing: ["mock:panthor,\(option)", "mock:vgem"])
      }
    }
  }

  /// An exploration covers every choice of the caches, so that naming one would say nothing.
  @Test func optionsWithoutEffectAreNotExplored() throws {
    for option in ["evict=always", "fill=never", "jobs=early", "fault=sync_bound", "heap"] {
      for body in [
        { _ = try DeviceResolver().explored(["mock:panthor,\(option)"]) },
        { _ = try DeviceResolver().nodes(["other=mock:panthor,\(option)"]) },
      ] as [() throws -> Void] {
        let error = #expect(throws: DeviceError.self) { try body() }
        #expect(error?.exitCode == 2 && error?.description.contains("'\(option)'") == true)
      }
    }
    #expect(try DeviceResolver().explored(["mock:panthor,coherent,policy=private-wb"]).count == 1)
    for nodes in [["a=mock:all"], ["a=mock:panthor", "a=mock:panfrost"]] {
      let error = #expect(throws: DeviceError.self) { try DeviceResolver().nodes(nodes) }
      #expect(error?.description.contains("takes one device") == true)
    }
  }

  @Test func describesMocks() throws {
    let selection = try DeviceResolver()
      .resolve(DeviceSelector(parsing: "mock:panthor,coherent,minor=8,page=16k"))
    let description = try #require(selection.devices.first).description
    #expect(description.label == "mock:panthor,coherent,minor=8,page=16k")
    #expect(description.pageSize == 16384 && description.isCoherent == true)
    #expect(description.version == "1.8.0" && description.kernel == "mock 7.3")
  }

  private func resolver(
    _ profiles: [MockProfile], _ machine: Machine = Machine(MachineRecord())
  ) -> DeviceResolver {
    DeviceResolver(kernel: .substitute(MockKernel(profiles)), machine: machine)
  }

  private func expectError(
    _ exitCode: Int32, _ part: String, _ body: () throws -> Selection,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: DeviceError.self, sourceLocation: sourceLocation) { _ = try body() }
    #expect(error?.exitCode == exitCode, sourceLocation: sourceLocation)
    #expect(
      error?.description.contains(part) == true, "\(error?.description ?? "")",
      sourceLocation: sourceLocation)
    #expect(error?.description.contains("\n") == false, sourceLocation: sourceLocation)
  }
}

/// A kernel whose driver reports another version.
private final class NewerDriver: ForwardingKernel, @unchecked Sendable {
  // Sendable as its superclass.
  private let major: UInt32
  private let minor: UInt32

  init(_ base: Kernel, major: UInt32 = 1, minor: UInt32) {
    self.major = major
    self.minor = minor
    super.init(base)
  }

  override func ioctl(
    _ descriptor: CInt, _ request: UInt, _ argument: UnsafeMutableRawPointer?
  ) -> CInt {
    let answer = unsafe super.ioctl(descriptor, request, argument)
    // DRM_IOCTL_VERSION: major, minor, patch level.
    if request == 0xC040_6400 {
      unsafe argument?.storeBytes(of: major, as: UInt32.self)
      unsafe argument?.storeBytes(of: minor, toByteOffset: 4, as: UInt32.self)
    }
    return answer
  }
}
