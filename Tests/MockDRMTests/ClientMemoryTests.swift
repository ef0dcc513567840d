// SPDX-License-Identifier: MIT

import CMockSupport
import DRMKernel
import Testing

@testable import MockDRM

@Suite struct ClientMemoryTests {
  @Test func writesToMappedMemory() throws {
    var word: UInt64 = 0
    let address = withUnsafeMutablePointer(to: &word) { UInt64(UInt(bitPattern: $0)) }
    try ClientMemory.writeBytes(address, [1, 2, 3])
    #expect(word == 0x03_0201)
  }

  @Test func aBadAddressIsEFAULT() {
    let word: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0]
    for address: UInt64 in [0, 0x1000, 0xffff_0000_0000_0000, .max] {
      #expect(throws: Errno.EFAULT) { try ClientMemory.writeBytes(address, word) }
    }
  }

  @Test func anEmptyCopyNeedsNoAddress() {
    var word: UInt64 = 0
    #expect(cmock_copy_to_client(0, &word, 0) == 0)
  }

  @Test func linesAreComparedAndCopied() {
    // Three lines, of which the second differs; the last is cut off.
    let one = [UInt8](repeating: 7, count: 150)
    var other = one
    other[100] = 8
    #expect(cmock_equal_lines(one, other, 150, 64) == 64)
    #expect(cmock_different_lines(one, other, 150, 64) == 0)
    other[0] = 8
    #expect(cmock_different_lines(one, other, 150, 64) == 128)
    cmock_copy_differences(&other, one, 150)
    #expect(other == one)
    #expect(cmock_equal_lines(one, other, 150, 64) == 150)
  }
}
