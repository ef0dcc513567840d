// SPDX-License-Identifier: MIT

import SoCLayout
import SoCModel
import Testing

@Suite struct MemoryTests {
  private static let poison: UInt64 = 0xdbdb_dbdb_dbdb_dbdb
  private let address = UInt64(SOC_RAM_BASE) + 0x4000

  /// A line that memory and the CPU's cache agree on.
  private func cleanLine(_ machine: Machine, _ value: UInt64) {
    machine.store(value, at: address)
    machine.maintain(SOC_CLEAN, address)
  }

  @Test func deviceReadsADirtyLineOnlyAfterAClean() {
    let machine = Machine()
    cleanLine(machine, 1)
    machine.store(2 as UInt64, at: address)
    #expect(machine.deviceRead(address) == 1)
    machine.maintain(SOC_CLEAN, address + 63)
    #expect(machine.deviceRead(address) == 2)
    #expect(machine.counters.written_back == 2)
  }

  @Test func cleanOfTheNeighbourLineIsNotEnough() {
    let machine = Machine()
    cleanLine(machine, 1)
    machine.store(2 as UInt64, at: address)
    machine.maintain(SOC_CLEAN, address + 64)
    #expect(machine.deviceRead(address) == 1)
  }

  @Test func deviceReadsPreviousContentsOfALineNeverWrittenBack() {
    let machine = Machine()
    machine.store(5 as UInt64, at: address)
    #expect(machine.deviceRead(address) == Self.poison)
    #expect(machine.counters.poison == 1)
    machine.maintain(SOC_CLEAN, address)
    #expect(machine.deviceRead(address) == 5)
  }

  @Test func readAcrossTwoLinesSeesEachLinesState() {
    let machine = Machine()
    machine.store([UInt8](repeating: 7, count: 128), at: address)
    machine.maintain(SOC_CLEAN, address)
    #expect(machine.deviceRead(address + 60) == 0xdbdb_dbdb_0707_0707)
  }

  @Test func invalidationLosesDirtyBytes() {
    let machine = Machine()
    cleanLine(machine, 1)
    machine.store(2 as UInt64, at: address)
    machine.maintain(SOC_INVALIDATE, address)
    #expect(machine.load(at: address) == 1)
    #expect(machine.counters.lost == 1)
  }

  @Test(arguments: [(SOC_INVALIDATE, true), (SOC_CLEAN_AND_INVALIDATE, true), (SOC_CLEAN, false)])
  func cpuReadsADevicesWriteAfterAnInvalidation(_ kind: soc_maintenance, _ isVisible: Bool) {
    let machine = Machine()
    cleanLine(machine, 1)
    machine.deviceWrite(9, at: address)
    #expect(machine.load(at: address) == 1)
    machine.maintain(kind, address)
    #expect(machine.load(at: address) == (isVisible ? 9 : 1))
  }

  @Test func writeBackOfADirtyNeighbourOverwritesADevicesWrite() {
    let machine = Machine()
    cleanLine(machine, 1)
    machine.store(2 as UInt64, at: address + 8)
    machine.deviceWrite(9, at: address)
    machine.maintain(SOC_CLEAN_AND_INVALIDATE, address)
    #expect(machine.load(at: address) == 1)
    #expect(machine.deviceRead(address) == 1)
  }

  @Test(arguments: [(true, true, poison), (true, false, 5), (false, true, 5)])
  func invalidationOfALineNeverWrittenBack(
    _ isCached: Bool, _ losesUnknown: Bool, _ expected: UInt64
  ) {
    let machine = Machine { $0.poison_unknown = losesUnknown }
    machine.store(5 as UInt64, at: address)
    machine.maintain(SOC_INVALIDATE, address, isCached: isCached)
    #expect(machine.load(at: address) == expected)
    #expect(machine.counters.unknown == 1)
  }

  @Test func zeroedLineIsNotInMemoryUntilAClean() {
    let machine = Machine()
    cleanLine(machine, 7)
    // The guest zeroes the line, and the model learns of the instruction (dc zva).
    machine.state.system[Int(SOC_SCTLR.rawValue)] = 0
    machine.execute(0xd50b_7420, x0: address)
    #expect(machine.deviceRead(address) == 7, "with its MMU off the CPU does not cache data")
    soc_memory_zeroed(machine.soc, address)
    machine.store(0 as UInt64, at: address)
    #expect(machine.deviceRead(address) == Self.poison)
    machine.maintain(SOC_CLEAN, address)
    #expect(machine.deviceRead(address) == 0)
  }

  @Test func snoopingDeviceSharesTheCPUsImage() {
    let machine = Machine()
    cleanLine(machine, 1)
    machine.store(2 as UInt64, at: address)
    #expect(machine.deviceRead(address, snoops: true) == 2)
    machine.deviceWrite(3, at: address, snoops: true)
    #expect(machine.load(at: address) == 3)
    #expect(machine.deviceRead(address) == 3)
  }

  @Test func uncachedPageHasOneImage() {
    let machine = Machine()
    machine.store(1 as UInt64, at: address)
    soc_memory_set_uncached(machine.soc, address, true)
    machine.store(2 as UInt64, at: address)
    #expect(machine.deviceRead(address) == 2)
    machine.deviceWrite(3, at: address)
    #expect(machine.load(at: address) == 3)
    machine.maintain(SOC_INVALIDATE, address)
    #expect(machine.counters.on_uncached == 1)
    soc_memory_set_uncached(machine.soc, address, false)
    machine.store(4 as UInt64, at: address)
    #expect(machine.deviceRead(address) == 3)
  }

  @Test func storeOfTheSameValueIsDirtyOnlyIfReported() {
    for isReported in [false, true] {
      let machine = Machine { $0.stores = true }
      cleanLine(machine, 1)
      machine.deviceWrite(9, at: address)
      if isReported { soc_user_stored(machine.soc, address - UInt64(SOC_RAM_BASE), 8) }
      machine.maintain(SOC_CLEAN, address)
      #expect(machine.deviceRead(address) == (isReported ? 1 : 9))
    }
  }

  @Test func evictionWritesBackDirtyLinesAndFetchesCleanOnes() {
    let machine = Machine()
    cleanLine(machine, 1)
    machine.store(2 as UInt64, at: address)
    soc_memory_evict(machine.soc, address)
    #expect(machine.deviceRead(address) == 2)
    machine.deviceWrite(9, at: address)
    soc_memory_evict(machine.soc, address)
    #expect(machine.load(at: address) == 9)
    #expect(machine.counters.evicted == 1)
  }

  @Test func devicesReachNeitherRegistersNorBeyondRAM() {
    let machine = Machine()
    let window = UInt64(SOC_RAM_BASE) + Machine.windowOffset
    for outside in [UInt64(SOC_RAM_BASE) - 8, window, window + UInt64(SOC_WINDOW_SIZE)] {
      #expect(machine.deviceRead(outside) == nil)
      #expect(!machine.deviceWrite(1, at: outside))
    }
    #expect(machine.deviceRead(window - 8) != nil)
    #expect(machine.deviceRead(window - 4) == nil)
  }

  // MARK: Injected faults

  @Test func ignoredInvalidationKeepsTheCPUsBytes() {
    let machine = Machine { $0.ignore_invalidate = true }
    cleanLine(machine, 1)
    machine.deviceWrite(9, at: address)
    machine.maintain(SOC_INVALIDATE, address)
    #expect(machine.load(at: address) == 1)
  }

  @Test func everyMaintenanceWritesBackWithThatFault() {
    let machine = Machine { $0.write_back = true }
    cleanLine(machine, 1)
    machine.store(2 as UInt64, at: address)
    machine.maintain(SOC_INVALIDATE, address)
    #expect(machine.load(at: address) == 2)
    #expect(machine.deviceRead(address) == 2)
  }

  @Test func withoutTheModelMemoryHasOneImage() {
    let machine = Machine { $0.model = false }
    machine.store(1 as UInt64, at: address)
    #expect(machine.deviceRead(address) == 1)
    machine.deviceWrite(2, at: address)
    #expect(machine.load(at: address) == 2)
  }
}
