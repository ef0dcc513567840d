// SPDX-License-Identifier: MIT

import DRM
import DRMKernel
import MockDRM
import Testing

/// Jobs of the client on the mock, and their encoding for GPUs.
@Suite struct JobTests {
  @Test func jobDescriptorsAreEncodedAsTheGPUReadsThem() {
    let job = JobDescriptor(
      .write(.immediate32(0x1234), at: 0x20_0040), index: 2, after: 1, next: 0x80)
    #expect(job.words == [0, 0, 0x1_0002_0005, 0x80, 0x20_0040, 6, 0x1234, 0])
    #expect(
      job.bytes.count == JobDescriptor.size && job.bytes[JobDescriptor.immediateOffset] == 0x34)
    #expect(JobDescriptor(.null).words == [0, 0, 0x1_0003, 0, 0, 0, 0, 0])
    #expect(JobDescriptor(.write(.immediate64(.max), at: 8)).words[5] == 7)
  }

  @Test func commandStreamsAreEncodedAsTheGPUReadsThem() {
    var stream = CommandStream()
    stream.move(0xabcd_0000_0040 as UInt64, to: .init(2))
    stream.move(7 as UInt32, to: .init(4))
    stream.load(2, to: .init(8), from: .init(2), offset: -8)
    stream.store(16, of: .init(8), to: .init(2))
    stream.wait()
    stream.branch(by: -1)
    #expect(
      stream.words == [
        0x0102_abcd_0000_0040, 0x0204_0000_0000_0007, 0x1408_0200_0003_fff8, 0x1508_0200_ffff_0000,
        0x0300_0000_00ff_0000, 0x1600_0000_6000_ffff,
      ])
    #expect(stream.size == 48)
    var waiting = CommandStream()
    waiting.waitUntilAtLeast(0x1_0000_0001, in: .init(2), at: .init(0))
    waiting.set(5, in: .init(2), at: .init(4))
    #expect(
      waiting.words == [
        0x0202_0000_0000_0000, 0x0203_0000_0000_0001, 0x3500_0002_1000_0000,
        0x0202_0000_0000_0005, 0x0203_0000_0000_0000, 0x3400_0402_0000_0000,
      ])
  }

  @Test(arguments: [true, false])
  func aChainWritesTheValuesOfItsDescriptors(_ mapsIntoProcess: Bool) throws {
    let bench = Bench(MockProfile(.panfrost), mapsIntoProcess: mapsIntoProcess)
    do {
      let node = try bench.open()
      let buffer = try node.createBuffer(size: 4096, options: .noExecute)
      var bytes = try buffer.map()
      let address = try buffer.gpuOffset()
      let first = JobDescriptor(.write(.immediate64(42), at: address + 1024), next: address + 64)
      let second = JobDescriptor(.write(.immediate8(7), at: address + 1033), index: 2, after: 1)
      for (index, word) in (first.words + second.words).enumerated() {
        try bytes.store(word, at: index * 8)
      }
      let done = try node.createSyncobj()
      try node.submit(
        chain: address, using: [buffer.handle, buffer.handle], signaling: done.handle)
      try done.wait(until: .after(.seconds(1)))
      #expect(try bytes.load(UInt64.self, at: 1024) == 42 && bytes.load(UInt8.self, at: 1033) == 7)
      #expect(try bytes.load(UInt32.self, at: 0) == JobDescriptor.done)
      try buffer.wait(until: .now)
      let refused = #expect(throws: DRMError.self) { try node.submit(chain: 0, using: []) }
      #expect(refused?.errno == .EINVAL)
    }
    #expect(bench.mock.usage == .none)
  }

  @Test(arguments: [true, false])
  func aStreamMovesWordsAndSignalsPointsInOrder(_ mapsIntoProcess: Bool) throws {
    let bench = Bench(mapsIntoProcess: mapsIntoProcess)
    do {
      let node = try bench.open()
      let vm = try node.createVM()
      let buffer = try node.createBuffer(size: 8192)
      try vm.map(0..<8192, of: buffer, at: 0x10_0000)
      var bytes = try buffer.map()
      try bytes.store(0xfeed as UInt32, at: 4096)
      var stream = CommandStream()
      stream.move(0x10_1000 as UInt64, to: .init(0))
      stream.load(1, to: .init(8), from: .init(0))
      stream.wait()
      stream.store(1, of: .init(8), to: .init(0), offset: 4)
      stream.wait()
      for (index, word) in stream.words.enumerated() { try bytes.store(word, at: index * 8) }
      let group = try node.createGroup(queues: 2, in: vm)
      let timeline = try node.createSyncobj()
      let addresses = 0x10_0000..<0x10_0000 + UInt64(stream.size)
      try group.submit(addresses, to: 0, signaling: [SyncPoint(timeline.handle, at: 1)])
      try group.submit(
        addresses, to: 1, after: [SyncPoint(timeline.handle, at: 1)],
        signaling: [SyncPoint(timeline.handle, at: 2)])
      try timeline.wait(for: 2, until: .after(.seconds(1)))
      #expect(try bytes.load(UInt32.self, at: 4100) == 0xfeed)
      #expect(try group.state().state.isEmpty)
      try bytes.store(UInt64.max, at: 0)
      let broken = try node.createSyncobj()
      try group.submit(addresses, to: 0, signaling: [SyncPoint(broken.handle)])
      try broken.wait(until: .after(.seconds(1)))
      let state = try group.state()
      #expect(state.state == .fatalFault && state.fatalQueues == 1)
    }
    #expect(bench.mock.usage == .none)
  }

  @Test(arguments: [true, false])
  func accessesOfABufferBringTheirSyncs(_ mapsIntoProcess: Bool) throws {
    let bench = Bench(mapsIntoProcess: mapsIntoProcess)
    let mock = bench.mock
    let node = try bench.open()
    let vm = try node.createVM()
    let buffer = try node.createBuffer(size: 4096, mapping: .writeBack)
    try vm.map(0..<4096, of: buffer, at: 0x10_0000)
    var bytes = try buffer.map()
    let before = mock.maintenance.count
    try buffer.withAccess(.write, 64..<128, through: &bytes) { part in
      part.storeBytes(of: 5, toByteOffset: 0, as: UInt8.self)
    }
    let read = try buffer.withAccess(.read, 64..<128, through: &bytes) { $0.byteCount }
    #expect(try read == 64 && bytes.load(UInt8.self, at: 64) == 5)
    let done = mock.maintenance.dropFirst(before)
    #expect(done.map(\.action) == [.clean, .clean, .invalidate])
    #expect(done.allSatisfy { $0.range == 64..<128 })
    let past = #expect(throws: DRMError.self) {
      try buffer.withAccess(.read, 0..<4097, through: &bytes) { _ in }
    }
    #expect(past?.errno == .EINVAL)
  }
}
