// SPDX-License-Identifier: MIT

import DRMKernel
import Testing

@testable import MockDRM

/// Tests of stores, flushes and device accesses on a BO with WB mapping of a non-coherent device.
@Suite struct LineTests {
  private let machine: CacheMachine
  private let buffer: CacheMachine.Buffer
  private let address: Int

  init() throws {
    machine = try CacheMachine(CacheMachine.exact("panthor"))
    buffer = machine.bound(on: machine.open())
    address = machine.map(buffer)
  }

  @Test(arguments: CacheMachine.Marking.allCases)
  func aStoreReachesTheDeviceByAFlush(_ marking: CacheMachine.Marking) {
    machine.store([7], address + 130, marking)
    #expect(machine.states(buffer, 64..<256) == [.clean, .dirty, .clean])
    #expect(machine.deviceReads(buffer, 130..<131) == [0])
    #expect(machine.sync(buffer, 130..<131, 0) == 0)
    #expect(machine.states(buffer, 128..<192) == [.clean])
    #expect(machine.deviceReads(buffer, 130..<131) == [7])
  }

  @Test(arguments: CacheMachine.Marking.allCases)
  func aFlushCleansTheLinesOfItsRangeOnly(_ marking: CacheMachine.Marking) {
    machine.store([UInt8](repeating: 1, count: 320), address, marking)
    #expect(machine.sync(buffer, 127..<193, 0) == 0)
    #expect(machine.states(buffer, 0..<320) == [.dirty, .clean, .clean, .clean, .dirty])
    #expect(
      machine.deviceReads(buffer, 63..<65) + machine.deviceReads(buffer, 255..<257) == [
        0, 1, 1, 0,
      ])
  }

  @Test(arguments: CacheMachine.Marking.allCases)
  func aFlushWritesWholeLines(_ marking: CacheMachine.Marking) {
    machine.store([1], address, marking)
    machine.deviceWrites(buffer, [9, 9], at: 63)
    #expect(machine.sync(buffer, 0..<1, 0) == 0)
    // The next line is clean, so it is not written.
    #expect(machine.deviceReads(buffer, 63..<65) == [0, 9])
  }

  @Test func aStoreOfTheSameValueIsSeenWhereItIsMarked() {
    for (marking, left) in [(CacheMachine.Marking.marked, 0 as UInt8), (.unmarked, 5)] {
      machine.store([0], address + 256, marking)
      machine.deviceWrites(buffer, [5], at: 257)
      #expect(machine.sync(buffer, 256..<257, 0) == 0)
      #expect(machine.deviceReads(buffer, 257..<258) == [left])
    }
  }

  @Test(arguments: CacheMachine.Marking.allCases)
  func aPresentLineIsStaleUntilItIsInvalidated(_ marking: CacheMachine.Marking) {
    #expect(machine.load(address, 1, marking) == [0])
    machine.deviceWrites(buffer, [3], at: 0)
    #expect(machine.load(address, 1, marking) == [0])
    #expect(machine.sync(buffer, 0..<1, 0) == 0)
    #expect(machine.load(address, 1, marking) == [0])
    #expect(machine.deviceReads(buffer, 0..<1) == [3])
    #expect(machine.sync(buffer, 0..<1, 1) == 0)
    #expect(machine.load(address, 1, marking) == [3])
  }

  @Test(arguments: CacheMachine.Marking.allCases)
  func aStoreIntoAStaleLineIsDirty(_ marking: CacheMachine.Marking) {
    machine.deviceWrites(buffer, [3, 3], at: 0)
    // The value that memory holds, and the line does not.
    machine.store([3], address, marking)
    #expect(machine.states(buffer, 0..<64) == [.dirty])
    #expect(machine.sync(buffer, 0..<1, 0) == 0)
    #expect(machine.deviceReads(buffer, 0..<2) == [3, 0])
  }

  @Test func anAbsentLineFollowsMemory() {
    #expect(machine.sync(buffer, 0..<64, 1) == 0)
    #expect(machine.states(buffer, 0..<128) == [.absent, .clean])
    machine.deviceWrites(buffer, [4, 4], at: 0)
    #expect(machine.load(address, 1, .unmarked) == [4])
    // A load fills the line, which keeps its bytes.
    #expect(machine.load(address) == [4])
    #expect(machine.states(buffer, 0..<64) == [.clean])
    machine.deviceWrites(buffer, [5], at: 0)
    #expect(machine.load(address, 2) == [4, 4])
  }

  @Test(arguments: CacheMachine.Marking.allCases)
  func aStoreIntoAnAbsentLineFillsItFirst(_ marking: CacheMachine.Marking) {
    #expect(machine.sync(buffer, 0..<64, 1) == 0)
    machine.deviceWrites(buffer, [4, 4], at: 0)
    machine.store([6], address, marking)
    #expect(machine.states(buffer, 0..<64) == [.dirty])
    machine.deviceWrites(buffer, [5, 5, 5], at: 1)
    #expect(machine.load(address, 4) == [6, 4, 0, 0])
    #expect(machine.sync(buffer, 0..<1, 0) == 0)
    #expect(machine.deviceReads(buffer, 0..<4) == [6, 4, 0, 0])
  }

  @Test func anUnmarkedStoreIsFlushed() {
    #expect(machine.sync(buffer, 0..<64, 1) == 0)
    machine.store([6], address, .unmarked)
    machine.deviceWrites(buffer, [5], at: 64)
    machine.store([6], address + 65, .unmarked)
    #expect(machine.sync(buffer, 0..<128, 0) == 0)
    #expect(machine.states(buffer, 0..<128) == [.clean, .clean])
    #expect(machine.deviceReads(buffer, 0..<1) + machine.deviceReads(buffer, 64..<66) == [6, 0, 6])
  }

  @Test func theProfileSetsTheLineSize() throws {
    for size in [32, 64, 128] {
      let machine = try CacheMachine(CacheMachine.exact("panthor,line=\(size)"))
      let buffer = machine.bound(on: machine.open())
      machine.store([UInt8](repeating: 1, count: 256), machine.map(buffer))
      #expect(machine.sync(buffer, 0..<1, 0) == 0)
      let expected = [UInt8](repeating: 1, count: size) + [0]
      #expect(machine.deviceReads(buffer, 0..<size + 1) == expected)
    }
  }

  @Test func describesTheImagesOfLines() {
    machine.store([7], address + 64)
    let lines = machine.kernel.lines(of: machine.range(buffer, 70..<71))
    #expect(
      lines == [
        ModelledLine(
          state: .dirty, cpu: [7] + [UInt8](repeating: 0, count: 63),
          memory: [UInt8](repeating: 0, count: 64))
      ])
    #expect(machine.kernel.lines(of: machine.range(buffer, 4096..<4097)).isEmpty)
  }
}
