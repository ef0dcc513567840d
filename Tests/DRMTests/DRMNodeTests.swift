// SPDX-License-Identifier: MIT

import DRM
import DRMKernel
import MockDRM
import TestSupport
import Testing

/// A mock with one device, and the node to open.
struct Bench {
  let mock: MockKernel
  let kernel: Kernel
  let path = "/dev/dri/renderD128"

  /// Creates a mock; its mappings may be such that this process cannot access them.
  init(_ profile: MockProfile = MockProfile(.panthor), mapsIntoProcess: Bool = true) {
    mock = MockKernel([profile])
    kernel =
      mapsIntoProcess
      ? .substitute(mock) : .substitute(RemoteMappingKernel(.substitute(mock)))
  }

  func open() throws(DRMError) -> DRMNode { try DRMNode(path: path, kernel: kernel) }
}

@Suite struct DRMNodeTests {
  @Test func reportsItsIdentity() throws {
    let bench = Bench()
    let node = try bench.open()
    #expect("\(node.identity)" == "panthor 1.9.0 (Panthor DRM driver)")
    #expect(node.coherency == .reported(isCoherent: false))
    #expect(try node.value(of: .prime) == 3)
    #expect(try node.properties().contains { $0.name == "gpu_id" && $0.value == 0xa867_0005 })
  }

  @Test(arguments: 0...9)
  func featuresFollowTheVersion(minor: Int) throws {
    let bench = Bench(MockProfile(.panthor, minor: minor, isCoherent: true))
    let node = try bench.open()
    #expect(node.features.contains(.buffers))
    #expect(node.features.contains(.explicitSync) == (minor >= 7))
    #expect(node.features.contains(.writeBackMapping) == (minor >= 7))
    // The field is a zero pad before 1.7, and zero would mean coherent.
    #expect(node.coherency.isCoherent == (minor >= 7 ? true : nil))
  }

  @Test func tyrIsNotTakenForPanthor() {
    let bench = Bench(MockProfile(.tyr))
    let error = #expect(throws: DRMError.self) { _ = try bench.open() }
    #expect(error?.description.contains("ARM Mali Tyr DRM driver") == true)
    #expect(bench.mock.usage == .none)
  }

  @Test func refusesWhatIsMissingBeforeAnyCall() throws {
    let bench = Bench(MockProfile(.panthor, minor: 6))
    let counting = InterposedKernel(bench.kernel) { _ in .pass }
    let node = try DRMNode(path: bench.path, kernel: .substitute(counting))
    let buffer = try node.createBuffer(size: 4096)
    let calls = counting.callCount
    let error = #expect(throws: DRMError.self) { try buffer.sync(.flush, 0..<64) }
    #expect(error?.reason == .needs(driver: .panthor, since: DriverVersion(1, 7)))
    #expect(throws: DRMError.self) { _ = try buffer.info() }
    #expect(throws: DRMError.self) { _ = try node.createBuffer(size: 1, mapping: .writeBack) }
    #expect(counting.callCount == calls)
  }

  @Test func errorsAreOneLineThatHelps() {
    let none = #expect(throws: DRMError.self) { _ = try DRMNode(path: "/nowhere") }
    #expect(
      none?.description
        == "cannot open /nowhere: ENOENT (No such file or directory); see 'gemsync list' for the "
        + "nodes of this machine")
    let refusing = InterposedKernel(.host) { _ in .answer(-13) }
    let denied = #expect(throws: DRMError.self) {
      _ = try DRMNode(path: "/dev/dri/renderD128", kernel: .substitute(refusing))
    }
    #expect(denied?.description.contains("add the user to the group") == true)
    let null = #expect(throws: DRMError.self) { _ = try DRMNode(path: "/dev/null") }
    #expect(null?.reason == .notADRMNode)
  }

  @Test func successWithoutAHandleIsAnError() throws {
    let bench = Bench()
    let lying = InterposedKernel(bench.kernel) { index in index < 4 ? .pass : .answer(0) }
    let node = try DRMNode(path: bench.path, kernel: .substitute(lying))
    let error = #expect(throws: DRMError.self) { _ = try node.createBuffer(size: 4096) }
    #expect(error?.reason == .impossibleAnswer("returned handle 0"))
  }

  @Test func everyErrnoIsReportedNeverATrap() throws {
    let bench = Bench()
    for number in [1, 14, 9, 4, 200, 4095] {
      let failing = InterposedKernel(bench.kernel) { index in
        index < 4 ? .pass : .answer(-number)
      }
      let node = try DRMNode(path: bench.path, kernel: .substitute(failing))
      let error = #expect(throws: DRMError.self) { _ = try node.createBuffer(size: 4096) }
      #expect(error?.errno == Errno(rawValue: CInt(number)))
    }
  }
}
