// SPDX-License-Identifier: MIT

import DRMKernel
import Testing

@testable import MockDRM

/// Tests of cache maintenance by address, without a driver.
@Suite struct UserlandTests {
  @Test(arguments: ["panthor,coherent,fill=never", "panthor,fill=never"])
  func maintainsLinesForCoherentDevicesToo(_ profile: String) throws {
    let machine = try CacheMachine(profile)
    // Not bound, so there is no DMA mapping.
    let buffer = machine.create(on: machine.open())
    let address = machine.map(buffer)
    #expect(machine.states(buffer, 0..<64) == [.dirty])
    machine.store([1], address)
    #expect(machine.kernel.maintainCaches(.clean, address, length: 1) == 0)
    #expect(machine.states(buffer, 0..<128) == [.clean, .dirty])
    #expect(machine.kernel.lines(of: machine.range(buffer, 0..<1)).first?.memory.first == 1)
    machine.store([2], address)
    #expect(machine.kernel.maintainCaches(.cleanAndInvalidate, address, length: 1) == 0)
    #expect(machine.states(buffer, 0..<128) == [.absent, .dirty])
    #expect(machine.kernel.lines(of: machine.range(buffer, 0..<1)).first?.memory.first == 2)
    #expect(machine.kernel.maintenance.isEmpty)
  }

  @Test func maintainsTheMappedPartOfARange() throws {
    let machine = try CacheMachine("panthor")
    let buffer = machine.bound(on: machine.open())
    let address = machine.map(buffer)
    machine.store([1], address + 4095)
    #expect(machine.kernel.maintainCaches(.clean, address + 4095, length: 1 << 20) == 0)
    #expect(machine.deviceReads(buffer, 4095..<4096) == [1])
    #expect(machine.kernel.maintainCaches(.clean, 4096, length: 64) == Errno.EFAULT.answer)
    #expect(machine.kernel.munmap(address, length: 4096) == 0)
    #expect(machine.kernel.maintainCaches(.clean, address, length: 1) == Errno.EFAULT.answer)
  }

  @Test func doesNothingToAWriteCombiningMapping() throws {
    let machine = try CacheMachine("panthor,fill=never")
    let buffer = machine.bound(on: machine.open(), flags: 0)
    let address = machine.map(buffer)
    machine.store([1], address)
    #expect(machine.deviceReads(buffer, 0..<1) == [1])
    #expect(machine.kernel.maintainCaches(.cleanAndInvalidate, address, length: 1) == 0)
    machine.deviceWrites(buffer, [2], at: 0)
    #expect(machine.load(address) == [2])
  }

  @Test func maintainsThroughAPartOfAMapping() throws {
    let machine = try CacheMachine("panthor")
    let buffer = machine.bound(on: machine.open(), size: 3 * 4096)
    let address = machine.map(buffer)
    // The rest of a mapping keeps its offset.
    #expect(machine.kernel.munmap(address + 4096, length: 4096) == 0)
    machine.store([1], address + 8192)
    #expect(machine.kernel.maintainCaches(.clean, address + 8192, length: 1) == 0)
    #expect(machine.deviceReads(buffer, 8192..<8193) == [1])
  }
}
