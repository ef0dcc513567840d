// SPDX-License-Identifier: MIT

/// An instruction of a command stream, of architecture version 10.
///
/// Instructions for shaders, scoreboards and the GPU's caches have no effect: instructions run in order, and the
/// GPU's accesses are not cached.
enum StreamInstruction: Hashable {
  /// The number of a register; for a 64-bit pair, that of the lower one.
  typealias Register = Int

  /// The number of registers of a queue, and how many of the last ones are scratch registers.
  static let registerCount = 96
  static let scratchCount = 4

  /// The size of a memory access, in bytes.
  enum Width: Int, Hashable {
    case word = 4
    case doubleWord = 8
  }

  /// A signed comparison of a register with 0.
  enum Condition: UInt64, Hashable {
    case lessOrEqual
    case greater
    case equal
    case notEqual
    case less
    case greaterOrEqual
    case always
  }

  case nothing
  case move(UInt64, to: Register)
  case move32(UInt32, to: Register)
  case add32(Int32, Register, to: Register)
  case add64(Int32, Register, to: Register)
  /// Consecutive words in memory; each bit of the mask selects a word and its register.
  case load(mask: UInt16, to: Register, address: Register, offset: Int16)
  case store(mask: UInt16, from: Register, address: Register, offset: Int16)
  /// Continues at a distance from the next instruction.
  case branch(Int16, Condition, Register)
  case call(address: Register, length: Register)
  case jump(address: Register, length: Register)
  case syncAdd(Width, address: Register, value: Register)
  case syncSet(Width, address: Register, value: Register)
  /// Waits until memory, compared unsigned, is greater than the value, or until it is not greater.
  case syncWait(Width, isGreater: Bool, address: Register, value: Register)
  /// Stores 64 bits: a clock, a counter or the status of an error.
  case storeState(address: Register, offset: Int16)

  /// Decodes an instruction; nil for an unknown one.
  init?(_ word: UInt64) {
    guard let decoded = Self.decode(StreamWord(word)) else { return nil }
    self = decoded
  }

  private static func decode(_ word: StreamWord) -> StreamInstruction? {
    switch word.opcode {
    // NOP, WAIT, SET_SB_ENTRY, REQ_RESOURCE, FLUSH_CACHE2, ERROR_BARRIER.
    case 0, 3, 23, 34, 36, 47: return .nothing
    case 1: return word.pair(48).map { .move(word.immediate48, to: $0) }
    case 2: return word.register(48).map { .move32(word.immediate32, to: $0) }
    case 16:
      guard let to = word.register(48), let from = word.register(40) else { return nil }
      return .add32(Int32(bitPattern: word.immediate32), from, to: to)
    case 17:
      guard let to = word.pair(48), let from = word.pair(40) else { return nil }
      return .add64(Int32(bitPattern: word.immediate32), from, to: to)
    case 20, 21:
      let mask = word.mask
      let words = UInt16.bitWidth - mask.leadingZeroBitCount
      guard let first = word.register(48, count: max(words, 1)), let address = word.pair(40)
      else { return nil }
      return word.opcode == 20
        ? .load(mask: mask, to: first, address: address, offset: word.offset)
        : .store(mask: mask, from: first, address: address, offset: word.offset)
    case 22:
      guard let condition = Condition(rawValue: word.bits(28, count: 4)),
        let value = word.register(40)
      else { return nil }
      return .branch(word.offset, condition, value)
    case 32, 33:
      guard let address = word.pair(40), let length = word.register(32) else { return nil }
      return word.opcode == 32
        ? .call(address: address, length: length) : .jump(address: address, length: length)
    case 40: return word.pair(40).map { .storeState(address: $0, offset: word.offset) }
    case 37...39: return sync(word, .word)
    case 51...53: return sync(word, .doubleWord)
    default: return nil
    }
  }

  private static func sync(_ word: StreamWord, _ width: Width) -> StreamInstruction? {
    guard let address = word.pair(40),
      let value = width == .word ? word.register(32) : word.pair(32)
    else { return nil }
    switch word.opcode {
    case 37, 51: return .syncAdd(width, address: address, value: value)
    case 38, 52: return .syncSet(width, address: address, value: value)
    default:
      // SYNC_WAIT has two conditions: 0, not greater, and 1, greater.
      let condition = word.bits(28, count: 4)
      guard condition <= 1 else { return nil }
      return .syncWait(width, isGreater: condition == 1, address: address, value: value)
    }
  }
}

/// The fields of an instruction.
private struct StreamWord {
  private let word: UInt64

  init(_ word: UInt64) {
    self.word = word
  }

  var opcode: UInt64 { word >> 56 }
  var immediate48: UInt64 { word & 0xffff_ffff_ffff }
  var immediate32: UInt32 { UInt32(truncatingIfNeeded: word) }
  var offset: Int16 { Int16(truncatingIfNeeded: word) }
  var mask: UInt16 { UInt16(truncatingIfNeeded: word >> 16) }

  func bits(_ shift: UInt64, count: UInt64) -> UInt64 { word >> shift & (1 << count - 1) }

  /// Returns the register number in eight bits; nil where `count` registers from it do not exist.
  func register(_ shift: UInt64, count: Int = 1) -> Int? {
    let number = Int(bits(shift, count: 8))
    return number + count <= StreamInstruction.registerCount ? number : nil
  }

  func pair(_ shift: UInt64) -> Int? { register(shift, count: 2) }
}
