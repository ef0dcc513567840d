// SPDX-License-Identifier: MIT

import GuestImages
import SoCLayout
import SoCModel
import Testing

/// A coherent panthor GPU with the guest's firmware file loaded, one group and one queue.
private final class Panthor {
  static let gpu = soc_gpu_place_at(3)
  static let groupSlot: UInt64 = 1
  static let ring: UInt64 = 0x10_0000
  static let ringWords: UInt64 = 0x20_0000
  static let data: UInt64 = 0x30_0000
  static let suspendBuffer: UInt64 = 0x40_0000
  static let groupBit: UInt32 = 1 << 1
  static let syncUpdate: UInt32 = 1 << 28
  static let idle: UInt32 = 1 << 29

  let machine: Machine
  let tables: GPUTables
  private let physicalInterface: UInt64
  private let physicalRing: UInt64
  private let physicalRingWords: UInt64
  let physicalData: UInt64

  init(_ machine: Machine = Machine()) {
    self.machine = machine
    tables = GPUTables(machine, transcfg: GPUTables.coherent)
    physicalInterface = tables.map(UInt64(SOC_FW_BASE), pages: SOC_FW_SIZE / SOC_PAGE_SIZE)
    physicalRing = tables.map(Self.ring)
    physicalRingWords = tables.map(Self.ringWords)
    physicalData = tables.map(Self.data)
    tables.map(Self.suspendBuffer, pages: SOC_FW_SUSPEND_SIZE / SOC_PAGE_SIZE)
    // The section of the file, without its header.
    machine.store(
      Array(Firmware.image(acknowledged: .byModel).bytes.suffix(SOC_FW_SIZE)), at: physicalInterface
    )
    machine.state.system[Int(SOC_TCR.rawValue)] = 16 << 16 | 2 << 30
    machine.state.system[Int(SOC_TTBR1.rawValue)] = machine.pages()
    machine.setRegister(Self.gpu, SOC_AS + SOC_AS_TRANSTAB, tables.root)
    machine.setRegister(Self.gpu, SOC_AS + SOC_AS_TRANSCFG, GPUTables.coherent)
    machine.setRegister(Self.gpu, SOC_JOB_INT + SOC_INT_MASK, UInt32.max)
    machine.setRegister(Self.gpu, SOC_MCU_CONTROL, 1 as UInt32)
  }

  /// The physical address of a firmware address, or of an address that the interface has at an offset.
  private func physical(_ address: UInt32) -> UInt64 {
    physicalInterface + UInt64(address) - UInt64(SOC_FW_BASE)
  }

  private func pointer(_ offset: Int) -> UInt64 {
    physical(machine.load(at: physicalInterface + UInt64(offset), as: UInt32.self))
  }

  private var groupOffset: Int {
    let stride: UInt32 = machine.load(at: physicalInterface + UInt64(SOC_FW_GROUP_STRIDE))
    return SOC_FW_FIRST_GROUP + Int(Self.groupSlot) * Int(stride)
  }

  var globalInput: UInt64 { pointer(SOC_FW_INPUT) }
  var globalOutput: UInt64 { pointer(SOC_FW_OUTPUT) }
  var groupInput: UInt64 { pointer(groupOffset + SOC_FW_GROUP_INPUT) }
  var groupOutput: UInt64 { pointer(groupOffset + SOC_FW_GROUP_OUTPUT) }
  var queueInput: UInt64 { pointer(groupOffset + SOC_FW_FIRST_STREAM + SOC_FW_STREAM_INPUT) }
  var queueOutput: UInt64 { pointer(groupOffset + SOC_FW_FIRST_STREAM + SOC_FW_STREAM_OUTPUT) }

  var interrupts: UInt32 { machine.register(Self.gpu, SOC_JOB_INT + SOC_INT_RAWSTAT) }
  var extracted: UInt64 { machine.load(at: physicalRingWords + 0x800) }

  func clearInterrupts() {
    machine.setRegister(Self.gpu, SOC_JOB_INT + SOC_INT_CLEAR, UInt32.max)
    machine.state.interrupts = []
  }

  func ring(_ doorbell: Int) {
    machine.setRegister(Self.gpu, SOC_DOORBELL + doorbell * SOC_DOORBELL_STRIDE, 1 as UInt32)
  }

  /// Requests a state of the group: 0 terminate, 1 start, 2 suspend, 3 resume.
  func request(groupState: UInt32) {
    machine.store(groupState, at: groupInput)
    let rung: UInt32 = machine.load(at: globalInput + 0x08)
    machine.store(rung ^ Self.groupBit, at: globalInput + 0x08)
    ring(0)
  }

  /// Adds instructions to the ring, which the doorbell of the queue executes.
  func add(_ instructions: [UInt64]) {
    var insert: UInt64 = machine.load(at: physicalRingWords)
    for instruction in instructions {
      machine.store(instruction, at: physicalRing + insert % UInt64(SOC_PAGE_SIZE))
      insert += UInt64(SOC_INSTRUCTION_SIZE)
    }
    machine.store(insert, at: physicalRingWords)
  }

  /// Sets up and starts the group with its queue 0, which has doorbell 5.
  func start() {
    machine.store(Self.suspendBuffer, at: groupInput + 0x40)
    machine.store(1 as UInt32, at: queueInput)
    machine.store(5 << 8 as UInt32, at: queueInput + 0x04)
    machine.store(Self.ring, at: queueInput + 0x10)
    machine.store(UInt32(SOC_PAGE_SIZE), at: queueInput + 0x18)
    machine.store(Self.ringWords, at: queueInput + 0x30)
    machine.store(Self.ringWords + 0x800, at: queueInput + 0x38)
    request(groupState: 1)
  }
}

@Suite struct FirmwareTests {
  @Test func processorStartsWithAnInterrupt() {
    let panthor = Panthor()
    #expect(panthor.machine.register(Panthor.gpu, SOC_MCU_STATUS) == 1)
    #expect(panthor.interrupts == SOC_JOB_INT_GLOBAL_IF)
    #expect(panthor.machine.state.interrupts == [109])
    panthor.machine.setRegister(Panthor.gpu, SOC_MCU_CONTROL, 0 as UInt32)
    #expect(panthor.machine.register(Panthor.gpu, SOC_MCU_STATUS) == 0)
  }

  @Test func globalRequestsAreAcknowledged() {
    let panthor = Panthor()
    panthor.clearInterrupts()
    // Ping is a request; bits 20 to 26 are events of the firmware.
    panthor.machine.store(1 << 8 | 1 << 20 as UInt32, at: panthor.globalInput)
    panthor.ring(0)
    #expect(panthor.machine.load(at: panthor.globalOutput, as: UInt32.self) == 1 << 8)
    #expect(panthor.interrupts == SOC_JOB_INT_GLOBAL_IF)
    panthor.machine.store(1 as UInt32, at: panthor.globalInput)
    panthor.ring(0)
    #expect(panthor.machine.register(Panthor.gpu, SOC_MCU_STATUS) == 2, "halted")
  }

  @Test func unmappedInterfaceIsLogged() {
    let machine = Machine()
    machine.state.system[Int(SOC_TCR.rawValue)] = 16 << 16 | 2 << 30
    machine.state.system[Int(SOC_TTBR1.rawValue)] = machine.pages()
    machine.setRegister(Panthor.gpu, SOC_DOORBELL, 1 as UInt32)
    #expect(machine.state.log.contains { $0.contains("not mapped") })
  }

  @Test func doorbellExecutesTheRing() {
    let panthor = Panthor()
    panthor.start()
    #expect(panthor.machine.load(at: panthor.groupOutput, as: UInt32.self) & 7 == 1)
    panthor.clearInterrupts()
    panthor.add([
      move48(0, Panthor.data), move48(2, 7), instruction(SOC_CS_SYNC_SET64, from: 0, second: 2),
    ])
    panthor.ring(6)
    #expect(panthor.extracted == 0, "another queue's doorbell")
    panthor.ring(5)
    #expect(panthor.extracted == 24)
    #expect(panthor.machine.load(at: panthor.physicalData) == 7)
    #expect(panthor.interrupts == Panthor.groupBit)
    #expect(panthor.machine.state.interrupts == [109])
    let events: UInt32 = panthor.machine.load(at: panthor.groupOutput)
    #expect(events & Panthor.syncUpdate != 0)
    #expect(events & Panthor.idle != 0)
    #expect(panthor.machine.load(at: panthor.groupOutput + 0x18, as: UInt32.self) == 1)
  }

  @Test func lateQueueExecutesWhenItIsDue() {
    let panthor = Panthor(Machine { $0.late_nanoseconds = 100 })
    panthor.start()
    panthor.add([instruction(SOC_CS_NOP)])
    panthor.ring(5)
    panthor.machine.state.guestNanoseconds = 99
    soc_tick(panthor.machine.soc)
    #expect(panthor.extracted == 0)
    panthor.machine.state.guestNanoseconds = 100
    soc_tick(panthor.machine.soc)
    #expect(panthor.extracted == 8)
  }

  @Test func invalidInstructionIsAFatalEvent() {
    let panthor = Panthor()
    panthor.start()
    panthor.add([0xff << 56])
    panthor.ring(5)
    #expect(panthor.machine.load(at: panthor.queueOutput + 0x84, as: UInt32.self) == 0x49)
    let request: UInt32 = panthor.machine.load(at: panthor.queueInput)
    let acknowledged: UInt32 = panthor.machine.load(at: panthor.queueOutput)
    #expect((request ^ acknowledged) & 1 << 30 != 0)
    #expect(panthor.machine.load(at: panthor.groupOutput + 0x0c, as: UInt32.self) == 1)
    #expect(panthor.machine.counters.faults == 1)
  }

  @Test func waitingQueueReportsItsConditionAndContinues() {
    let panthor = Panthor()
    panthor.start()
    panthor.add([
      move48(0, Panthor.data), move48(2, 3),
      instruction(SOC_CS_SYNC_WAIT64, from: 0, second: 2, 1 << 28), move32(4, 1),
    ])
    panthor.ring(5)
    #expect(panthor.extracted == 16)
    panthor.request(groupState: 1)
    #expect(panthor.machine.load(at: panthor.queueOutput + 0x50) == Panthor.data)
    #expect(panthor.machine.load(at: panthor.queueOutput + 0x58, as: UInt32.self) == 3)
    #expect(
      panthor.machine.load(at: panthor.queueOutput + 0x60, as: UInt32.self) == 3,
      "blocked by a wait")
    panthor.machine.store(4 as UInt64, at: panthor.physicalData)
    panthor.ring(5)
    #expect(panthor.extracted == 32)
  }

  @Test func suspendedGroupKeepsItsRegisters() {
    let panthor = Panthor()
    panthor.start()
    panthor.add([
      move48(0, Panthor.data), move48(2, 3), move48(4, 0x55),
      instruction(SOC_CS_SYNC_WAIT64, from: 0, second: 2, 1 << 28),
      instruction(SOC_CS_SYNC_SET64, from: 0, second: 4),
    ])
    panthor.ring(5)
    panthor.request(groupState: 2)
    panthor.machine.store(4 as UInt64, at: panthor.physicalData)
    panthor.ring(5)
    #expect(
      panthor.machine.load(at: panthor.physicalData) == 4, "a suspended group does not execute")
    panthor.request(groupState: 3)
    #expect(panthor.machine.load(at: panthor.physicalData) == 0x55)
    #expect(panthor.extracted == 40)
  }

  @Test func suspendedGroupContinuesInsideACall() {
    // Late, so that only a queue that was suspended inside a call executes at the next tick.
    let panthor = Panthor(Machine { $0.late_nanoseconds = 100 })
    panthor.start()
    // The called buffer is in the data page, after the word that it waits for.
    let called = [
      instruction(SOC_CS_SYNC_WAIT64, from: 0, second: 2, 1 << 28),
      instruction(SOC_CS_SYNC_SET64, from: 0, second: 4),
    ]
    for (index, instruction) in called.enumerated() {
      panthor.machine.store(instruction, at: panthor.physicalData + 64 + UInt64(index * 8))
    }
    panthor.add([
      move48(0, Panthor.data), move48(2, 3), move48(4, 0x55), move48(6, Panthor.data + 64),
      move32(8, 16), instruction(SOC_CS_CALL, from: 6, second: 8),
    ])
    panthor.ring(5)
    panthor.machine.state.guestNanoseconds = 100
    soc_tick(panthor.machine.soc)
    panthor.request(groupState: 2)
    panthor.machine.store(4 as UInt64, at: panthor.physicalData)
    panthor.request(groupState: 3)
    soc_tick(panthor.machine.soc)
    #expect(panthor.machine.load(at: panthor.physicalData) == 0x55, "inside the called buffer")
    #expect(panthor.extracted == 48)
  }

  @Test func terminatedGroupDoesNotExecute() {
    let panthor = Panthor()
    panthor.start()
    panthor.request(groupState: 0)
    panthor.add([instruction(SOC_CS_NOP)])
    panthor.ring(5)
    #expect(panthor.extracted == 0)
  }
}
