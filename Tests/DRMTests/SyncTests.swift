// SPDX-License-Identifier: MIT

import CDRM
import DRMKernel
import MockDRM
import TestSupport
import Testing

@testable import DRM

@Suite struct SyncTests {
  @Test func entryIsLaidOutAsPanthorsElement() {
    typealias Entry = SyncBatch.Entry
    typealias Element = cdrm_panthor_bo_sync_op
    #expect(MemoryLayout<Entry>.size == MemoryLayout<Element>.size)
    #expect(MemoryLayout<Entry>.offset(of: \.type) == MemoryLayout<Element>.offset(of: \.type))
    #expect(MemoryLayout<Entry>.offset(of: \.offset) == MemoryLayout<Element>.offset(of: \.offset))
    #expect(MemoryLayout<Entry>.offset(of: \.size) == MemoryLayout<Element>.offset(of: \.size))
  }

  @Test func reachesTheDeviceWithItsExactRange() throws {
    let bench = Bench()
    let buffer = try touched(bench.open())
    try buffer.sync(.flush, 3..<10)
    try buffer.sync(.flushAndInvalidate, 64..<65)
    #expect(
      bench.mock.maintenance(atNode: bench.path) == [
        // The first sync of a BO maps it for the device, which cleans it.
        record(.clean, 0..<4096),
        record(.clean, 3..<10),
        record(.clean, 64..<65),
        record(.invalidate, 64..<65),
      ])
  }

  @Test func sixtyFourBytesAreOneLine() {
    let single = record(.clean, 0..<64)
    #expect(single.lines(ofSize: 64) == 0..<64)
    let straddling = record(.clean, 63..<65)
    #expect(straddling.lines(ofSize: 64) == 0..<128)
  }

  @Test func nothingIsDoneWhereNothingIsNeeded() throws {
    for (profile, mapping) in [
      (MockProfile(.panthor), CPUMapping.writeCombining),
      (MockProfile(.panthor, isCoherent: true), .writeBack),
    ] {
      let bench = Bench(profile)
      let buffer = try touched(bench.open(), mapping)
      try buffer.sync(.flushAndInvalidate, 0..<4096)
      #expect(bench.mock.maintenance(atNode: bench.path) == [])
    }
  }

  @Test func untouchedBufferHasNothingToMaintain() throws {
    let bench = Bench()
    let buffer = try bench.open().createBuffer(size: 4096, mapping: .writeBack)
    try buffer.sync(.flush, 0..<4096)
    #expect(bench.mock.maintenance(atNode: bench.path) == [])
  }

  @Test func batchIsOneCall() throws {
    let bench = Bench()
    let counting = InterposedKernel(bench.kernel) { _ in .pass }
    let node = try DRMNode(path: bench.path, kernel: .substitute(counting))
    let buffer = try touched(node, size: 4096 * 64)
    var batch = SyncBatch(capacity: 4096)
    for line in 0..<4096 as Range<UInt64> {
      try batch.append(SyncOperation(.flush, line * 64..<line * 64 + 64), on: buffer)
    }
    let before = counting.callCount
    try node.sync(batch)
    #expect(counting.callCount == before + 1)
    #expect(bench.mock.maintenance(atNode: bench.path)?.count == 4097)
    batch.removeAll()
    try node.sync(batch)
    #expect(counting.callCount == before + 1)
  }

  @Test func batchStopsAtTheFirstFailure() throws {
    let bench = Bench()
    let node = try bench.open()
    let buffer = try touched(node)
    var batch = SyncBatch()
    try batch.append(SyncOperation(.flush, 0..<64), on: buffer)
    try batch.append(SyncOperation(.flush, 4000..<5000), on: buffer)
    try batch.append(SyncOperation(.flush, 128..<192), on: buffer)
    let error = #expect(throws: DRMError.self) { try node.sync(batch) }
    #expect(error?.errno == .EINVAL)
    #expect(
      bench.mock.maintenance(atNode: bench.path) == [
        record(.clean, 0..<4096), record(.clean, 0..<64),
      ])
  }

  private func record(
    _ action: MaintenanceRecord.Action, _ range: Range<UInt64>
  ) -> MaintenanceRecord {
    MaintenanceRecord(action: action, device: "/dev/dri/renderD128", buffer: 1, range: range)
  }

  private func touched(
    _ node: borrowing DRMNode, _ mapping: CPUMapping = .writeBack, size: UInt64 = 4096
  ) throws -> BufferObject {
    let buffer = try node.createBuffer(size: size, mapping: mapping)
    var bytes = try buffer.map()
    try bytes.store(1 as UInt8, at: 0)
    return buffer
  }
}
