// SPDX-License-Identifier: MIT

import CDRM
import DRMKernel
import Testing

@testable import MockDRM

/// Tests of `DMA_BUF_IOCTL_SYNC` on lines, by exporter.
@Suite struct DMABufSyncTests {
  private let startRead = 1
  private let startWrite = 2
  private let endRead = 5
  private let endWrite = 6

  @Test func aStartInvalidatesLinesUnlessTheDeviceOnlyReads() throws {
    let machine = try CacheMachine(CacheMachine.exact("panfrost"))
    let buffer = machine.create(on: machine.open())
    let (address, dmaBuf) = (machine.map(buffer), machine.export(buffer))
    machine.deviceWrites(buffer, [1], at: 4095)
    machine.syncDMABuf(dmaBuf, startWrite)
    #expect(machine.load(address + 4095) == [0])
    machine.syncDMABuf(dmaBuf, startRead)
    #expect(machine.load(address + 4095) == [1])
    #expect(machine.states(buffer, 0..<128) == [.absent, .absent])
  }

  @Test func anEndCleansInEveryDirection() throws {
    let machine = try CacheMachine("panfrost")
    let buffer = machine.create(on: machine.open())
    let (address, dmaBuf) = (machine.map(buffer), machine.export(buffer))
    for (value, flags) in [(1 as UInt8, endRead), (2, endWrite), (3, 7)] {
      machine.store([value], address + 4095)
      machine.syncDMABuf(dmaBuf, flags)
      #expect(machine.deviceReads(buffer, 4095..<4096) == [value])
    }
  }

  @Test func importersMappingsAreSyncedToo() throws {
    let machine = try CacheMachine("panthor", "panfrost")
    let buffer = machine.create(on: machine.open())
    let (address, dmaBuf) = (machine.map(buffer), machine.export(buffer))
    // Neither the BO nor an import is mapped for a device: nothing is done.
    machine.store([1], address)
    machine.syncDMABuf(dmaBuf, endWrite)
    #expect(machine.states(buffer, 0..<64) == [.dirty])
    let other = machine.importing(dmaBuf, into: machine.open(1))
    machine.syncDMABuf(dmaBuf, endWrite)
    #expect(machine.deviceReads(other, 0..<1) == [1])
    machine.deviceWrites(other, [2], at: 0)
    machine.syncDMABuf(dmaBuf, startRead)
    #expect(machine.load(address) == [2])
  }

  @Test func aHeapSyncsImportersOnly() throws {
    let machine = try CacheMachine("panfrost,heap,fill=never")
    let dmaBuf = machine.allocateFromHeap()
    let address = machine.mapDMABuf(dmaBuf)
    machine.store([1], address)
    let whole = ModelledRange(descriptor: dmaBuf, handle: 0, range: 0..<4096)
    let states = { Set(machine.kernel.lines(of: whole).map(\.state)) }
    machine.syncDMABuf(dmaBuf, startRead)
    machine.syncDMABuf(dmaBuf, endWrite)
    #expect(states() == [.dirty])
    // An import cleans, and its end invalidates.
    let other = machine.importing(dmaBuf, into: machine.open())
    #expect(states() == [.clean])
    #expect(machine.deviceReads(other, 0..<1) == [1])
    machine.store([2], address)
    machine.syncDMABuf(dmaBuf, endRead)
    #expect(machine.deviceReads(other, 0..<1) == [2])
    machine.deviceWrites(other, [3], at: 0)
    machine.close(other)
    #expect(states() == [.absent])
    #expect(machine.load(address) == [3])
  }

  @Test func aCoherentImporterIsNotSynced() throws {
    let machine = try CacheMachine("panfrost,coherent,heap,fill=never")
    let dmaBuf = machine.allocateFromHeap()
    let other = machine.importing(dmaBuf, into: machine.open())
    machine.syncDMABuf(dmaBuf, 3)
    #expect(Set(machine.states(other, 0..<4096)) == [.dirty])
    #expect(machine.deviceReads(other, 0..<1) == [0])
  }

  @Test func aUDMABufSyncsItselfFromItsFirstStartOn() throws {
    let machine = try CacheMachine("panfrost,fill=never")
    let file = cdrm_sealed_memory_file("test", 4096, CInt(CDRM_SEAL_SHRINK))
    defer { _ = cdrm_close(file) }
    let dmaBuf = machine.createUDMABuf(of: file)
    let other = machine.importing(dmaBuf, into: machine.open())
    let address = machine.mapDMABuf(dmaBuf)
    #expect(machine.deviceReads(other, 0..<1) == [MockMemory.poison])
    machine.store([1], address)
    #expect(machine.syncDMABuf(dmaBuf, endWrite) == Errno.EINVAL.answer)
    #expect(machine.deviceReads(other, 0..<1) == [MockMemory.poison])
    #expect(machine.syncDMABuf(dmaBuf, startWrite) == 0)
    #expect(machine.syncDMABuf(dmaBuf, endWrite) == 0)
    #expect(machine.deviceReads(other, 0..<1) == [1])
    machine.deviceWrites(other, [2], at: 0)
    #expect(machine.syncDMABuf(dmaBuf, startRead) == 0)
    #expect(machine.load(address) == [2])
  }

  @Test func aFirstStartLosesTheFilesContents() throws {
    let machine = try CacheMachine("panfrost,fill=never")
    let file = cdrm_sealed_memory_file("test", 4096, CInt(CDRM_SEAL_SHRINK))
    defer { _ = cdrm_close(file) }
    let dmaBuf = machine.createUDMABuf(of: file)
    #expect(machine.syncDMABuf(dmaBuf, startRead) == 0)
    #expect(machine.load(machine.mapDMABuf(dmaBuf)) == [MockMemory.poison])
  }

  @Test func aWriteCombiningBOHasLinesUntilItIsMapped() throws {
    let machine = try CacheMachine("panfrost,fill=never", "panfrost,coherent")
    let buffer = machine.create(on: machine.open(), flags: 0)
    let other = machine.importing(machine.export(buffer), into: machine.open(1))
    machine.deviceWrites(buffer, [1], at: 0)
    #expect(machine.deviceReads(other, 0..<1) == [0])
    _ = machine.map(buffer)
    machine.deviceWrites(buffer, [2], at: 0)
    #expect(machine.deviceReads(other, 0..<1) == [2])
  }

  @Test func powervrHasNoHooks() throws {
    let machine = try CacheMachine("powervr,coherent,fill=never", "panfrost")
    let buffer = machine.create(on: machine.open())
    let (address, dmaBuf) = (machine.map(buffer), machine.export(buffer))
    let other = machine.importing(dmaBuf, into: machine.open(1))
    machine.store([1], address)
    machine.syncDMABuf(dmaBuf, endWrite)
    #expect(machine.deviceReads(other, 0..<1) == [MockMemory.poison])
    machine.syncDMABuf(dmaBuf, startRead)
    #expect(machine.load(address) == [1])
  }
}
