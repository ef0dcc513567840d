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
    expectError(1, "no DRM node has the driver panfrost; there is /dev/dri/renderD128 (panthor)") {
      try resolver.resolve(.driver("panfrost"))
    }
    expectError(1, "no DRM node has the compatible x") { try resolver.resolve(.compatible("x")) }
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
    expectError(1, "the device tree has a Mali GPU (rockchip,rk3588-mali) but there is no node") {
      try resolver([], root: tree).resolve(.automatic)
    }
    let module = try FakeRoot(["/proc/modules": "panthor 1 0 - Live 0x0\n"])
    expectError(1, "the module panthor is loaded but there is no node") {
      try resolver([], root: module).resolve(.automatic)
    }
  }

  @Test func missingPermissionIsAnError() throws {
    let mock = MockKernel([MockProfile(.panthor)])
    let refusing = InterposedKernel(.substitute(mock)) { _ in .answer(-13) }
    let resolver = DeviceResolver(
      kernel: .substitute(refusing), system: SystemTree(root: try FakeRoot().path))
    expectError(1, "cannot open /dev/dri/renderD128: EACCES") {
      try resolver.resolve(.automatic)
    }
    expectError(1, "cannot open /dev/dri/renderD128: EACCES") {
      try resolver.resolve(.path("/dev/dri/renderD128"))
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

  private func resolver(_ profiles: [MockProfile], root: FakeRoot? = nil) -> DeviceResolver {
    DeviceResolver(
      kernel: .substitute(MockKernel(profiles)),
      system: SystemTree(root: root?.path ?? "/nowhere"))
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
