// SPDX-License-Identifier: MIT

import DRM
import DRMKernel
import MockDRM
import TestSupport
import Testing

@Suite struct PanfrostTests {
  @Test func rangePast32BitsIsRefusedBeforeTheCall() throws {
    let bench = Bench(MockProfile(.panfrost))
    let counting = InterposedKernel(bench.kernel) { _ in .pass }
    let node = try DRMNode(path: bench.path, kernel: .substitute(counting))
    let buffer = try node.createBuffer(size: 4096, mapping: .writeBack)
    let calls = counting.callCount
    // Cut to 32 bits, these would be valid ranges of the BO.
    for range in [1 << 32..<1 << 32 + 64, 0..<1 << 32] as [Range<UInt64>] {
      let error = #expect(throws: DRMError.self) { try buffer.sync(.flush, range) }
      #expect(error?.reason == .rangeTooLarge)
      var batch = SyncBatch()
      try batch.append(SyncOperation(.flush, range), on: buffer)
      let refused = #expect(throws: DRMError.self) { try node.sync(batch) }
      #expect(refused?.reason == .rangeTooLarge)
    }
    #expect(counting.callCount == calls)
    try buffer.sync(.flush, 3..<10)
    #expect(
      bench.mock.maintenance(atNode: bench.path) == [
        // All pages are mapped, and so cleaned, from the start.
        MaintenanceRecord(action: .clean, device: bench.path, buffer: 1, range: 0..<4096),
        MaintenanceRecord(action: .clean, device: bench.path, buffer: 1, range: 3..<10),
      ])
  }

  @Test func offersWhatPanthorDoesNot() throws {
    let node = try Bench(MockProfile(.panfrost)).open()
    let buffer = try node.createBuffer(size: 5000, options: [.noExecute])
    #expect(buffer.size == 8192)
    #expect(try buffer.gpuOffset() >= 32 << 20)
    #expect(try buffer.advise(.dontNeed))
    try buffer.wait(until: .now)
    let heap = try node.createBuffer(size: 1, mapping: .none, options: [.heap, .noExecute])
    #expect(heap.size == 2 << 20)
    let vm = #expect(throws: DRMError.self) { _ = try node.createVM() }
    #expect(vm?.reason == .notOffered(driver: .panfrost))

    let panthor = try Bench().open().createBuffer(size: 4096)
    let error = #expect(throws: DRMError.self) { _ = try panthor.gpuOffset() }
    #expect(error?.reason == .notOffered(driver: .panthor))
  }

  @Test(arguments: 0...6)
  func featuresFollowTheVersion(minor: Int) throws {
    let node = try Bench(MockProfile(.panfrost, minor: minor, isCoherent: true)).open()
    #expect(node.features.contains(.heapBuffers) == (minor >= 1))
    #expect(node.features.contains(.labels) == (minor >= 4))
    #expect(node.features.contains(.explicitSync) == (minor >= 6))
    #expect(node.coherency.isCoherent == (minor >= 6 ? true : nil))
  }
}
