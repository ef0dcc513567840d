// SPDX-License-Identifier: MIT

import SoCLayout
import SoCModel
import Testing

/// Job descriptors and their targets in a non-coherent address space.
private final class Jobs {
  static let descriptors: UInt64 = 0x10_0000
  static let data: UInt64 = 0x20_0000

  let tables: GPUTables
  let physicalDescriptors, physicalData: UInt64
  var machine: Machine { tables.machine }

  init(_ machine: Machine = Machine(), dataFlags: UInt64 = GPUTables.accessFlag) {
    tables = GPUTables(machine)
    physicalDescriptors = tables.map(Self.descriptors)
    physicalData = tables.map(Self.data, flags: dataFlags)
  }

  /// Writes descriptor number `index`, and returns its GPU address.
  @discardableResult
  func add(
    _ index: UInt64, type: UInt32, next: UInt64 = 0, has64Bits: Bool = true, target: UInt64 = 0,
    valueType: soc_job_value = SOC_VALUE_IMMEDIATE_64, value: UInt64 = 0, isCleaned: Bool = true
  ) -> UInt64 {
    var job = soc_job()
    job.control = type << 1 | (has64Bits ? 1 : 0)
    job.next = next
    job.target = target
    job.value_type = valueType.rawValue
    job.value = value
    withUnsafeBytes(of: &job) { machine.store(Array($0), at: physicalDescriptors + index * 64) }
    if isCleaned { machine.maintain(SOC_CLEAN, physicalDescriptors + index * 64) }
    return Self.descriptors + index * 64
  }

  func execute(_ address: UInt64) -> (status: soc_job_status, last: UInt64) {
    var space = tables.space
    var last = address
    return (soc_job_chain_execute("test", &space, &last), last)
  }

  /// The first word of a descriptor, as the GPU left it in memory.
  func status(_ index: UInt64) -> UInt32? {
    machine.deviceRead(physicalDescriptors + index * 64).map { UInt32(truncatingIfNeeded: $0) }
  }
}

@Suite struct JobChainTests {
  @Test func nullJobIsDone() {
    let jobs = Jobs()
    let job = jobs.add(0, type: SOC_JOB_NULL.rawValue)
    #expect(jobs.execute(job) == (SOC_JOB_DONE, job))
    #expect(jobs.status(0) == 1)
    #expect(jobs.machine.counters.jobs == 1)
  }

  @Test(
    arguments: [
      (SOC_VALUE_IMMEDIATE_8, 0xffff_ffff_ffff_ff88),
      (SOC_VALUE_IMMEDIATE_16, 0xffff_ffff_ffff_7788),
      (SOC_VALUE_IMMEDIATE_32, 0xffff_ffff_5566_7788),
      (SOC_VALUE_IMMEDIATE_64, 0x1122_3344_5566_7788),
      (SOC_VALUE_ZERO, 0), (SOC_VALUE_TIMESTAMP, 4321), (SOC_VALUE_CYCLES, 4321),
    ] as [(soc_job_value, UInt64)])
  func writeValueJobWritesItsType(_ type: soc_job_value, _ expected: UInt64) {
    let jobs = Jobs()
    jobs.machine.state.nanoseconds = 4321
    jobs.machine.store(UInt64.max, at: jobs.physicalData)
    jobs.machine.maintain(SOC_CLEAN, jobs.physicalData)
    let job = jobs.add(
      0, type: SOC_JOB_WRITE_VALUE.rawValue, target: Jobs.data, valueType: type,
      value: 0x1122_3344_5566_7788)
    #expect(jobs.execute(job).status == SOC_JOB_DONE)
    #expect(jobs.machine.deviceRead(jobs.physicalData) == expected)
    #expect(jobs.machine.load(at: jobs.physicalData) == UInt64.max, "the CPU's line is stale")
  }

  @Test func chainExecutesInOrder() {
    let jobs = Jobs()
    // A 32-bit link ignores the upper half of the field.
    let first = jobs.add(
      0, type: SOC_JOB_NULL.rawValue, next: 0xffff_ffff_0000_0000 | (Jobs.descriptors + 64),
      has64Bits: false)
    jobs.add(
      1, type: SOC_JOB_WRITE_VALUE.rawValue, next: Jobs.descriptors + 128, target: Jobs.data,
      value: 1)
    let last = jobs.add(
      2, type: SOC_JOB_WRITE_VALUE.rawValue, target: Jobs.data, value: 2)
    #expect(jobs.execute(first) == (SOC_JOB_DONE, last))
    #expect(jobs.machine.deviceRead(jobs.physicalData) == 2)
    #expect(jobs.machine.counters.jobs == 3)
  }

  @Test func descriptorThatIsNotCleanedDoesNotExecute() {
    let jobs = Jobs()
    let job = jobs.add(
      0, type: SOC_JOB_WRITE_VALUE.rawValue, target: Jobs.data, value: 1, isCleaned: false)
    #expect(jobs.execute(job).status == SOC_JOB_CONFIG_FAULT)
    #expect(jobs.machine.deviceRead(jobs.physicalData) == 0)
  }

  @Test func unmappedDescriptorIsAReadFault() {
    let jobs = Jobs()
    let first = jobs.add(0, type: SOC_JOB_NULL.rawValue, next: 0x90_0000)
    #expect(jobs.execute(first) == (SOC_JOB_READ_FAULT, 0x90_0000))
    #expect(jobs.status(0) == 1)
    #expect(jobs.machine.counters.faults == 1)
  }

  @Test func unknownTypesAreConfigFaults() {
    for type: UInt32 in [0, 3, 0x7f] {
      let jobs = Jobs()
      let job = jobs.add(0, type: type)
      #expect(jobs.execute(job) == (SOC_JOB_CONFIG_FAULT, job))
      #expect(jobs.status(0) == 0x40)
    }
    let jobs = Jobs()
    let job = jobs.add(
      0, type: SOC_JOB_WRITE_VALUE.rawValue, target: Jobs.data,
      valueType: soc_job_value(rawValue: 8))
    #expect(jobs.execute(job).status == SOC_JOB_CONFIG_FAULT)
  }

  @Test(
    arguments: [(0x90_0000, GPUTables.accessFlag), (Jobs.data, GPUTables.readOnly)]
      as [(UInt64, UInt64)])
  func writeFaultNamesTheTarget(_ target: UInt64, _ flags: UInt64) {
    let jobs = Jobs(dataFlags: flags)
    let job = jobs.add(
      0, type: SOC_JOB_WRITE_VALUE.rawValue, next: Jobs.descriptors + 64, target: target, value: 1)
    jobs.add(1, type: SOC_JOB_NULL.rawValue)
    #expect(jobs.execute(job) == (SOC_JOB_WRITE_FAULT, job))
    #expect(jobs.machine.deviceRead(jobs.physicalDescriptors + 8) == target)
    #expect(jobs.status(1) == 0, "the chain ends at its first fault")
  }

  @Test func chainThatLeadsBackIsEndless() {
    let jobs = Jobs()
    let first = jobs.add(0, type: SOC_JOB_NULL.rawValue, next: Jobs.descriptors + 64)
    jobs.add(1, type: SOC_JOB_NULL.rawValue, next: first)
    #expect(jobs.execute(first) == (SOC_JOB_ENDLESS, first))
    #expect(jobs.machine.counters.jobs == 2)
  }
}

@Suite struct JobManagerTests {
  private let gpu = soc_gpu_place_at(0)
  private let slot = SOC_JS + SOC_JS_STRIDE

  private func prepare(_ machine: Machine) -> Jobs {
    let jobs = Jobs(machine)
    let space = SOC_AS + 2 * SOC_AS_STRIDE
    machine.setRegister(gpu, space + SOC_AS_TRANSTAB, jobs.tables.root)
    machine.setRegister(gpu, space + SOC_AS_TRANSCFG, GPUTables.nonCoherent)
    machine.setRegister(gpu, SOC_JOB_INT + SOC_INT_MASK, UInt32.max)
    // The kernel scan at each start of a job needs a kernel with 48-bit addresses.
    machine.state.system[Int(SOC_TCR.rawValue)] = 16 << 16 | 2 << 30
    machine.state.system[Int(SOC_TTBR1.rawValue)] = machine.pages()
    return jobs
  }

  private func start(_ machine: Machine, _ chain: UInt64) {
    machine.setRegister(gpu, slot + SOC_JS_HEAD_NEXT, chain)
    machine.setRegister(gpu, slot + SOC_JS_CONFIG_NEXT, 2 as UInt32)
    machine.setRegister(gpu, slot + SOC_JS_COMMAND_NEXT, 1 as UInt32)
  }

  @Test func startedChainExecutesAndInterrupts() {
    let machine = Machine()
    let jobs = prepare(machine)
    start(machine, jobs.add(0, type: SOC_JOB_WRITE_VALUE.rawValue, target: Jobs.data, value: 4))
    #expect(machine.deviceRead(jobs.physicalData) == 4)
    #expect(machine.register(gpu, slot + SOC_JS_STATUS) == 1)
    #expect(machine.register(gpu, slot + SOC_JS_COMMAND_NEXT) == 0)
    #expect(machine.register(gpu, SOC_JOB_INT + SOC_INT_RAWSTAT) == 1 << 1)
    #expect(machine.state.interrupts == [100])
    machine.setRegister(gpu, SOC_JOB_INT + SOC_INT_CLEAR, 1 << 1 as UInt32)
    #expect(machine.register(gpu, SOC_JOB_INT + SOC_INT_STAT) == 0)
  }

  @Test func failedChainSetsTheUpperBit() {
    let machine = Machine()
    let jobs = prepare(machine)
    start(machine, jobs.add(0, type: 9))
    #expect(machine.register(gpu, SOC_JOB_INT + SOC_INT_RAWSTAT) == 1 << 17)
    #expect(machine.register(gpu, slot + SOC_JS_STATUS) == 0x40)
  }

  @Test func maskedInterruptIsNotRaised() {
    let machine = Machine()
    let jobs = prepare(machine)
    machine.setRegister(gpu, SOC_JOB_INT + SOC_INT_MASK, 0 as UInt32)
    start(machine, jobs.add(0, type: SOC_JOB_NULL.rawValue))
    #expect(machine.state.interrupts.isEmpty)
    machine.setRegister(gpu, SOC_JOB_INT + SOC_INT_MASK, 1 << 1 as UInt32)
    #expect(machine.state.interrupts == [100])
  }

  @Test func lateChainExecutesWhenItIsDue() {
    let machine = Machine { $0.late_nanoseconds = 1000 }
    let jobs = prepare(machine)
    machine.state.guestNanoseconds = 500
    start(machine, jobs.add(0, type: SOC_JOB_WRITE_VALUE.rawValue, target: Jobs.data, value: 4))
    machine.state.guestNanoseconds = 1499
    soc_tick(machine.soc)
    #expect(machine.deviceRead(jobs.physicalData) == 0)
    machine.state.guestNanoseconds = 1500
    soc_tick(machine.soc)
    #expect(machine.deviceRead(jobs.physicalData) == 4)
    #expect(machine.state.interrupts == [100])
  }

  @Test func nextChainStartsAtTheEndOfTheFirst() {
    let machine = Machine { $0.late_nanoseconds = 10 }
    let jobs = prepare(machine)
    start(machine, jobs.add(0, type: SOC_JOB_WRITE_VALUE.rawValue, target: Jobs.data, value: 1))
    start(machine, jobs.add(1, type: SOC_JOB_WRITE_VALUE.rawValue, target: Jobs.data + 8, value: 2))
    machine.state.guestNanoseconds = 10
    soc_tick(machine.soc)
    #expect(machine.deviceRead(jobs.physicalData) == 1)
    #expect(machine.deviceRead(jobs.physicalData + 8) == 0)
    machine.state.guestNanoseconds = 20
    soc_tick(machine.soc)
    #expect(machine.deviceRead(jobs.physicalData + 8) == 2)
  }

  @Test func endlessChainEndsWhenItIsStopped() {
    let machine = Machine()
    let jobs = prepare(machine)
    start(machine, jobs.add(0, type: SOC_JOB_NULL.rawValue, next: Jobs.descriptors))
    #expect(machine.register(gpu, slot + SOC_JS_STATUS) == 0x08)
    #expect(machine.state.interrupts.isEmpty)
    machine.setRegister(gpu, slot + SOC_JS_COMMAND, 3 as UInt32)  // hard stop
    #expect(machine.register(gpu, slot + SOC_JS_STATUS) == 0x04)
    #expect(machine.register(gpu, SOC_JOB_INT + SOC_INT_RAWSTAT) == 1 << 17)
  }

  @Test func resetForgetsTheChainAndReportsItsEnd() {
    let machine = Machine { $0.late_nanoseconds = 10 }
    let jobs = prepare(machine)
    start(machine, jobs.add(0, type: SOC_JOB_WRITE_VALUE.rawValue, target: Jobs.data, value: 1))
    machine.setRegister(gpu, SOC_GPU_CMD, 1 as UInt32)
    machine.state.guestNanoseconds = 10
    soc_tick(machine.soc)
    #expect(machine.deviceRead(jobs.physicalData) == 0)
    #expect(
      machine.register(gpu, SOC_GPU_INT + SOC_INT_RAWSTAT) == UInt32(SOC_GPU_INT_RESET_COMPLETED))
  }

  @Test func powerRequestsChangeTheReadyBits() {
    let machine = Machine()
    machine.setRegister(gpu, SOC_GPU_PWRON, 3 as UInt32)
    #expect(machine.register(gpu, SOC_GPU_READY) == 3)
    machine.setRegister(gpu, SOC_GPU_PWROFF, 1 as UInt32)
    #expect(machine.register(gpu, SOC_GPU_READY) == 2)
  }
}
