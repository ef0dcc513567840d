// SPDX-License-Identifier: MIT

import SoCLayout
import SoCModel
import Testing

/// CPU page tables of 4 KiB pages and 48-bit addresses, with Normal cacheable and Non-cacheable memory.
private final class CPU {
  static let tlbi: UInt32 = 0xd508_831f  // tlbi vmalle1is
  static let eret: UInt32 = 0xd69f_03e0
  static let getFAR: UInt32 = 0xd538_6019  // mrs x25, far_el1
  static let setTTBR0: UInt32 = 0xd518_2000  // msr ttbr0_el1, x0
  static let cached: UInt64 = 0 << 2
  static let uncached: UInt64 = 1 << 2
  static let accessFlag: UInt64 = 1 << 10

  let machine: Machine
  let roots: [UInt64]

  init(_ machine: Machine = Machine()) {
    self.machine = machine
    roots = [machine.pages(), machine.pages()]
    set(SOC_TTBR0, roots[0])
    set(SOC_TTBR1, roots[1] | 0x7 << 48 | 1)  // with an ASID and CnP
    set(SOC_TCR, 16 | 16 << 16 | 2 << 30)
    set(SOC_MAIR, 0x44ff)
    set(SOC_SCTLR, 1)
  }

  func set(_ register: soc_system_register, _ value: UInt64) {
    machine.state.system[Int(register.rawValue)] = value
  }

  func setEntry(_ entry: UInt64, for address: UInt64, level: Int = 3, root: UInt64? = nil) {
    var table = root ?? roots[Int(soc_table_half(address))]
    for above in 0..<level {
      let place = table + index(address, above) * 8
      if machine.load(at: place) & 1 == 0 { machine.store(machine.pages() | 3, at: place) }
      table = machine.load(at: place) & 0xffff_ffff_f000
    }
    machine.store(entry, at: table + index(address, level) * 8)
  }

  func translate(_ address: UInt64) -> UInt64? {
    var physical: UInt64 = 0
    return soc_translate(machine.soc, address, &physical) ? physical : nil
  }

  func walk(_ address: UInt64) -> soc_mapping? {
    var mapping = soc_mapping()
    let root = machine.state.system[Int(SOC_TTBR0.rawValue)]
    let found = soc_table_walk(
      machine.soc, soc_translation(machine.soc), root, address, &mapping)
    return found ? mapping : nil
  }

  /// A data abort of user space, and the return from it.
  func handleFault(at address: UInt64, class: UInt64 = 0x24) {
    fault(at: address, class: `class`)
    machine.execute(Self.eret)
  }

  /// A data abort of user space, until the kernel has its address.
  func fault(at address: UInt64, class: UInt64 = 0x24) {
    set(SOC_ESR, `class` << 26)
    set(SOC_FAR, address)
    machine.execute(Self.getFAR)
  }

  func changeUserTable(to root: UInt64) {
    machine.execute(Self.setTTBR0)
    set(SOC_TTBR0, root)
  }

  private func index(_ address: UInt64, _ level: Int) -> UInt64 {
    address >> UInt64(12 + 9 * (3 - level)) & 511
  }
}

@Suite struct CPUTablesTests {
  private let user: UInt64 = 0x0000_7f12_3456_7000
  private let kernel: UInt64 = 0xffff_8000_1234_5000
  private let frame: UInt64 = UInt64(SOC_RAM_BASE) + 0x8000

  @Test func pageMapsItsOffset() throws {
    let cpu = CPU()
    cpu.setEntry(frame | CPU.accessFlag | CPU.cached | 3, for: user)
    let mapping = try #require(cpu.walk(user + 0x123))
    #expect(mapping.physical == frame + 0x123)
    #expect(mapping.size_bits == 12)
    #expect(!mapping.uncached)
  }

  @Test func blockMapsAllOfIts2MiB() throws {
    let cpu = CPU()
    cpu.setEntry(UInt64(SOC_RAM_BASE) | CPU.accessFlag | CPU.uncached | 1, for: user, level: 2)
    let mapping = try #require(cpu.walk(user + 0x89))
    #expect(mapping.physical == UInt64(SOC_RAM_BASE) + ((user + 0x89) & 0x1f_ffff))
    #expect(mapping.size_bits == 21)
    #expect(mapping.uncached)
  }

  @Test(arguments: [0, 1, 2, 3])
  func invalidEntryMapsNothing(level: Int) {
    let cpu = CPU()
    cpu.setEntry(frame | 2, for: user, level: level)
    #expect(cpu.walk(user) == nil)
  }

  @Test func lastLevelHasNoBlocks() {
    let cpu = CPU()
    cpu.setEntry(frame | CPU.accessFlag | 1, for: user)
    #expect(cpu.walk(user) == nil)
  }

  @Test func accessFlagIsNotChecked() {
    let cpu = CPU()
    cpu.setEntry(frame | 3, for: user)
    #expect(cpu.walk(user)?.physical == frame)
  }

  @Test func upperHalfUsesTTBR1() {
    let cpu = CPU()
    cpu.setEntry(frame | CPU.accessFlag | 3, for: kernel)
    #expect(cpu.translate(kernel + 8) == frame + 8)
    #expect(cpu.translate(kernel & 0xffff_ffff_ffff) == nil)
  }

  @Test func disabledMMUMapsOneToOne() {
    let cpu = CPU()
    cpu.set(SOC_SCTLR, 0)
    #expect(cpu.translate(0x1234) == 0x1234)
  }

  @Test(
    arguments: [(0, 2, 12, 0), (1, 3, 16, 1), (2, 1, 14, 0)] as [(UInt64, UInt64, UInt32, UInt32)])
  func geometryOf48BitAddresses(
    _ lower: UInt64, _ upper: UInt64, _ pageBits: UInt32, _ firstLevel: UInt32
  ) {
    var translation = soc_translation()
    translation.control = 16 | 16 << 16 | lower << 14 | upper << 30
    for half: UInt32 in 0...1 {
      var geometry = soc_table_geometry()
      #expect(soc_table_geometry(&translation, half, &geometry))
      #expect(geometry.page_bits == pageBits)
      #expect(geometry.first_level == firstLevel)
      #expect(soc_table_shift(&geometry, 3) == pageBits)
    }
  }

  @Test func addressesOf52BitsAreNotSupported() {
    var translation = soc_translation()
    var geometry = soc_table_geometry()
    translation.control = 12
    #expect(!soc_table_geometry(&translation, 0, &geometry))
  }

  @Test func translationIsKeptUntilTheTLBIsInvalidated() {
    let cpu = CPU()
    cpu.setEntry(frame | CPU.accessFlag | 3, for: user)
    #expect(cpu.translate(user) == frame)
    cpu.setEntry(frame + 0x1000 | CPU.accessFlag | 3, for: user)
    #expect(cpu.translate(user) == frame)
    cpu.machine.execute(CPU.tlbi)
    #expect(cpu.translate(user) == frame + 0x1000)
  }

  @Test func newTTBR0HasItsOwnTranslations() {
    let cpu = CPU()
    let root = cpu.machine.pages()
    cpu.setEntry(frame | CPU.accessFlag | 3, for: user)
    cpu.setEntry(frame + 0x1000 | CPU.accessFlag | 3, for: user, root: root)
    #expect(cpu.translate(user) == frame)
    cpu.changeUserTable(to: root)
    #expect(cpu.translate(user) == frame + 0x1000)
  }

  // MARK: Instructions

  @Test func maintenanceByAddressReachesTheMappedLine() {
    let cpu = CPU()
    let machine = cpu.machine
    cpu.setEntry(frame | CPU.accessFlag | 3, for: user)
    machine.store(6 as UInt64, at: frame)
    machine.execute(0xd50b_7a20, x0: user, at: user)  // dc cvac, x0
    #expect(machine.deviceRead(frame) == 6)
    #expect(machine.counters.from_user == 1)
    machine.execute(0xd50b_7a20, x0: user + 0x1000)
    #expect(machine.counters.untranslated == 1)
    #expect(machine.counters.maintenance.0 == 2)
  }

  @Test func zeroingInstructionNeedsACleanToReachMemory() {
    let cpu = CPU()
    let machine = cpu.machine
    cpu.setEntry(frame | CPU.accessFlag | 3, for: user)
    machine.clean(frame)
    machine.execute(0xd50b_7420, x0: user + 64)  // dc zva, x0
    #expect(machine.deviceRead(frame) == 0)
    #expect(machine.deviceRead(frame + 64) == 0xdbdb_dbdb_dbdb_dbdb)
  }

  // MARK: Uncached pages

  @Test func faultFindsTheUncachedPagesBesideIt() {
    let cpu = CPU()
    let machine = cpu.machine
    machine.clean(frame)
    machine.deviceWrite(9, at: frame)
    cpu.setEntry(frame | CPU.accessFlag | CPU.uncached | 3, for: user)
    cpu.setEntry(frame + 0x1000 | CPU.accessFlag | CPU.cached | 3, for: user + 0x1000)
    cpu.handleFault(at: user + 0x1000)
    #expect(soc_memory_is_uncached(machine.soc, frame))
    #expect(!soc_memory_is_uncached(machine.soc, frame + 0x1000))
    #expect(machine.load(at: frame) == 9, "the CPU reads what the device wrote before the mapping")
  }

  @Test func otherExceptionsFindNothing() {
    let cpu = CPU()
    cpu.setEntry(frame | CPU.accessFlag | CPU.uncached | 3, for: user)
    cpu.handleFault(at: user, class: 0x15)
    #expect(!soc_memory_is_uncached(cpu.machine.soc, frame))
  }

  /// The thread that faulted returns after others have run, with or without its page mapped by then.
  @Test(arguments: [true, false], [true, false])
  func otherThreadsBeforeTheReturnHideNothing(_ isMapped: Bool, _ isOtherProcess: Bool) {
    let cpu = CPU()
    let entry = frame | CPU.accessFlag | CPU.uncached | 3
    if isMapped { cpu.setEntry(entry, for: user) }
    cpu.fault(at: user)
    if isOtherProcess { cpu.changeUserTable(to: cpu.machine.pages()) }
    cpu.handleFault(at: 0x1234, class: 0x15)
    cpu.handleFault(at: user + 0x20_0000)
    #expect(soc_memory_is_uncached(cpu.machine.soc, frame) == (isMapped && !isOtherProcess))
    cpu.changeUserTable(to: cpu.roots[0] | 5 << 48)
    if !isMapped { cpu.setEntry(entry, for: user) }
    cpu.set(SOC_ESR, 0x15 << 26)
    cpu.machine.execute(CPU.eret)
    #expect(soc_memory_is_uncached(cpu.machine.soc, frame))
  }

  @Test func removedMappingMakesThePageCachedAgain() {
    let cpu = CPU()
    cpu.setEntry(frame | CPU.accessFlag | CPU.uncached | 3, for: user)
    cpu.handleFault(at: user)
    cpu.setEntry(0, for: user)
    cpu.machine.execute(CPU.tlbi)
    #expect(!soc_memory_is_uncached(cpu.machine.soc, frame))
    #expect(cpu.machine.counters.uncached_gone == 1)
  }

  @Test func dirtyLinesOfANewUncachedPageAreCounted() {
    let cpu = CPU()
    cpu.machine.clean(frame)
    cpu.machine.store(1 as UInt64, at: frame)
    cpu.setEntry(frame | CPU.accessFlag | CPU.uncached | 3, for: user)
    cpu.handleFault(at: user)
    #expect(cpu.machine.counters.uncached_dirty == 1)
    #expect(cpu.machine.state.log.count == 1)
  }

  @Test func doorbellFindsTheKernelsUncachedPages() {
    let cpu = CPU()
    cpu.setEntry(frame | CPU.accessFlag | CPU.uncached | 3, for: kernel)
    // The linear map is in the lower half of the kernel's addresses, and is not scanned.
    cpu.setEntry(frame + 0x1000 | CPU.accessFlag | CPU.uncached | 3, for: 0xffff_0000_0000_0000)
    cpu.machine.setRegister(soc_gpu_place_at(2), SOC_DOORBELL, 1 as UInt32)
    #expect(soc_memory_is_uncached(cpu.machine.soc, frame))
    #expect(!soc_memory_is_uncached(cpu.machine.soc, frame + 0x1000))
  }
}
