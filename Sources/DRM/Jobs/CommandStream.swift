// SPDX-License-Identifier: MIT

/// Assembles a command stream for a Mali GPU with a command-stream front end (v10 and later).
///
/// Only the instructions that move data between registers and memory are offered.
public struct CommandStream: Hashable, Sendable {
  /// A 32-bit register of the queue; an address is in a pair, named by its first register, which is even.
  public struct Register: Hashable, Sendable {
    let number: UInt64

    /// Creates a register from its number; traps unless that is 0 to 95.
    public init(_ number: Int) {
      precondition(0..<96 ~= number, "the number of a register is 0 to 95")
      self.number = UInt64(number)
    }
  }

  /// What a flush does to the lines of a cache of the GPU.
  public enum CacheMode: UInt64, Hashable, Sendable {
    /// Nothing.
    case keep = 0
    /// Writes dirty lines back.
    case clean = 1
    /// Invalidates lines.
    case invalidate = 2
    /// Writes dirty lines back and invalidates all lines.
    case cleanAndInvalidate = 3
  }

  /// The largest number of registers that one load or store moves.
  public static let mostMoved = 16
  /// The size of an instruction in bytes.
  public static let instructionSize = 8

  /// The instructions that were added.
  public private(set) var words: [UInt64] = []

  /// Creates an empty stream.
  public init() {}

  /// The size of the stream in bytes.
  public var size: Int { words.count * Self.instructionSize }

  /// Loads 48 bits into a register pair: MOVE.
  ///
  /// Traps for a larger value and for an odd register.
  public mutating func move(_ value: UInt64, to pair: Register) {
    precondition(
      value >> 48 == 0 && pair.number % 2 == 0, "MOVE: 48 bits, an even register")
    add(1, destination: pair, value)
  }

  /// Loads 32 bits into a register: MOVE32.
  public mutating func move(_ value: UInt32, to register: Register) {
    add(2, destination: register, UInt64(value))
  }

  /// Loads `count` words, at most ``mostMoved``, from an address into consecutive registers: LOAD_MULTIPLE.
  public mutating func load(
    _ count: Int, to first: Register, from address: Register, offset: Int16 = 0
  ) {
    transfer(20, count, first, address, offset)
  }

  /// Stores `count` consecutive registers, at most ``mostMoved``, at an address: STORE_MULTIPLE.
  public mutating func store(
    _ count: Int, of first: Register, to address: Register, offset: Int16 = 0
  ) {
    transfer(21, count, first, address, offset)
  }

  /// Waits for all earlier loads, stores and flushes: WAIT on every scoreboard.
  public mutating func wait() { add(3, Self.allScoreboards) }

  /// Waits until 8 bytes in memory, an unsigned number, are at least `value`: SYNC_WAIT64.
  ///
  /// - Parameters:
  ///   - value: at least 1.
  ///   - scratch: an even register, which is overwritten together with the next one.
  ///   - address: the pair with the address, a multiple of 8.
  public mutating func waitUntilAtLeast(
    _ value: UInt64, in scratch: Register, at address: Register
  ) {
    precondition(value > 0, "a wait for 0 never waits")
    move(wide: value - 1, to: scratch)
    add(53, address.number << 40 | scratch.number << 32 | Self.greater)
  }

  /// Stores a number of 8 bytes that other queues can wait for: SYNC_SET64.
  ///
  /// - Parameters:
  ///   - scratch: an even register, which is overwritten together with the next one.
  ///   - address: the pair with the address, a multiple of 8.
  public mutating func set(_ value: UInt64, in scratch: Register, at address: Register) {
    move(wide: value, to: scratch)
    add(52, address.number << 40 | scratch.number << 32)
  }

  /// Loads 64 bits into a register pair by two instructions.
  private mutating func move(wide value: UInt64, to pair: Register) {
    move(UInt32(truncatingIfNeeded: value), to: pair)
    move(UInt32(truncatingIfNeeded: value >> 32), to: Register(Int(pair.number) + 1))
  }

  /// Maintains the GPU's own caches: FLUSH_CACHE2, with flush id 0, so that it is never skipped.
  public mutating func flushCaches(
    l2: CacheMode, loadStore: CacheMode, flushID pair: Register
  ) {
    move(0 as UInt32, to: pair)
    add(36, pair.number << 40 | l2.rawValue | loadStore.rawValue << 4)
  }

  /// Jumps by a number of instructions after this one, unconditionally: BRANCH.
  public mutating func branch(by instructions: Int16) {
    add(22, Self.always | UInt64(UInt16(bitPattern: instructions)))
  }

  /// Adds an instruction by its encoding.
  public mutating func append(_ word: UInt64) { words.append(word) }

  private static let allScoreboards: UInt64 = 0xff << 16
  private static let greater: UInt64 = 1 << 28
  private static let always: UInt64 = 6 << 28

  private mutating func transfer(
    _ operation: UInt64, _ count: Int, _ first: Register, _ address: Register, _ offset: Int16
  ) {
    precondition(
      1...Self.mostMoved ~= count && address.number % 2 == 0,
      "one instruction moves 1 to 16 registers")
    let mask = (UInt64(1) << UInt64(count)) - 1
    add(
      operation, destination: first,
      address.number << 40 | mask << 16 | UInt64(UInt16(bitPattern: offset)))
  }

  private mutating func add(_ operation: UInt64, destination: Register, _ operands: UInt64) {
    add(operation, destination.number << 48 | operands)
  }

  private mutating func add(_ operation: UInt64, _ operands: UInt64) {
    words.append(operation << 56 | operands)
  }
}
