// SPDX-License-Identifier: MIT

@testable import MockDRM

/// Encodes instructions of command streams, independently of the mock's decoder.
enum EncodedInstructions {
  static func move(_ value: UInt64, to register: UInt64) -> UInt64 {
    1 << 56 | register << 48 | value & 0xffff_ffff_ffff
  }

  static func move32(_ value: UInt64, to register: UInt64) -> UInt64 {
    2 << 56 | register << 48 | value
  }

  /// The address of data in the BO.
  static func address(_ offset: Int = 0, to register: UInt64 = 0) -> UInt64 {
    move(StreamMachine.address + UInt64(StreamMachine.data + offset), to: register)
  }

  static func add32(_ value: Int32, to register: UInt64) -> UInt64 {
    16 << 56 | register << 48 | register << 40 | UInt64(UInt32(bitPattern: value))
  }

  static func add64(_ value: Int32, to register: UInt64) -> UInt64 {
    17 << 56 | register << 48 | register << 40 | UInt64(UInt32(bitPattern: value))
  }

  static func load(
    _ register: UInt64, from address: UInt64 = 0, mask: UInt64 = 3, offset: Int16 = 0
  ) -> UInt64 {
    20 << 56 | transfer(register, address, mask, offset)
  }

  static func store(
    _ register: UInt64, to address: UInt64 = 0, mask: UInt64 = 3, offset: Int16 = 0
  ) -> UInt64 {
    21 << 56 | transfer(register, address, mask, offset)
  }

  static func branch(_ distance: Int16, _ condition: UInt64, _ register: UInt64) -> UInt64 {
    22 << 56 | register << 40 | condition << 28 | UInt64(UInt16(bitPattern: distance))
  }

  static func call(_ address: UInt64, length: UInt64) -> UInt64 {
    32 << 56 | address << 40 | length << 32
  }

  static func jump(_ address: UInt64, length: UInt64) -> UInt64 {
    33 << 56 | address << 40 | length << 32
  }

  /// SYNC_ADD, SYNC_SET or SYNC_WAIT of 64 or 32 bits.
  static func sync(
    _ opcode: UInt64, _ register: UInt64, at address: UInt64 = 0, isGreater: Bool = false
  ) -> UInt64 {
    opcode << 56 | address << 40 | register << 32 | (isGreater ? 1 << 28 : 0)
  }

  /// A stream that stores a number in data.
  static func storing(_ value: UInt64, at offset: Int = 0) -> [UInt64] {
    [address(offset), move(value, to: 2), store(2)]
  }

  /// A stream that waits until data is greater than 0.
  static let waiting = [address(), move(0, to: 2), sync(53, 2, isGreater: true)]

  /// A stream with an endless loop.
  static let endless = [branch(-1, 6, 0)]

  private static func transfer(
    _ register: UInt64, _ address: UInt64, _ mask: UInt64, _ offset: Int16
  ) -> UInt64 {
    register << 48 | address << 40 | mask << 16 | UInt64(UInt16(bitPattern: offset))
  }
}
