// SPDX-License-Identifier: MIT

import SoCLayout
import SoCModel
import Testing

extension StreamTests {
  // MARK: Control flow

  @Test func callReturnsAfterTheBuffer() {
    place([move32(4, 1), instruction(SOC_CS_ADD_IMM32, to: 4, from: 4, 1)], at: physicalBuffer)
    var stream = soc_stream()
    let result = execute(
      [
        move48(0, Self.buffer), move32(2, 16), instruction(SOC_CS_CALL, from: 0, second: 2),
        move32(6, 7),
      ], &stream)
    #expect(result.end == SOC_STREAM_EMPTY)
    #expect(register(stream, 4) == 2)
    #expect(register(stream, 6) == 7)
    #expect(stream.depth == 0)
    #expect(stream.extracted == 32)
  }

  @Test func bufferThatIsNotCleanedExecutesItsOldBytes() {
    place([move32(4, 1)], at: physicalBuffer)
    tables.machine.store(move32(4, 2), at: physicalBuffer)
    var stream = soc_stream()
    _ = execute(
      [move48(0, Self.buffer), move32(2, 8), instruction(SOC_CS_CALL, from: 0, second: 2)], &stream)
    #expect(register(stream, 4) == 1)
  }

  @Test func callStackOverflows() {
    let call = instruction(SOC_CS_CALL, from: 0, second: 2)
    place([call], at: physicalBuffer)
    var stream = soc_stream()
    let result = execute([move48(0, Self.buffer), move32(2, 8), call], &stream)
    #expect(result.end == SOC_STREAM_FAULTED)
    #expect(result.exception == SOC_CS_CALL_STACK_OVERFLOW)
    #expect(stream.depth == UInt32(SOC_STREAM_CALLS))
  }

  @Test func jumpReplacesTheBuffer() {
    // The buffer jumps to its third instruction, so that the second does not execute.
    place(
      [
        instruction(SOC_CS_JUMP, from: 8, second: 2), move32(4, 1), move32(6, 1),
      ], at: physicalBuffer)
    var stream = soc_stream()
    let result = execute(
      [
        move48(0, Self.buffer), move32(1, 0), move48(8, Self.buffer + 16), move32(2, 8),
        instruction(SOC_CS_CALL, from: 0, second: 2),
      ], &stream)
    #expect(result.end == SOC_STREAM_EMPTY)
    #expect(register(stream, 4) == 0)
    #expect(register(stream, 6) == 1)
  }

  @Test func sizeOfACallIsAMultipleOfAnInstruction() {
    let result = execute([
      move48(0, Self.buffer), move32(2, 12), instruction(SOC_CS_CALL, from: 0, second: 2),
    ])
    #expect(result.exception == SOC_CS_INVALID_INSTRUCTION)
  }

  /// Conditions 0 to 6: at most, greater than, equal to, not equal to, less than, at least 0; always.
  @Test(
    arguments: [
      (0, [-1, 0]), (1, [1]), (2, [0]), (3, [-1, 1]), (4, [-1]), (5, [0, 1]), (6, [-1, 0, 1]),
    ] as [(UInt64, [Int32])])
  func branchComparesWithZero(_ condition: UInt64, _ taken: [Int32]) {
    for value: Int32 in -1...1 {
      var stream = soc_stream()
      let result = execute(
        [
          move32(0, UInt64(UInt32(bitPattern: value))),
          instruction(SOC_CS_BRANCH, from: 0, condition << 28 | 1), move32(2, 1), move32(4, 1),
        ], &stream)
      #expect(result.end == SOC_STREAM_EMPTY)
      #expect(register(stream, 2) == (taken.contains(value) ? 0 : 1))
      #expect(register(stream, 4) == 1)
    }
  }

  @Test func backwardBranchLoopsInSlices() {
    let loop = [
      move32(0, 3), instruction(SOC_CS_ADD_IMM32, to: 0, from: 0, 0xffff_ffff),
      // While the register is greater than 0: back by 2 instructions from the next.
      instruction(SOC_CS_BRANCH, from: 0, 1 << 28 | 0xfffe),
    ]
    var stream = soc_stream()
    #expect(execute(loop, &stream, most: 4).end == SOC_STREAM_RUNNING)
    #expect(execute(loop, &stream, most: 100).end == SOC_STREAM_EMPTY)
    #expect(register(stream, 0) == 0)
    #expect(tables.machine.counters.jobs == 7)
  }

  @Test func ringWrapsAround() {
    let size = UInt64(SOC_PAGE_SIZE)
    tables.machine.store(move32(4, 1), at: physicalRing + size - 8)
    place([move32(6, 2)], at: physicalRing)
    var stream = soc_stream()
    stream.extracted = 3 * size - 8
    var ring = soc_stream_ring()
    ring.space = tables.space
    ring.base = Self.ring
    ring.size = size
    ring.limit = 3 * size + 8
    #expect(soc_stream_execute(&stream, &ring, 10).end == SOC_STREAM_EMPTY)
    #expect(register(stream, 4) == 1)
    #expect(register(stream, 6) == 2)
  }

  // MARK: Faults

  @Test(arguments: [4, 63, 255] as [UInt64])
  func unknownOpcodeIsInvalid(_ opcode: UInt64) {
    let result = execute([instruction(SOC_CS_NOP), opcode << 56])
    #expect(result.end == SOC_STREAM_FAULTED)
    #expect(result.exception == SOC_CS_INVALID_INSTRUCTION)
    #expect(result.position == Self.ring + 8)
  }

  @Test(arguments: [
    move32(96, 0), move48(95, 0), instruction(SOC_CS_ADD_IMM32, to: 0, from: 96),
    instruction(SOC_CS_STORE_MULTIPLE, to: 95, from: 0, 0b10 << 16),
  ])
  func missingRegisterIsInvalid(_ word: UInt64) {
    let result = execute([move48(0, Self.data), word])
    #expect(result.exception == SOC_CS_INVALID_INSTRUCTION)
  }

  @Test(arguments: [
    instruction(SOC_CS_LOAD_MULTIPLE, to: 4, from: 0, 1 << 16),
    instruction(SOC_CS_STORE_MULTIPLE, to: 4, from: 0, 1 << 16),
    instruction(SOC_CS_SYNC_ADD32, from: 0, second: 2),
    instruction(SOC_CS_SYNC_SET64, from: 0, second: 2),
    instruction(SOC_CS_SYNC_WAIT32, from: 0, second: 2), instruction(SOC_CS_STORE_STATE, from: 0),
  ])
  func unmappedAddressIsABusFault(_ word: UInt64) {
    let result = execute([move48(0, 0x90_0000), word])
    #expect(result.end == SOC_STREAM_FAULTED)
    #expect(result.exception == SOC_CS_BUS_FAULT)
    #expect(result.accessed == 0x90_0000)
    #expect(!result.synchronized)
  }

  @Test func unmappedInstructionIsABusFault() {
    let result = execute([
      move48(0, 0x90_0000), move32(2, 8), instruction(SOC_CS_CALL, from: 0, second: 2),
    ])
    #expect(result.exception == SOC_CS_BUS_FAULT)
    #expect(result.position == 0x90_0000)
  }
}
