// SPDX-License-Identifier: MIT

import CBench
import DRM
import DRMKernel
import MockDRM

/// One measured operation, and the same in C.
struct Scenario {
  let name: String
  /// The number of repetitions in a round.
  let count: UInt64
  /// Runs before each round of either side, and is not measured.
  var prepare: () throws -> Void = {}
  let swift: (UInt64) throws -> Void
  let baseline: (UInt64) -> Void

  /// One sync of 64 bytes through the public API, against C building the struct and calling drmIoctl.
  static func singleSync() throws -> Scenario {
    cbench_answer_as(0)
    let path = "/dev/null"
    let owner = try Owner(path)
    return Scenario(name: "sync.single", count: 100_000) { count in
      for _ in 0..<count { try owner.buffer.sync(.flush, 0..<64) }
    } baseline: { count in
      cbench_sync_loop(owner.node.descriptor, 1, count)
    }
  }

  /// The marshalling of a batch of 4096, against a copy of as many bytes.
  static func batch(_ name: String, driver: CInt, bytesEach: Int) throws -> Scenario {
    cbench_answer_as(driver)
    let owner = try Owner("/dev/null")
    var batch = SyncBatch(capacity: 4096)
    for line in 0..<4096 as Range<UInt64> {
      try batch.append(SyncOperation(.flush, line * 64..<line * 64 + 64), on: owner.buffer)
    }
    let filled = batch
    let size = 4096 * bytesEach
    let from = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
    let to = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
    return Scenario(name: name, count: 200) { count in
      for _ in 0..<count { try owner.node.sync(filled) }
    } baseline: { count in
      // Both sides issue the ioctl, so that the difference is marshalling against copying.
      cbench_ioctl_loop(owner.node.descriptor, count)
      unsafe cbench_copy_loop(to, from, size, count)
    }
  }

  /// The fill of a batch with 4096 operations, against a copy of as many bytes.
  static func fill() throws -> Scenario {
    cbench_answer_as(0)
    let owner = try Owner("/dev/null")
    let size = 4096 * 24
    let from = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
    let to = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
    return Scenario(name: "sync.batch_fill_4096", count: 200) { count in
      var batch = SyncBatch(capacity: 4096)
      for _ in 0..<count {
        batch.removeAll()
        for line in 0..<4096 as Range<UInt64> {
          try batch.append(
            SyncOperation(.flush, line * 64..<line * 64 + 64), on: owner.buffer)
        }
      }
    } baseline: { count in
      unsafe cbench_copy_loop(to, from, size, count)
    }
  }

  /// A flush of 64 MiB of dirty lines on the mock, against a copy of as many bytes.
  static func largeFlush() throws -> Scenario {
    let mock = MockKernel([MockProfile(.panthor)])
    let size = 64 << 20
    let owner = try Owner("/dev/dri/renderD128", kernel: .substitute(mock), size: UInt64(size))
    let lines = MappedLines(try owner.buffer.map())
    let from = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 4096)
    let to = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 4096)
    unsafe from.initializeMemory(as: UInt8.self, repeating: 1, count: size)
    unsafe to.initializeMemory(as: UInt8.self, repeating: 2, count: size)
    return Scenario(name: "mock.flush_dirty_64m", count: 1, prepare: lines.change) { count in
      for _ in 0..<count { try owner.buffer.sync(.flush, 0..<UInt64(size)) }
    } baseline: { count in
      unsafe cbench_copy_loop(to, from, size, count)
    }
  }

  /// A flush of 64 bytes in a BO of 64 MiB on the mock, against the same in one of 4 KiB.
  static func smallFlush() throws -> Scenario {
    let mock = MockKernel([MockProfile(.panthor)])
    let path = "/dev/dri/renderD128"
    let large = try Owner(path, kernel: .substitute(mock), size: 64 << 20)
    let small = try Owner(path, kernel: .substitute(mock), size: 4096)
    for owner in [large, small] { try MappedLines(owner.buffer.map()).change() }
    return Scenario(name: "mock.flush_64", count: 5000) { count in
      for _ in 0..<count { try large.buffer.sync(.flush, 0..<64) }
    } baseline: { count in
      for _ in 0..<count { try? small.buffer.sync(.flush, 0..<64) }
    }
  }

  /// Create, map, unmap and close on the mock, against the same calls on a host file.
  static func bufferCycle() throws -> Scenario {
    let mock = MockKernel([MockProfile(.panthor)])
    let owner = try Owner("/dev/dri/renderD128", kernel: .substitute(mock))
    return Scenario(name: "mock.bo_cycle", count: 500) { count in
      for _ in 0..<count {
        let buffer = try owner.node.createBuffer(size: 65536)
        try buffer.map().unmap()
        try buffer.close()
      }
    } baseline: { count in
      cbench_file_cycle_loop(65536, count)
    }
  }
}

/// A mapping, of which every line can be changed.
private final class MappedLines {
  private var mapping: BufferMapping
  private var value: UInt8 = 0

  init(_ mapping: consuming BufferMapping) {
    self.mapping = mapping
  }

  func change() throws {
    value &+= 1
    let (length, value) = (mapping.length, value)
    try mapping.withMutableBytes(in: 0..<UInt64(length)) { bytes in
      for line in stride(from: 0, to: length, by: 64) {
        bytes.storeBytes(of: value, toByteOffset: line, as: UInt8.self)
      }
    }
  }
}

/// Owns a node and a BO of it, for closures.
private final class Owner {
  let node: DRMNode
  let buffer: BufferObject

  init(_ path: String, kernel: Kernel = .host, size: UInt64 = 1 << 20) throws {
    node = try DRMNode(path: path, kernel: kernel)
    buffer = try node.createBuffer(size: size, mapping: .writeBack)
  }
}
