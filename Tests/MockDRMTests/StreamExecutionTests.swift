// SPDX-License-Identifier: MIT

import CDRM
import DRMKernel
import Testing

@testable import MockDRM

/// Tests of the execution of command streams by instruction.
@Suite struct StreamExecutionTests {
  private typealias Encoded = EncodedInstructions
  private let machine: StreamMachine
  private let group: UInt32

  init() throws {
    machine = try StreamMachine()
    group = machine.group(queues: 2)
  }

  @Test func movesAddsAndStores() {
    let stream = [
      Encoded.address(), Encoded.move(0xffff_1234_5678, to: 2), Encoded.add64(-1, to: 2),
      Encoded.store(2),
      Encoded.move32(0xffff_ffff, to: 4), Encoded.add32(2, to: 4), Encoded.move32(7, to: 5),
      Encoded.store(4, offset: 8),
    ]
    #expect(machine.run(group, stream) == 1)
    #expect(machine.load() == 0xffff_1234_5677)
    #expect(machine.load(StreamMachine.data + 8) == 7 << 32 | 1)
  }

  @Test func masksSelectWords() {
    machine.store(0x2222_2222_1111_1111, at: StreamMachine.data)
    machine.store(0x4444_4444_3333_3333, at: StreamMachine.data + 8)
    let stream = [
      Encoded.address(), Encoded.load(10, mask: 0b1001), Encoded.address(64, to: 20),
      Encoded.store(10, to: 20, mask: 0b1011),
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
        Encoded.address(), Encoded.move32(value, to: 4), Encoded.move(1, to: 2),
        Encoded.branch(1, condition, 4), Encoded.move(2, to: 2), Encoded.store(2),
      ]
      #expect(machine.run(group, stream) == 1)
      #expect(machine.load() == (isTaken ? 1 : 2))
    }
  }

  @Test func loopsCount() {
    let stream = [
      Encoded.move32(1000, to: 4), Encoded.move(0, to: 2), Encoded.add64(3, to: 2),
      Encoded.add32(-1, to: 4),
      Encoded.branch(-3, 1, 4), Encoded.address(), Encoded.store(2),
    ]
    #expect(machine.run(group, stream) == 1)
    #expect(machine.load() == 3000)
  }

  @Test func callsReturnAndJumpsDoNot() {
    machine.put([Encoded.add64(5, to: 2)], at: 0x1000)
    machine.put([Encoded.address(), Encoded.store(2)], at: 0x2000)
    let stream = [
      Encoded.move(1, to: 2), Encoded.move(StreamMachine.address + 0x1000, to: 10),
      Encoded.move32(8, to: 12),
      Encoded.call(10, length: 12), Encoded.call(10, length: 12),
      Encoded.move(StreamMachine.address + 0x2000, to: 10), Encoded.move32(16, to: 12),
      Encoded.jump(10, length: 12), Encoded.add64(100, to: 2), Encoded.store(2),
    ]
    #expect(machine.run(group, stream) == 1)
    #expect(machine.load() == 11)
  }

  @Test func callsAreLimitedInDepth() {
    // It calls itself.
    let stream = [
      Encoded.move(StreamMachine.address, to: 10), Encoded.move32(24, to: 12),
      Encoded.call(10, length: 12),
    ]
    #expect(machine.run(group, stream) == -22)
    #expect(machine.state(group) == [2, 1])
  }

  @Test func synchronizationsAddAndSet() {
    machine.store(10, at: StreamMachine.data)
    let stream = [
      Encoded.address(), Encoded.move(0x1_0000_0005, to: 2), Encoded.sync(51, 2),
      Encoded.address(8, to: 4),
      Encoded.sync(38, 2, at: 4), Encoded.sync(37, 2, at: 4), Encoded.address(16, to: 4),
      Encoded.sync(52, 2, at: 4),
    ]
    #expect(machine.run(group, stream) == 1)
    #expect(machine.load() == 0x1_0000_000f)
    #expect(machine.load(StreamMachine.data + 8) == 10)
    #expect(machine.load(StreamMachine.data + 16) == 0x1_0000_0005)
  }

  @Test func shaderInstructionsDoNothing() {
    let idle: [UInt64] = [
      0, 3 << 56 | 0xff << 16, 23 << 56 | 1, 34 << 56 | 1, 36 << 56 | 0x11, 47 << 56,
    ]
    #expect(machine.run(group, idle + Encoded.storing(5)) == 1)
    #expect(machine.load() == 5)
    machine.store(77, at: StreamMachine.data)
    #expect(machine.run(group, [Encoded.address(), 40 << 56]) == 1)
    #expect(machine.load() == 0)
  }

  @Test func registersOutliveJobsExceptScratchOnes() {
    machine.run(group, [Encoded.move(5, to: 20), Encoded.move(6, to: 92)])
    machine.run(group, Encoded.storing(9), queue: 1)
    #expect(
      machine.run(group, [Encoded.address(), Encoded.store(20), Encoded.store(94, offset: 8)]) == 1)
    #expect(machine.load() == 5)
    #expect(machine.load(StreamMachine.data + 8) == 24)
    // Another queue has its own registers.
    machine.run(group, [Encoded.address(), Encoded.store(20)], queue: 1)
    #expect(machine.load() == 0)
  }

  @Test(arguments: [
    [0xff << 56], [Encoded.move(1, to: 95)], [Encoded.move32(1, to: 96)], [4 << 56],
    [Encoded.load(90, mask: 0x8000)], [Encoded.sync(53, 2) | 2 << 28], [Encoded.branch(0, 7, 0)],
    [Encoded.branch(5, 6, 0)], [Encoded.branch(-2, 6, 0)],
    [Encoded.move(1 << 30, to: 0), Encoded.load(2)],
    [Encoded.move(1 << 30, to: 0), Encoded.store(2)],
    [Encoded.address(2), Encoded.store(2)], [Encoded.address(4), Encoded.sync(52, 2)],
    [Encoded.move(StreamMachine.readOnly, to: 0), Encoded.store(2)],
    [
      Encoded.move(StreamMachine.address + 4, to: 0), Encoded.move32(8, to: 2),
      Encoded.jump(0, length: 2),
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
      Encoded.move(StreamMachine.readOnly + UInt64(StreamMachine.data), to: 0), Encoded.load(4),
      Encoded.address(8), Encoded.store(4), Encoded.move(1 << 28, to: 0), Encoded.store(4),
      Encoded.load(4),
      Encoded.address(16), Encoded.store(4),
    ]
    machine.store(9, at: StreamMachine.data + 16)
    #expect(machine.run(group, stream) == 1)
    #expect(machine.load(StreamMachine.data + 8) == 42)
    #expect(machine.load(StreamMachine.data + 16) == 0)
  }

  @Test func mappingsKeepTheirOffset() {
    _ = machine.bind(0, at: 1 << 28, offset: 0x8000, size: 0x2000)
    // The two parts of a mapping that is split keep their offsets.
    _ = machine.bind(1 << 28, at: 1 << 28, size: 0x1000)
    let stream = [Encoded.move(1 << 28 + 0x1000, to: 0), Encoded.move(3, to: 2), Encoded.store(2)]
    #expect(machine.run(group, stream) == 1)
    #expect(machine.load(0x9000) == 3)
    #expect(machine.run(group, [Encoded.move(1 << 28, to: 0), Encoded.store(2)]) == -22)
  }
}
