// SPDX-License-Identifier: MIT

import SoCLayout
import SoCModel
import Testing

/// An instruction: opcode in bits 56 to 63, registers at bits 48, 40 and 32, an immediate below.
func instruction(
  _ opcode: soc_opcode, to: UInt64 = 0, from: UInt64 = 0, second: UInt64 = 0,
  _ immediate: UInt64 = 0
) -> UInt64 {
  UInt64(opcode.rawValue) << 56 | to << 48 | from << 40 | second << 32 | immediate
}

func move48(_ register: UInt64, _ value: UInt64) -> UInt64 {
  instruction(SOC_CS_MOVE48, to: register, value)
}

func move32(_ register: UInt64, _ value: UInt64) -> UInt64 {
  instruction(SOC_CS_MOVE32, to: register, value)
}

@Suite struct StreamTests {
  static let ring: UInt64 = 0x10_0000
  static let data: UInt64 = 0x20_0000
  static let buffer: UInt64 = 0x30_0000

  let tables: GPUTables
  let physicalRing: UInt64
  let physicalData: UInt64
  let physicalBuffer: UInt64

  init() {
    tables = GPUTables(Machine())
    physicalRing = tables.map(Self.ring)
    physicalData = tables.map(Self.data)
    physicalBuffer = tables.map(Self.buffer)
  }

  func place(_ instructions: [UInt64], at physical: UInt64) {
    for (index, instruction) in instructions.enumerated() {
      tables.machine.store(instruction, at: physical + UInt64(index * SOC_INSTRUCTION_SIZE))
    }
    tables.machine.clean(physical)
  }

  func execute(
    _ instructions: [UInt64], _ stream: inout soc_stream, most: UInt32 = 1000
  ) -> soc_stream_result {
    place(instructions, at: physicalRing)
    var ring = soc_stream_ring()
    ring.space = tables.space
    ring.base = Self.ring
    ring.size = UInt64(SOC_PAGE_SIZE)
    ring.limit = UInt64(instructions.count * SOC_INSTRUCTION_SIZE)
    return soc_stream_execute(&stream, &ring, most)
  }

  /// Executes in a new stream.
  func execute(_ instructions: [UInt64]) -> soc_stream_result {
    var stream = soc_stream()
    return execute(instructions, &stream)
  }

  func register(_ stream: soc_stream, _ number: Int) -> UInt32 {
    withUnsafeBytes(of: stream.registers) { $0.load(fromByteOffset: number * 4, as: UInt32.self) }
  }

  var firstWord: UInt64? { tables.machine.deviceRead(physicalData) }

  // MARK: Registers and memory

  @Test func movesAndAdditionsSetRegisters() {
    var stream = soc_stream()
    let result = execute(
      [
        move48(2, 0xabcd_1234_5678), move32(4, 0xffff_fff0),
        instruction(SOC_CS_ADD_IMM32, to: 5, from: 4, 0x20),
        instruction(SOC_CS_ADD_IMM64, to: 6, from: 2, 0xffff_ffff),  // -1
      ], &stream)
    #expect(result.end == SOC_STREAM_EMPTY)
    #expect(register(stream, 2) == 0x1234_5678)
    #expect(register(stream, 3) == 0xabcd)
    #expect(register(stream, 5) == 0x10, "32 bits wrap")
    #expect(register(stream, 6) == 0x1234_5677)
    #expect(register(stream, 7) == 0xabcd)
    #expect(stream.extracted == 32)
    #expect(tables.machine.counters.jobs == 4)
  }

  @Test func storeMultipleStoresTheMaskedRegisters() {
    let machine = tables.machine
    let result = execute([
      move48(0, Self.data - 4), move32(10, 0x11), move32(11, 0x22), move32(12, 0x33),
      // r10 and r12 of r10...r25, at an offset of 4 from the address.
      instruction(SOC_CS_STORE_MULTIPLE, to: 10, from: 0, 0b101 << 16 | 4),
    ])
    #expect(result.end == SOC_STREAM_EMPTY)
    #expect(firstWord == 0x11)
    #expect(machine.deviceRead(physicalData + 8) == 0x33)
    #expect(machine.load(at: physicalData) == 0, "the CPU's line is stale")
  }

  @Test func loadMultipleLoadsWhatWasCleaned() {
    let machine = tables.machine
    machine.store(0x2222_2222_1111_1111 as UInt64, at: physicalData)
    machine.maintain(SOC_CLEAN, physicalData)
    machine.store(0x4444_4444_3333_3333 as UInt64, at: physicalData)
    var stream = soc_stream()
    let result = execute(
      [
        move48(0, Self.data + 0x10), move32(8, 7),
        instruction(SOC_CS_LOAD_MULTIPLE, to: 8, from: 0, 0b10 << 16 | 0xfff0),  // -16
      ], &stream)
    #expect(result.end == SOC_STREAM_EMPTY)
    #expect(register(stream, 8) == 7)
    #expect(register(stream, 9) == 0x2222_2222)
  }

  @Test func storeStateStoresTheTime() {
    tables.machine.state.nanoseconds = 1600
    #expect(
      execute([move48(0, Self.data), instruction(SOC_CS_STORE_STATE, from: 0, second: 0)]).end
        == SOC_STREAM_EMPTY)
    #expect(firstWord == 100)
    let result = execute([instruction(SOC_CS_STORE_STATE, from: 0, second: 4)])
    #expect(result.exception == SOC_CS_INVALID_INSTRUCTION)
  }

  @Test(arguments: [
    SOC_CS_NOP, SOC_CS_WAIT, SOC_CS_SET_SB_ENTRY, SOC_CS_REQ_RESOURCE, SOC_CS_FLUSH_CACHE2,
    SOC_CS_ERROR_BARRIER,
  ])
  func orderingInstructionsDoNothing(_ opcode: soc_opcode) {
    let result = execute([instruction(opcode)])
    #expect(result.end == SOC_STREAM_EMPTY)
    #expect(!result.synchronized)
  }

  // MARK: Synchronization objects

  @Test(
    arguments: [
      (SOC_CS_SYNC_ADD32, 0x1_0000_0004), (SOC_CS_SYNC_SET32, 0x1_0000_0005),
      (SOC_CS_SYNC_ADD64, 0x2_0000_0004), (SOC_CS_SYNC_SET64, 5),
    ] as [(soc_opcode, UInt64)])
  func syncInstructionsChangeTheirWord(_ opcode: soc_opcode, _ expected: UInt64) {
    let machine = tables.machine
    machine.store(0x1_ffff_ffff as UInt64, at: physicalData)
    machine.maintain(SOC_CLEAN, physicalData)
    let result = execute([
      move48(0, Self.data), move48(2, 5), instruction(opcode, from: 0, second: 2),
    ])
    #expect(result.synchronized)
    #expect(
      firstWord == expected & 0xffff_ffff
        | (opcode == SOC_CS_SYNC_SET32 ? 0x1_0000_0000 : expected & ~0xffff_ffff))
  }

  @Test(arguments: [(SOC_CS_SYNC_WAIT32, 4), (SOC_CS_SYNC_WAIT64, 8)])
  func waitEndsWhenItsConditionHolds(_ opcode: soc_opcode, _ size: Int) {
    let machine = tables.machine
    let waits = [
      move48(0, Self.data), move48(2, 5),
      instruction(opcode, from: 0, second: 2, 1 << 28),  // greater
      move32(4, 9),
    ]
    var stream = soc_stream()
    machine.deviceWrite(5, at: physicalData)
    var result = execute(waits, &stream)
    #expect(result.end == SOC_STREAM_WAITING)
    #expect(result.position == Self.ring + 16)
    #expect(result.wait.address == Self.data)
    #expect(result.wait.value == 5)
    #expect(result.wait.is_64_bits == (size == 8))
    #expect(result.wait.condition == 1)
    machine.deviceWrite(6, at: physicalData)
    result = execute(waits, &stream)
    #expect(result.end == SOC_STREAM_EMPTY)
    #expect(register(stream, 4) == 9)
  }

  @Test func waitForAtMostIsTheOtherCondition() {
    tables.machine.deviceWrite(6, at: physicalData)
    let wait = instruction(SOC_CS_SYNC_WAIT64, from: 0, second: 2, 0)
    #expect(execute([move48(0, Self.data), move48(2, 5), wait]).end == SOC_STREAM_WAITING)
    #expect(execute([move48(0, Self.data), move48(2, 6), wait]).end == SOC_STREAM_EMPTY)
    let unknown = instruction(SOC_CS_SYNC_WAIT64, from: 0, second: 2, 2 << 28)
    #expect(execute([move48(0, Self.data), unknown]).exception == SOC_CS_INVALID_INSTRUCTION)
  }
}
