// SPDX-License-Identifier: MIT

import CDRM
import DRMKernel
import Testing

@testable import MockDRM

/// Tests of the contents of new memory, and of the effects of DMA and CPU mappings on lines.
@Suite struct MappingTests {
  private let poison = MockMemory.poison

  private func memory(_ machine: CacheMachine, _ buffer: CacheMachine.Buffer, _ at: Int) -> UInt8? {
    machine.kernel.lines(of: machine.range(buffer, at..<at + 1)).first?.memory.first
  }

  @Test func newMemoryIsDirtyZeroesOverPreviousContents() throws {
    let machine = try CacheMachine("panthor")
    let buffer = machine.create(on: machine.open())
    let lines = machine.kernel.lines(of: machine.range(buffer))
    #expect(lines.count == 64)
    #expect(
      Set(lines) == [
        ModelledLine(
          state: .dirty, cpu: [UInt8](repeating: 0, count: 64),
          memory: [UInt8](repeating: 0xdb, count: 64))
      ])
  }

  @Test func mappingForADeviceCleansAll() throws {
    let machine = try CacheMachine("panthor")
    let buffer = machine.create(on: machine.open())
    machine.store([1], machine.map(buffer) + 4095)
    #expect(machine.bind(buffer) == 0)
    #expect(machine.deviceReads(buffer, 4094..<4096) == [0, 1])
    #expect(Set(machine.states(buffer, 0..<4096)) == [.clean])
    // Only the first mapping cleans.
    machine.store([2], machine.map(buffer) + 4095)
    #expect(machine.bind(buffer) == 0)
    #expect(machine.deviceReads(buffer, 4095..<4096) == [1])
  }

  @Test func aSyncMapsFirstWhereThereArePages() throws {
    let machine = try CacheMachine("panthor")
    let buffer = machine.create(on: machine.open())
    #expect(machine.sync(buffer, 0..<64, 0) == 0)
    #expect(memory(machine, buffer, 0) == poison)
    machine.store([1], machine.map(buffer) + 1000)
    #expect(machine.sync(buffer, 0..<64, 0) == 0)
    #expect(Set(machine.states(buffer, 0..<4096)) == [.clean])
    #expect(memory(machine, buffer, 960) == 0)
  }

  @Test func anImportAllocatesPages() throws {
    let machine = try CacheMachine("panthor", "panfrost")
    let buffer = machine.create(on: machine.open())
    let other = machine.importing(machine.export(buffer), into: machine.open(1))
    #expect(machine.sync(buffer, 0..<64, 0) == 0)
    #expect(machine.deviceReads(other, 4095..<4096) == [0])
  }

  @Test(arguments: ["panfrost", "powervr"])
  func otherDriversMapAtCreation(_ driver: String) throws {
    let machine = try CacheMachine(driver)
    let buffer = machine.create(on: machine.open())
    #expect(memory(machine, buffer, 0) == 0)
  }

  @Test func heapBuffersAreNotMappedAtCreation() throws {
    let machine = try CacheMachine("panfrost")
    let flags = UInt32(CDRM_PANFROST_BO_HEAP | CDRM_PANFROST_BO_NOEXEC)
    let buffer = machine.create(on: machine.open(), size: 2 << 20, flags: flags)
    #expect(memory(machine, buffer, 0) == poison)
    #expect(machine.submit(buffer, 0..<1) == Int(Errno.EFAULT.answer))
  }

  @Test func noMappingOfACoherentDeviceMaintains() throws {
    let machine = try CacheMachine("panfrost,coherent")
    let buffer = machine.create(on: machine.open())
    #expect(machine.syncPanfrost(buffer, 0..<4096, 1) == 0)
    #expect(machine.syncDMABuf(machine.export(buffer), 1) == 0)
    #expect(Set(machine.states(buffer, 0..<4096)) == [.dirty])
    #expect(memory(machine, buffer, 0) == poison)
  }

  @Test func anImportIsNotCleaned() throws {
    let machine = try CacheMachine("panthor", "panfrost")
    let buffer = machine.create(on: machine.open())
    let other = machine.importing(machine.export(buffer), into: machine.open(1))
    #expect(machine.deviceReads(other, 0..<2) == [poison, poison])
    // The device writes memory below a line of dirty zeroes, which overwrites it later.
    machine.deviceWrites(other, [1], at: 0)
    #expect(machine.deviceReads(other, 0..<2) == [1, poison])
    #expect(machine.states(buffer, 0..<64) == [.dirty])
    #expect(machine.bind(buffer) == 0)
    #expect(machine.deviceReads(other, 0..<2) == [0, 0])
  }

  @Test func aWriteCombiningMappingFindsZeroes() throws {
    let machine = try CacheMachine("panthor", "panfrost")
    let buffer = machine.create(on: machine.open(), flags: 0)
    let other = machine.importing(machine.export(buffer), into: machine.open(1))
    #expect(machine.deviceReads(other, 4095..<4096) == [poison])
    machine.deviceWrites(other, [1], at: 0)
    let address = machine.map(buffer)
    // All lines were cleaned, which overwrote the device's write.
    #expect(machine.deviceReads(other, 0..<1) + machine.deviceReads(other, 4095..<4096) == [0, 0])
    #expect(machine.load(address) == [0])
  }

  @Test func aWriteCombiningMappingAccessesMemory() throws {
    let machine = try CacheMachine("panthor")
    let buffer = machine.bound(on: machine.open(), flags: 0)
    machine.deviceWrites(buffer, [6], at: 64)
    let address = machine.map(buffer)
    #expect(machine.load(address + 64) == [6])
    machine.store([1], address, .unmarked)
    #expect(machine.deviceReads(buffer, 0..<1) == [1])
    machine.deviceWrites(buffer, [2], at: 0)
    #expect(machine.load(address, 1, .unmarked) == [2])
  }

  @Test func aCoherentDeviceAccessesLines() throws {
    let machine = try CacheMachine("panthor,coherent,fill=never", "panfrost")
    let buffer = machine.bound(on: machine.open())
    let address = machine.map(buffer)
    let other = machine.importing(machine.export(buffer), into: machine.open(1))
    machine.store([1], address)
    #expect(machine.deviceReads(buffer, 0..<1) == [1])
    #expect(machine.deviceReads(other, 0..<1) == [poison])
    // It writes both images, and lines keep their state.
    machine.deviceWrites(buffer, [2], at: 1)
    #expect(machine.load(address, 3) == [1, 2, 0])
    #expect(machine.deviceReads(other, 0..<2) == [poison, 2])
    #expect(machine.states(buffer, 0..<64) == [.dirty])
    #expect(machine.kernel.maintainCaches(.clean, address, length: 128) == 0)
    // Memory changes below a clean line; the coherent device reads and writes the line.
    machine.deviceWrites(other, [9, 9], at: 64)
    #expect(machine.deviceReads(buffer, 64..<65) == [0])
    machine.deviceWrites(buffer, [3], at: 65)
    #expect(machine.states(buffer, 64..<128) == [.clean])
    #expect(machine.load(address + 64, 2) == [0, 3])
    #expect(machine.deviceReads(other, 64..<66) == [9, 3])
    // Where a line is absent, it reads memory.
    #expect(machine.kernel.maintainCaches(.cleanAndInvalidate, address, length: 128) == 0)
    #expect(machine.deviceReads(buffer, 64..<66) == [9, 3])
    machine.deviceWrites(buffer, [4], at: 64)
    #expect(machine.states(buffer, 64..<128) == [.absent])
    #expect(machine.load(address + 64) == [4])
  }

  @Test func aHugeBufferStaysUntouched() throws {
    let machine = try CacheMachine("panthor,fill=never", "panfrost")
    let size = 256 << 30
    let buffer = machine.create(on: machine.open(), size: size)
    #expect(machine.bind(buffer) == 0)
    #expect(machine.sync(buffer, 0..<size, 1) == 0)
    let dmaBuf = machine.export(buffer)
    machine.syncDMABuf(dmaBuf, 3)
    machine.syncDMABuf(dmaBuf, 7)
    let untouched = machine.create(on: buffer.node, size: size)
    machine.syncDMABuf(machine.export(untouched), 3)
    _ = machine.importing(machine.export(untouched), into: machine.open(1))
    machine.syncDMABuf(machine.export(untouched), 3)
    let images = machine.kernel.machine.withLock { machine in
      [buffer, untouched].compactMap { buffer -> MemoryImages? in
        guard case .node(let file) = machine.descriptors[buffer.node] else { return nil }
        return file.handles[buffer.handle]?.memory.images
      }
    }
    #expect(images.map(\.isTouched) == [false, false])
  }
}
