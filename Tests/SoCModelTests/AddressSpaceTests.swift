// SPDX-License-Identifier: MIT

import SoCLayout
import SoCModel
import Testing

@Suite struct AddressSpaceTests {
  private let address: UInt64 = 0x1234_5678_9000

  @Test func pageIsReadAndWritten() {
    let tables = GPUTables(Machine())
    let physical = tables.map(address)
    #expect(tables.write(5, at: address + 16))
    #expect(tables.read(address + 16) == 5)
    #expect(tables.machine.deviceRead(physical + 16) == 5)
  }

  @Test func accessAcrossTwoPagesReachesBoth() {
    let tables = GPUTables(Machine())
    let first = tables.map(address)
    _ = tables.machine.pages()
    let second = tables.map(address + 0x1000)
    #expect(second != first + 0x1000)
    #expect(tables.write(0x1111_1111_2222_2222, at: address + 0xffc))
    #expect(tables.machine.deviceRead(first + 0xff8) == 0x2222_2222_0000_0000)
    #expect(tables.machine.deviceRead(second) == 0x0000_0000_1111_1111)
    #expect(tables.read(address + 0x1ffc) == nil, "the third page is not mapped")
  }

  @Test func blockMapsAllOfIts2MiB() {
    let tables = GPUTables(Machine())
    let block = UInt64(SOC_RAM_BASE) + 0x80_0000
    let start = address & ~0x1f_ffff
    tables.machine.clean(block + 0x12_3000)
    tables.setEntry(block | GPUTables.accessFlag | 1, for: start, level: 2)
    #expect(tables.write(5, at: start + 0x12_3008))
    #expect(tables.machine.deviceRead(block + 0x12_3008) == 5)
  }

  @Test(arguments: [0, 1, 2, 3])
  func invalidEntryMapsNothing(level: Int) {
    let tables = GPUTables(Machine())
    tables.setEntry(UInt64(SOC_RAM_BASE) | 2, for: address, level: level)
    #expect(tables.read(address) == nil)
    #expect(!tables.write(1, at: address))
  }

  @Test func accessFlagIsNotChecked() {
    let tables = GPUTables(Machine())
    tables.map(address, flags: 0)
    #expect(tables.read(address) == 0)
  }

  @Test func readOnlyBitBelongsToTheAArch64Format() {
    for (transcfg, isWritable) in [(GPUTables.nonCoherent, false), (0, true)] {
      let tables = GPUTables(Machine(), transcfg: transcfg)
      tables.map(address, flags: GPUTables.readOnly | GPUTables.accessFlag)
      #expect(tables.read(address) == 0)
      #expect(tables.write(1, at: address) == isWritable)
    }
  }

  @Test func maliFormatHasBlocksAtTheLastLevel() {
    let tables = GPUTables(Machine(), transcfg: 0)
    let physical = tables.machine.pages()
    tables.machine.clean(physical)
    tables.setEntry(physical | 1, for: address)
    #expect(tables.write(3, at: address))
    #expect(tables.machine.deviceRead(physical) == 3)
  }

  @Test func addressesHave48BitsAndNeedTables() {
    let tables = GPUTables(Machine())
    tables.map(0)
    #expect(tables.read(0) == 0)
    #expect(tables.read(1 << 48) == nil)
    var none = soc_space_of(tables.machine.soc, 0, GPUTables.nonCoherent)
    var value: UInt64 = 0
    #expect(!soc_space_read(&none, 0, &value, 8))
  }

  /// TRANSTAB's share-outer bit decides for Mali's format, TRANSCFG's shareability for AArch64's.
  @Test(
    arguments: [
      (0, 0, false, false), (1 << 4, 0, true, false), (0, 6, false, true), (1 << 4, 6, false, true),
      (0, 6 | 2 << 28, true, true), (0, 6 | 3 << 28, false, true),
    ] as [(UInt64, UInt64, Bool, Bool)])
  func driverDecidesAboutCoherency(
    _ transtab: UInt64, _ transcfg: UInt64, _ snoops: Bool, _ aarch64: Bool
  ) {
    let machine = Machine()
    let space = soc_space_of(machine.soc, 0x4000_1000 | transtab, transcfg)
    #expect(space.root == 0x4000_1000)
    #expect(space.snoops == snoops)
    #expect(space.data_snoops == snoops)
    #expect(space.aarch64 == aarch64)
  }

  @Test func nonCoherentWalkReadsOnlyCleanedTables() {
    for (transcfg, isMapped) in [(GPUTables.nonCoherent, false), (GPUTables.coherent, true)] {
      let tables = GPUTables(Machine(), transcfg: transcfg)
      let machine = tables.machine
      let physical = tables.map(address)
      // The driver moves the mapping, and does not clean the entry.
      tables.setEntry(0, for: address)
      var table = tables.root
      for level in 0..<3 {
        table = machine.load(at: table + (address >> UInt64(39 - 9 * level) & 511) * 8) & ~0xfff
      }
      machine.store(physical | 3, at: table + (address >> 12 & 511) * 8)
      #expect((tables.read(address) != nil) == isMapped)
    }
  }

  @Test func injectedSnoopingAppliesToJobsDataOnly() {
    let machine = Machine { $0.other_snooping = true }
    for (transcfg, snoops) in [(GPUTables.nonCoherent, false), (GPUTables.coherent, true)] {
      var space = soc_space_of(machine.soc, 0, transcfg)
      let jobs = soc_space_of_jobs(&space)
      #expect(jobs.snoops == snoops)
      #expect(jobs.data_snoops != snoops)
    }
  }
}

@Suite struct EvictionTests {
  private static let lines = 4 * SOC_PAGE_SIZE / SOC_LINE_SIZE

  /// Returns the lines that one eviction pass wrote back, of 256 dirty ones; earlier passes had none.
  private func writtenBack(
    _ policy: soc_eviction, seed: UInt64 = 0, when: soc_eviction = SOC_EVICT_START, earlier: Int = 0
  ) -> [Int] {
    let machine = Machine {
      $0.evict = policy
      $0.seed = seed
    }
    let tables = GPUTables(machine)
    let physical = tables.map(0x10_0000, pages: 4)
    var space = tables.space
    for _ in 0..<earlier { soc_eviction_pass(&space, when) }
    let places = (0..<Self.lines).map { physical + UInt64($0 * SOC_LINE_SIZE) }
    for place in places { machine.store(1 as UInt64, at: place) }
    soc_eviction_pass(&space, when)
    return places.indices.filter { machine.deviceRead(places[$0]) == 1 }
  }

  @Test(
    arguments: [
      (SOC_EVICT_NEVER, false, false), (SOC_EVICT_START, true, false),
      (SOC_EVICT_END, false, true), (SOC_EVICT_BOTH, true, true),
    ])
  func policySaysWhenAllIsWrittenBack(_ policy: soc_eviction, _ start: Bool, _ end: Bool) {
    #expect(writtenBack(policy, when: SOC_EVICT_START).count == (start ? Self.lines : 0))
    #expect(writtenBack(policy, when: SOC_EVICT_END).count == (end ? Self.lines : 0))
  }

  @Test func seededChoicesAreReplayable() {
    for seed: UInt64 in 0..<4 {
      let first = writtenBack(SOC_EVICT_SEED, seed: seed)
      #expect(first == writtenBack(SOC_EVICT_SEED, seed: seed))
      #expect(
        (Self.lines / 4...Self.lines * 3 / 4).contains(first.count), "about half of the lines")
    }
  }

  @Test func seedsAndPassesDiffer() {
    let first = writtenBack(SOC_EVICT_SEED, seed: 1)
    #expect(first != writtenBack(SOC_EVICT_SEED, seed: 2))
    #expect(first != writtenBack(SOC_EVICT_SEED, seed: 1, earlier: 1))
  }

  @Test func passFetchesWhatADeviceWrote() {
    let machine = Machine { $0.evict = SOC_EVICT_END }
    let tables = GPUTables(machine)
    let physical = tables.map(0x10_0000)
    machine.deviceWrite(9, at: physical)
    var space = tables.space
    soc_eviction_pass(&space, SOC_EVICT_END)
    #expect(machine.load(at: physical) == 9)
  }

  @Test func unmappedMemoryIsNotEvicted() {
    let machine = Machine { $0.evict = SOC_EVICT_BOTH }
    let tables = GPUTables(machine)
    tables.map(0x10_0000)
    let other = machine.pages()
    machine.clean(other)
    machine.store(1 as UInt64, at: other)
    var space = tables.space
    soc_eviction_pass(&space, SOC_EVICT_START)
    #expect(machine.deviceRead(other) == 0)
  }
}
