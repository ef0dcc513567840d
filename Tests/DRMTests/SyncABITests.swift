// SPDX-License-Identifier: MIT

import DRMDrivers
@_spi(ProposedSync) import DRM
import DRMKernel
import MockDRM
import Testing

/// How syncs are encoded for a merged kernel and for one that was built from the series.
@Suite struct SyncABITests {
  static let drivers = [MockProfile.Driver.panthor, .panfrost]

  @Test(arguments: drivers)
  func mergedKindsAreTypes(_ driver: MockProfile.Driver) throws {
    let bench = try ABIBench(driver, .merged)
    try bench.buffer.sync(.flush, 3..<10)
    try bench.buffer.sync(.flushAndInvalidate, 64..<4096)
    #expect(
      bench.recorder.take() == [
        [.init(handle: 1, type: 0, offset: 3, size: 7)],
        [.init(handle: 1, type: 1, offset: 64, size: 4032)],
      ])
  }

  @Test(arguments: drivers)
  func proposedFormIsTranslatedForAMergedDriver(_ driver: MockProfile.Driver) throws {
    let bench = try ABIBench(driver, .merged)
    #expect(try bench.proposed() == [[0], [0], [0], [1], [1]])
    // No call is made, so only the client can refuse the range.
    let error = #expect(throws: DRMError.self) {
      try bench.buffer.sync(for: .cpu, .write, 0..<4097)
    }
    #expect(error?.errno == .EINVAL)
  }

  @Test(arguments: drivers)
  func proposedFormIsFlagsInTheSeries(_ driver: MockProfile.Driver) throws {
    let bench = try ABIBench(driver, .seriesV4)
    #expect(try bench.proposed() == [[3], [5], [7], [2], [4], [6]])
  }

  @Test(arguments: drivers)
  func kindsAreEncodedAsFlagsInTheSeries(_ driver: MockProfile.Driver) throws {
    let bench = try ABIBench(driver, .seriesV4)
    try bench.buffer.sync(.flush, 3..<10)
    try bench.buffer.sync(.flushAndInvalidate, 64..<65)
    try bench.buffer.syncByDriver(.flush, 0..<4096)
    #expect(
      bench.recorder.take() == [
        [.init(handle: 1, type: 3, offset: 3, size: 7)],
        [
          .init(handle: 1, type: 7, offset: 64, size: 1),
          .init(handle: 1, type: 2, offset: 64, size: 1),
        ],
        [.init(handle: 1, type: 3, offset: 0, size: 4096)],
      ])
  }

  @Test(arguments: drivers, SyncABI.allCases)
  func batchesAreEncodedForTheABI(_ driver: MockProfile.Driver, _ abi: SyncABI) throws {
    let bench = try ABIBench(driver, abi)
    var batch = SyncBatch()
    try batch.append(SyncOperation(.flush, 0..<64), on: bench.buffer)
    try batch.append(SyncOperation(.flushAndInvalidate, 64..<128), on: bench.buffer)
    try batch.append(for: .cpu, .write, 128..<192, on: bench.buffer)
    try batch.append(for: .device, .readWrite, 192..<256, on: bench.buffer)
    try bench.node.sync(batch)
    let calls = bench.recorder.take()
    let types: [UInt32] = abi == .merged ? [0, 1, 0] : [3, 7, 2, 4, 7]
    #expect(calls.map { $0.map(\.type) } == [types])
    #expect(calls[0].last?.offset == 192 && calls[0].last?.size == 64)
  }

  @Test func aBatchOfTheOtherABIIsRefused() throws {
    let merged = try ABIBench(.panthor, .merged)
    let series = try ABIBench(.panthor, .seriesV4)
    var batch = SyncBatch()
    try batch.append(SyncOperation(.flush, 0..<64), on: merged.buffer)
    let mixed = #expect(throws: DRMError.self) {
      try batch.append(SyncOperation(.flush, 0..<64), on: series.buffer)
    }
    #expect(mixed?.reason == .otherSyncABI && batch.count == 1)
    let misplaced = #expect(throws: DRMError.self) { try series.node.sync(batch) }
    #expect(misplaced?.reason == .otherSyncABI)
    #expect(series.recorder.take() == [])
    batch.removeAll()
    try batch.append(SyncOperation(.flush, 0..<64), on: series.buffer)
    try series.node.sync(batch)
    #expect(series.recorder.take().map { $0.map(\.type) } == [[3]])
  }

  @Test(arguments: [
    (MockProfile.Driver.panthor, 5, SyncABI.seriesV4, false), (.panthor, 6, .seriesV4, true),
    (.panthor, 6, .merged, false), (.panfrost, 4, .seriesV4, false),
    (.panfrost, 5, .seriesV4, true), (.panfrost, 5, .merged, false),
  ])
  func cachedMapsCameEarlierInTheSeries(
    _ driver: MockProfile.Driver, _ minor: Int, _ abi: SyncABI, _ isThere: Bool
  ) throws {
    let bench = try ABIBench(driver, abi, minor: minor)
    for feature in [Features.explicitSync, .writeBackMapping, .bufferQuery, .reportsCoherency] {
      #expect(bench.node.features.contains(feature) == isThere)
    }
    #expect(bench.node.abi == abi)
    guard !isThere else { return }
    let error = #expect(throws: DRMError.self) { try bench.buffer.sync(.flush, 0..<64) }
    let since: [SyncABI: [MockProfile.Driver: Int]] = [
      .seriesV4: [.panthor: 6, .panfrost: 5], .merged: [.panthor: 7, .panfrost: 6],
    ]
    let minor = try #require(since[abi]?[driver])
    #expect(
      error?.reason
        == .needs(
          driver: try #require(DRMDriver(rawValue: driver.rawValue)), since: DriverVersion(1, minor)
        ))
    #expect(bench.recorder.take() == [])
  }

  @Test func importsAreSyncedThroughTheirDMABufInEitherForm() throws {
    let mock = MockKernel([MockProfile(.panthor), MockProfile(.panfrost)])
    let recorder = SyncRecorder(.substitute(mock))
    let kernel = Kernel.substitute(recorder)
    let source = try DRMNode(path: "/dev/dri/renderD128", kernel: kernel)
    let node = try DRMNode(path: "/dev/dri/renderD129", kernel: kernel)
    let buffer = try source.createBuffer(size: 4096, mapping: .writeBack)
    let imported = try node.importBuffer(from: buffer.export())
    try imported.sync(for: .device, .read, 0..<64)
    try imported.sync(for: .cpu, .write, 0..<64)
    try imported.sync(for: .cpu, .read, 0..<64)
    #expect(recorder.take() == [])
    // The driver's own call is issued only on request.
    try imported.syncByDriver(.flush, 0..<64)
    try imported.syncByDriver(for: .device, .write, 0..<64)
    #expect(recorder.take().count == 2)
  }
}

/// A node with one BO of a page, whose syncs are recorded.
private struct ABIBench: ~Copyable {
  let recorder: SyncRecorder
  let node: DRMNode
  let buffer: BufferObject

  init(_ driver: MockProfile.Driver, _ abi: SyncABI, minor: Int? = nil) throws {
    let recorder = SyncRecorder(.substitute(MockKernel([MockProfile(driver, minor: minor)])))
    let node = try DRMNode(
      path: "/dev/dri/renderD128", kernel: .substitute(recorder), abi: abi)
    buffer = try node.createBuffer(size: 4096)
    self.recorder = recorder
    self.node = node
  }

  /// The types or flags of the operations for the six accesses.
  func proposed() throws -> [[UInt32]] {
    for accessor in [SyncAccessor.device, .cpu] {
      for access in SyncAccess.allCases { try buffer.sync(for: accessor, access, 0..<64) }
    }
    return recorder.take().map { $0.map(\.type) }
  }
}
