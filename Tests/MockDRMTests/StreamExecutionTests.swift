// SPDX-License-Identifier: MIT

import CDRM
import DRMKernel
import Testing

@testable import MockDRM

/// What command streams do, an instruction at a time.
@Suite struct StreamExecutionTests {
  private typealias Words = StreamWords
  private let machine: StreamMachine
  private let group: UInt32

  init() throws {
    machine = try StreamMachine()
    group = machine.group(queues: 2)
  }

  @Test func movesAddsAndStores() {
    let stream = [
      Words.address(), Words.move(0xffff_1234_5678, to: 2), Words.add64(-1, to: 2), Words.store(2),
      Words.move32(0xffff_ffff, to: 4), Words.add32(2, to: 4), Words.move32(7, to: 5),
      Words.store(4, offset: 8),
    ]
    #expect(machine.run(group, stream) == 1)
    #expect(machine.load() == 0xffff_1234_5677)
    #expect(machine.load(StreamMachine.data + 8) == 7 << 32 | 1)
  }

  @Test func masksSelectWords() {
    machine.store(0x2222_2222_1111_1111, at: StreamMachine.data)
    machine.store(0x4444_4444_3333_3333, at: StreamMachine.data + 8)
    let stream = [
      Words.address(), Words.load(10, mask: 0b1001), Words.address(64, to: 20),
      Words.store(10, to: 20, mask: 0b1011),
    ]
    #expect(machine.run(group, stream) == 1)
    #expect(machine.load(StreamMachine.data + 64) == 0x1111_1111)
    #expect(machine.load(StreamMachine.data + 72) == 0x4444_4444 << 32)
  }

  @Test(
    arguments: [
      (0, [true, true, false]), (1, [false, false, true]), (2, [false, true, false]),
      (3, [true, false, true]), (4, [true, false, false]), (5, [false, true, true]),
      (6, [true, true, true]),
    ] as [(UInt64, [Bool])])
  func branchesByAComparisonWithZero(_ condition: UInt64, _ taken: [Bool]) {
    for (value, isTaken) in zip([0xffff_ffff, 0, 1] as [UInt64], taken) {
      let stream = [
        Words.address(), Words.move32(value, to: 4), Words.move(1, to: 2),
        Words.branch(1, condition, 4), Words.move(2, to: 2), Words.store(2),
      ]
      #expect(machine.run(group, stream) == 1)
      #expect(machine.load() == (isTaken ? 1 : 2))
    }
  }

  @Test func loopsCount() {
    let stream = [
      Words.move32(1000, to: 4), Words.move(0, to: 2), Words.add64(3, to: 2),
      Words.add32(-1, to: 4),
      Words.branch(-3, 1, 4), Words.address(), Words.store(2),
    ]
    #expect(machine.run(group, stream) == 1)
    #expect(machine.load() == 3000)
  }

  @Test func callsReturnAndJumpsDoNot() {
    machine.put([Words.add64(5, to: 2)], at: 0x1000)
    machine.put([Words.address(), Words.store(2)], at: 0x2000)
    let stream = [
      Words.move(1, to: 2), Words.move(StreamMachine.address + 0x1000, to: 10),
      Words.move32(8, to: 12),
      Words.call(10, length: 12), Words.call(10, length: 12),
      Words.move(StreamMachine.address + 0x2000, to: 10), Words.move32(16, to: 12),
      Words.jump(10, length: 12), Words.add64(100, to: 2), Words.store(2),
    ]
    #expect(machine.run(group, stream) == 1)
    #expect(machine.load() == 11)
  }

  @Test func callsHaveADepth() {
    // It calls itself.
    let stream = [
      Words.move(StreamMachine.address, to: 10), Words.move32(24, to: 12),
      Words.call(10, length: 12),
    ]
    #expect(machine.run(group, stream) == -22)
    #expect(machine.state(group) == [2, 1])
  }

  @Test func synchronizationsAddAndSet() {
    machine.store(10, at: StreamMachine.data)
    let stream = [
      Words.address(), Words.move(0x1_0000_0005, to: 2), Words.sync(51, 2), Words.address(8, to: 4),
      Words.sync(38, 2, at: 4), Words.sync(37, 2, at: 4), Words.address(16, to: 4),
      Words.sync(52, 2, at: 4),
    ]
    #expect(machine.run(group, stream) == 1)
    #expect(machine.load() == 0x1_0000_000f)
    #expect(machine.load(StreamMachine.data + 8) == 10)
    #expect(machine.load(StreamMachine.data + 16) == 0x1_0000_0005)
  }

  @Test func whatConcernsShadersDoesNothing() {
    let idle: [UInt64] = [
      0, 3 << 56 | 0xff << 16, 23 << 56 | 1, 34 << 56 | 1, 36 << 56 | 0x11, 47 << 56,
    ]
    #expect(machine.run(group, idle + Words.storing(5)) == 1)
    #expect(machine.load() == 5)
    machine.store(77, at: StreamMachine.data)
    #expect(machine.run(group, [Words.address(), 40 << 56]) == 1)
    #expect(machine.load() == 0)
  }

  @Test func registersOutliveJobsButTheScratchOnesDoNot() {
    machine.run(group, [Words.move(5, to: 20), Words.move(6, to: 92)])
    machine.run(group, Words.storing(9), queue: 1)
    #expect(
      machine.run(group, [Words.address(), Words.store(20), Words.store(94, offset: 8)]) == 1)
    #expect(machine.load() == 5)
    #expect(machine.load(StreamMachine.data + 8) == 24)
    // Those of another queue are its own.
    machine.run(group, [Words.address(), Words.store(20)], queue: 1)
    #expect(machine.load() == 0)
  }

  @Test(arguments: [
    [0xff << 56], [Words.move(1, to: 95)], [Words.move32(1, to: 96)], [4 << 56],
    [Words.load(90, mask: 0x8000)], [Words.sync(53, 2) | 2 << 28], [Words.branch(0, 7, 0)],
    [Words.branch(5, 6, 0)], [Words.branch(-2, 6, 0)],
    [Words.move(1 << 30, to: 0), Words.load(2)], [Words.move(1 << 30, to: 0), Words.store(2)],
    [Words.address(2), Words.store(2)], [Words.address(4), Words.sync(52, 2)],
    [Words.move(StreamMachine.readOnly, to: 0), Words.store(2)],
    [
      Words.move(StreamMachine.address + 4, to: 0), Words.move32(8, to: 2),
      Words.jump(0, length: 2),
    ],
  ])
  func faultsEndTheGroup(_ stream: [UInt64]) {
    #expect(machine.run(group, stream, queue: 1) == -22)
    #expect(machine.state(group) == [2, 2])
    #expect(machine.submit(group, count: 0) == -22)
  }

  @Test func readOnlyAndSparseMappingsAreRead() {
    machine.store(42, at: StreamMachine.data)
    _ = machine.bind(10, at: 1 << 28)
    let stream = [
      Words.move(StreamMachine.readOnly + UInt64(StreamMachine.data), to: 0), Words.load(4),
      Words.address(8), Words.store(4), Words.move(1 << 28, to: 0), Words.store(4), Words.load(4),
      Words.address(16), Words.store(4),
    ]
    machine.store(9, at: StreamMachine.data + 16)
    #expect(machine.run(group, stream) == 1)
    #expect(machine.load(StreamMachine.data + 8) == 42)
    #expect(machine.load(StreamMachine.data + 16) == 0)
  }

  @Test func mappingsKeepTheirOffset() {
    _ = machine.bind(0, at: 1 << 28, offset: 0x8000, size: 0x2000)
    // What is left of a mapping that is cut in two shows what it showed.
    _ = machine.bind(1 << 28, at: 1 << 28, size: 0x1000)
    let stream = [Words.move(1 << 28 + 0x1000, to: 0), Words.move(3, to: 2), Words.store(2)]
    #expect(machine.run(group, stream) == 1)
    #expect(machine.load(0x9000) == 3)
    #expect(machine.run(group, [Words.move(1 << 28, to: 0), Words.store(2)]) == -22)
  }
}
