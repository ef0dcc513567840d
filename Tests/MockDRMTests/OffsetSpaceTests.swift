// SPDX-License-Identifier: MIT

import DRMKernel
import Testing

@testable import MockDRM

@Suite struct OffsetSpaceTests {
  private let machine = MockMachine([MockProfile(.panthor)])
  private var device: MockDevice { machine.devices[0] }

  @Test func startsAbove4GiB() throws {
    #expect(try buffer(pages: 1).offset == 0x1_0000_0000)
  }

  @Test func sixteenKiBPagesStartThereToo() throws {
    let machine = MockMachine([MockProfile(.panthor, pageSize: 16384)])
    let buffer = try MockBuffer(on: machine.devices[0], size: 16384, origin: .created(flags: 0))
    #expect(buffer.offset == 0x1_0000_0000)
  }

  @Test func freedRangesJoin() throws {
    var buffers: [MockBuffer?] = try (0..<4).map { _ in try buffer(pages: 2) }
    let last = try buffer(pages: 1)
    let first = try #require(buffers[0]?.offset)
    for index in [1, 3, 0, 2] { buffers[index] = nil }
    let joined = try buffer(pages: 8)
    #expect(joined.offset == first)
    #expect(last.offset == first + 8 * 4096)
  }

  @Test func selectsExactStartsOnly() throws {
    let four = try buffer(pages: 4)
    #expect(device.offsets.buffer(at: four.offset) === four)
    #expect(device.offsets.buffer(at: four.offset + 4096) == nil)
    #expect(device.offsets.buffer(at: four.offset + 1) == nil)
    #expect(device.offsets.buffer(at: 0) == nil)
  }

  @Test func isExhaustedAtItsEnd() throws {
    // The whole space is 0xFFFFF00000 bytes; one page less than that leaves exactly one page.
    let most = try MockBuffer(
      on: device, size: 0xff_fff0_0000 - 4096, origin: .created(flags: 0))
    let one = try buffer(pages: 1)
    #expect(throws: Errno.ENOSPC) { try buffer(pages: 1) }
    withExtendedLifetime((most, one)) {}
  }

  private func buffer(pages: UInt64) throws -> MockBuffer {
    try MockBuffer(on: device, size: pages * 4096, origin: .created(flags: 0))
  }
}
