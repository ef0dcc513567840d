// SPDX-License-Identifier: MIT

import CDRM
import DRMKernel
import Testing

@testable import MockDRM

/// Tests of how a GPU reads and executes job descriptors.
@Suite struct ChainTests {
  @Test func aDescriptorIsReadFromMemory() throws {
    for (options, flushed, wanted) in [
      ("panfrost,fill=never", true, 7), ("panfrost,fill=never", false, 0),
      ("panfrost,evict=always,fill=never", false, 7), ("panfrost,coherent", false, 7),
    ] as [(String, Bool, UInt8)] {
      let jobs = try JobMachine(options)
      jobs.sync(0..<4096, 0)
      jobs.put(jobs.writing(7), flushed: flushed)
      #expect(jobs.submit() == 0 && jobs.wait() == 0)
      #expect(jobs.memory(JobMachine.target) == wanted, "\(options)")
    }
  }

  @Test func anUnflushedPatchRunsTheOldDescriptor() throws {
    let jobs = try JobMachine("panfrost,fill=never")
    jobs.put(jobs.writing(1))
    jobs.put(jobs.writing(2), flushed: false)
    #expect(jobs.submit() == 0 && jobs.wait() == 0)
    #expect(jobs.memory(JobMachine.target) == 1)
    // The dirty line overwrites the status word, which the next job does not read.
    jobs.sync(0..<64, 0)
    #expect(jobs.submit() == 0 && jobs.wait() == 0)
    #expect(jobs.memory(JobMachine.target) == 2)
  }

  @Test func theCPUReadsDeviceWritesAfterAnInvalidation() throws {
    let jobs = try JobMachine("panfrost")
    jobs.put(jobs.writing(7))
    _ = jobs.machine.load(jobs.address + JobMachine.target)
    #expect(jobs.submit() == 0 && jobs.wait() == 0)
    #expect(jobs.machine.load(jobs.address + JobMachine.target) == [0])
    #expect(jobs.machine.load(jobs.address) == [0])
    jobs.sync(0..<4096, 1)
    #expect(jobs.machine.load(jobs.address + JobMachine.target) == [7])
    #expect(jobs.machine.load(jobs.address) == [1])
  }

  @Test func aPatchBetweenAccessesIsRead() throws {
    let jobs = try JobMachine("panfrost,fill=never")
    jobs.put(jobs.writing(1))
    #expect(jobs.submit() == 0)
    // The value is patched between the reads of header and payload.
    #expect(jobs.kernel.perform(.runAccess(job: 0)) == 0)
    jobs.put(jobs.writing(2))
    for _ in 0..<2 { #expect(jobs.kernel.perform(.runAccess(job: 0)) == 0) }
    #expect(jobs.memory(JobMachine.target) == 2 && jobs.word(0) == 0)
    #expect(jobs.kernel.perform(.runAccess(job: 0)) == 0)
    #expect(jobs.word(0) == 1)
    #expect(jobs.kernel.perform(.runAccess(job: 0)) == Errno.ENOENT.answer)
  }

  @Test func valuesHaveTheirWidths() throws {
    let jobs = try JobMachine("panfrost,fill=never")
    jobs.sync(0..<4096, 0)
    let value: UInt64 = 0x8877_6655_4433_2211
    for (index, (kind, width)) in [(4, 1), (5, 2), (6, 4), (7, 8)].enumerated() {
      jobs.put(
        JobMachine.descriptor(2, jobs.place + UInt64(JobMachine.target), UInt64(kind), value))
      jobs.machine.store([UInt8](repeating: 0xff, count: 16), jobs.address + JobMachine.target)
      jobs.sync(JobMachine.target..<JobMachine.target + 16, 0)
      #expect(jobs.submit() == 0 && jobs.wait() == 0)
      let bytes = (0..<9).map { jobs.memory(JobMachine.target + $0) }
      let wanted: [UInt8] = [0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0xff]
      #expect(bytes[..<width] == wanted[..<width], "\(index)")
      #expect(bytes[width...].allSatisfy { $0 == 0xff })
    }
    // Zeroes, and a clock.
    for kind in [3, 1] as [UInt64] {
      jobs.put(JobMachine.descriptor(2, jobs.place + UInt64(JobMachine.target), kind, value))
      #expect(jobs.submit() == 0 && jobs.wait() == 0)
      let bytes = (0..<8).map { jobs.memory(JobMachine.target + $0) }
      #expect(bytes.allSatisfy { $0 == 0 } == (kind == 3))
    }
  }

  @Test func aShortHeaderHasAShortNext() throws {
    let jobs = try JobMachine("panfrost,fill=never")
    var header = JobMachine.descriptor(1, next: 0xdead_0000_0000 << 16 | jobs.place + 64)
    header[16] &= 0xfe
    jobs.put(header)
    jobs.put(jobs.writing(3), at: 1)
    #expect(jobs.submit() == 0 && jobs.wait() == 0)
    #expect(jobs.memory(JobMachine.target) == 3)
  }

  @Test func aFaultEndsTheChainWithItsCode() throws {
    let jobs = try JobMachine("panfrost,fill=never")
    let end = jobs.place + 4096
    for (descriptor, at, code) in [
      (JobMachine.descriptor(0x55, next: jobs.place + 64), 0, 0x40),
      (JobMachine.descriptor(2, next: jobs.place + 64, jobs.place + 2048, 9, 1), 0, 0x40),
      (JobMachine.descriptor(2, next: jobs.place + 64, end, 6, 1), 0, 0x43),
      (JobMachine.descriptor(2, next: jobs.place + 64, end - 2, 6, 1), 0, 0x43),
    ] as [([UInt8], Int, UInt8)] {
      jobs.put(descriptor, at: at)
      jobs.put(jobs.writing(9), at: 1)
      let result = jobs.syncobj()
      #expect(jobs.submit(result: result) == 0)
      let file = jobs.export(result)
      #expect(jobs.status(file) == 0 && jobs.wait() == 0)
      #expect(jobs.status(file) == Errno.EINVAL.answer)
      #expect(jobs.word(at) == code && jobs.word(1) == 0)
      #expect(jobs.memory(JobMachine.target) != 9)
    }
    // A descriptor that is not mapped, and one whose second half is not.
    let half = jobs.place + 4096 - 32
    jobs.machine.store(
      Array(JobMachine.descriptor(2)[..<32]), jobs.address + 4096 - 32)
    jobs.sync(4032..<4096, 0)
    for (chain, code) in [(end, 0), (half, 0x42), (0, 0), (.max - 8, 0)] as [(UInt64, UInt8)]
    where chain != 0 {
      let result = jobs.syncobj()
      #expect(jobs.submit(chain, result: result) == 0)
      let file = jobs.export(result)
      #expect(jobs.kernel.poll(file, events: 1, milliseconds: 1) == 1)
      #expect(jobs.status(file) == Errno.EINVAL.answer)
      #expect(jobs.memory(4096 - 32) == code || chain != half)
    }
  }

  @Test func aHeapGrowsWhereTheGPUFaults() throws {
    let jobs = try JobMachine("panfrost")
    let size = 4 << 20
    let heap = jobs.machine.create(on: jobs.node, size: size, flags: 3)
    let place = JobMachine.place(of: heap, jobs.kernel)
    let records = { jobs.kernel.maintenance.map(\.range).filter { $0.count > 4096 } }
    #expect(records().isEmpty)
    jobs.put(JobMachine.descriptor(2, place + UInt64(3 << 20), 6, 1))
    for _ in 0..<2 {
      let result = jobs.syncobj()
      #expect(jobs.submit(result: result) == 0 && jobs.wait() == 0)
      #expect(jobs.status(jobs.export(result)) == 1)
      #expect(records() == [2 << 20..<4 << 20])
    }
  }

  @Test func addressesBelongToOneFile() throws {
    let jobs = try JobMachine("panfrost,fill=never")
    let other = jobs.machine.open()
    let foreign = jobs.machine.create(on: other)
    #expect(JobMachine.place(of: foreign, jobs.kernel) == jobs.place)
    jobs.put(jobs.writing(5))
    // The same address in another file is another BO, of zeroes.
    #expect(jobs.submit(jobs.place, on: other) == 0)
    _ = jobs.kernel.close(other)
    #expect(jobs.word(0) == 0)
    #expect(jobs.submit() == 0 && jobs.wait() == 0)
    #expect(jobs.word(0) == 1)
  }

  @Test func aJobKeepsItsBuffersMapped() throws {
    for named in [true, false] {
      let jobs = try JobMachine("panfrost,fill=never")
      let target = jobs.machine.create(on: jobs.node)
      let place = JobMachine.place(of: target, jobs.kernel)
      jobs.put(JobMachine.descriptor(2, place, 6, 1))
      let result = jobs.syncobj()
      #expect(
        jobs.submit(
          jobs.place, naming: named ? [jobs.buffer.handle, target.handle] : [jobs.buffer.handle],
          result: result) == 0)
      jobs.machine.close(target)
      #expect(jobs.kernel.usage.buffers == (named ? 2 : 1))
      #expect(jobs.wait() == 0)
      #expect(jobs.status(jobs.export(result)) == (named ? 1 : Errno.EINVAL.answer))
      #expect(jobs.kernel.usage.buffers == 1)
    }
  }
}
