// SPDX-License-Identifier: MIT

import DRM
import DRMKernel
import MockDRM
import TestSupport
import Testing

/// Mapped bytes in their scopes, on mappings in this process and elsewhere.
@Suite struct MappingTests {
  @Test(arguments: [true, false])
  func mappingOutlivesHandleAndNode(_ mapsIntoProcess: Bool) throws {
    let bench = Bench(mapsIntoProcess: mapsIntoProcess)
    func mapping() throws -> BufferMapping {
      let node = try bench.open()
      return try node.createBuffer(size: 4096).map()
    }
    do {
      var mapping = try mapping()
      #expect(bench.mock.usage.handles == 0 && bench.mock.usage.mappings == 1)
      try mapping.store(0x77 as UInt8, at: 4095)
      #expect(try mapping.load(UInt8.self, at: 4095) == 0x77)
    }
    #expect(bench.mock.usage == .none)
  }

  @Test(arguments: [true, false])
  func scopesReachTheirRange(_ mapsIntoProcess: Bool) throws {
    let bench = Bench(mapsIntoProcess: mapsIntoProcess)
    let buffer = try bench.open().createBuffer(size: 4096)
    var mapping = try buffer.map()
    try mapping.withMutableBytes(in: 8..<24) { bytes in
      #expect(bytes.byteCount == 16)
      for index in bytes.byteOffsets {
        bytes.storeBytes(of: 7, toByteOffset: index, as: UInt8.self)
      }
    }
    try mapping.store([1, 2, 3], at: 4093)
    let all = try mapping.withBytes(in: 0..<4096) { bytes in
      bytes.withUnsafeBytes { Array($0) }
    }
    #expect(all.prefix(8).allSatisfy { $0 == 0 } && all[8..<24].allSatisfy { $0 == 7 })
    #expect(all[24..<4093].allSatisfy { $0 == 0 } && all.suffix(3) == [1, 2, 3])
    #expect(try buffer.map(.read).load(UInt64.self, at: 13) == 0x0707_0707_0707_0707)
    try mapping.touchPages(of: 100..<4000)
    try mapping.unmap()
  }

  @Test(arguments: [true, false])
  func rangesPastTheMappingAreRefused(_ mapsIntoProcess: Bool) throws {
    let bench = Bench(mapsIntoProcess: mapsIntoProcess)
    var mapping = try bench.open().createBuffer(size: 4096).map()
    func expectRefusal(_ body: (inout BufferMapping) throws(DRMError) -> Void) {
      let error = #expect(throws: DRMError.self) { try body(&mapping) }
      #expect(error?.reason == .outOfRange && error?.errno == nil)
    }
    expectRefusal { mapping throws(DRMError) in _ = try mapping.load(UInt64.self, at: 4089) }
    expectRefusal { mapping throws(DRMError) in _ = try mapping.load(UInt8.self, at: -1) }
    expectRefusal { mapping throws(DRMError) in try mapping.store(1 as UInt16, at: 4095) }
    expectRefusal { mapping throws(DRMError) in try mapping.store([1, 2], at: 4095) }
    expectRefusal { mapping throws(DRMError) in try mapping.store([1], at: .max) }
    expectRefusal { mapping throws(DRMError) in try mapping.withBytes(in: 0..<4097) { _ in } }
    expectRefusal { mapping throws(DRMError) in
      try mapping.withMutableBytes(in: 5000..<5000) { _ in }
    }
    expectRefusal { mapping throws(DRMError) in try mapping.touchPages(of: 0..<4097) }
  }

  /// A copy moves the bytes of its range, in the directions that are needed.
  @Test func copiesAreExact() throws {
    let bench = Bench()
    let remote = RemoteMappingKernel(bench.kernel)
    let node = try DRMNode(path: bench.path, kernel: .substitute(remote))
    let buffer = try node.createBuffer(size: 8192, mapping: .writeBack)
    var mapping = try buffer.map()
    var before = remote.transferred
    func moved() -> [Int] {
      defer { before = remote.transferred }
      let now = remote.transferred
      return [now.fetched - before.fetched, now.stored - before.stored]
    }
    try mapping.store(1 as UInt32, at: 0)
    #expect(moved() == [0, 4])
    _ = try mapping.load(UInt16.self, at: 6)
    #expect(moved() == [2, 0])
    try mapping.withBytes(in: 10..<110) { _ in }
    #expect(moved() == [100, 0])
    try mapping.withMutableBytes(in: 10..<110) { _ in }
    #expect(moved() == [100, 100])
    try mapping.store([1, 2, 3], at: 0)
    #expect(moved() == [0, 3])
    try buffer.withAccess(.read, 64..<128, through: &mapping) { _ in }
    #expect(moved() == [64, 0])
    try buffer.withAccess(.write, 64..<128, through: &mapping) { _ in }
    #expect(moved() == [64, 64])
  }

  @Test func failedCopiesAreReported() throws {
    let bench = Bench()
    let lost = RemoteMappingKernel(bench.kernel, failingWith: .EIO)
    let node = try DRMNode(path: bench.path, kernel: .substitute(lost))
    var mapping = try node.createBuffer(size: 4096).map()
    let read = #expect(throws: DRMError.self) { _ = try mapping.load(UInt8.self, at: 0) }
    #expect(read?.errno == .EIO && read?.operation == .readBytes)
    let written = #expect(throws: DRMError.self) { try mapping.store(1 as UInt8, at: 0) }
    #expect(written?.errno == .EIO && written?.operation == .writeBytes)
    let scoped = #expect(throws: DRMError.self) {
      try mapping.withMutableBytes(in: 0..<1) { _ in Issue.record("nothing was fetched") }
    }
    #expect(scoped?.errno == .EIO)
  }
}
