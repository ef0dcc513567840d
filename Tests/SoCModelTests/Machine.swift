// SPDX-License-Identifier: MIT

import Glibc
import SoCLayout
import SoCModel

/// What the model reports to its host, and what the host reports to the model.
final class HostState {
  var general = [UInt64](repeating: 0, count: 31)
  var system = [UInt64](repeating: 0, count: Int(SOC_SYSTEM_REGISTERS.rawValue))
  var interrupts: [UInt32] = []
  var nanoseconds: UInt64 = 0
  var guestNanoseconds: UInt64 = 0
  var log: [String] = []

  static func of(_ context: UnsafeMutableRawPointer?) -> HostState {
    guard let context else { preconditionFailure("the model passes no context") }
    return Unmanaged<HostState>.fromOpaque(context).takeUnretainedValue()
  }
}

/// A model whose host is plain memory: 16 MiB of RAM below the register window.
///
/// Addresses are guest-physical. `store` and `load` act as the CPU, `deviceRead` and `deviceWrite` as a device
/// that does not snoop.
final class Machine {
  static let windowOffset: UInt64 = 16 << 20
  static let ramSize = windowOffset + UInt64(SOC_WINDOW_SIZE)

  let soc: OpaquePointer
  let state = HostState()
  private let ram: UnsafeMutablePointer<UInt8>
  private var nextPage = UInt64(SOC_RAM_BASE) + 0x10_0000

  init(_ change: (inout soc_options) -> Void = { _ in }) {
    var options = soc_default_options()
    change(&options)
    // The system provides pages only where they are written.
    guard let zeroes = calloc(Int(Self.ramSize), 1) else { preconditionFailure("out of memory") }
    ram = zeroes.assumingMemoryBound(to: UInt8.self)
    var host = soc_host()
    host.context = Unmanaged.passUnretained(state).toOpaque()
    host.ram = ram
    host.ram_size = Self.ramSize
    host.window = Self.windowOffset
    host.general_register = { HostState.of($0).general[Int($1)] }
    host.system_register = { HostState.of($0).system[Int($1.rawValue)] }
    host.pulse_interrupt = { HostState.of($0).interrupts.append($1) }
    host.nanoseconds = { HostState.of($0).nanoseconds }
    host.guest_nanoseconds = { HostState.of($0).guestNanoseconds }
    host.log = { context, line in
      if let line { HostState.of(context).log.append(String(cString: line)) }
    }
    host.fail = { _, reason in fatalError(reason.map { String(cString: $0) } ?? "no reason") }
    guard let soc = soc_create(&host, &options) else { preconditionFailure("no model") }
    self.soc = soc
  }

  deinit {
    soc_destroy(soc)
    free(ram)
  }

  var counters: soc_statistics { soc_counters(soc).pointee }

  /// Returns the address of so many consecutive pages that no other call returned.
  func pages(_ count: Int = 1) -> UInt64 {
    defer { nextPage += UInt64(count * SOC_PAGE_SIZE) }
    return nextPage
  }

  // MARK: The CPU

  func store<Value: FixedWidthInteger>(_ value: Value, at address: UInt64) {
    UnsafeMutableRawPointer(ram + Int(address - UInt64(SOC_RAM_BASE)))
      .storeBytes(of: value.littleEndian, as: Value.self)
  }

  func store(_ bytes: [UInt8], at address: UInt64) {
    for (index, byte) in bytes.enumerated() { store(byte, at: address + UInt64(index)) }
  }

  func load<Value: FixedWidthInteger>(at address: UInt64) -> Value {
    Value(
      littleEndian: UnsafeRawPointer(ram + Int(address - UInt64(SOC_RAM_BASE)))
        .loadUnaligned(as: Value.self))
  }

  func load<Value: FixedWidthInteger>(at address: UInt64, as: Value.Type) -> Value {
    load(at: address)
  }

  func maintain(_ kind: soc_maintenance, _ address: UInt64, isCached: Bool = true) {
    soc_memory_maintain(soc, kind, address, isCached)
  }

  /// Cleans every line of so many bytes.
  func clean(_ address: UInt64, size: Int = SOC_PAGE_SIZE) {
    for offset in stride(from: 0, to: size, by: SOC_LINE_SIZE) {
      maintain(SOC_CLEAN, address + UInt64(offset))
    }
  }

  /// Executes an instruction whose operand is x0.
  func execute(_ word: UInt32, x0: UInt64 = 0, at address: UInt64 = 0xffff_8000_8000_0000) {
    state.general[0] = x0
    soc_instruction_executes(soc, soc_decode(word, address))
  }

  // MARK: A device

  func deviceRead(_ address: UInt64, snoops: Bool = false) -> UInt64? {
    var value: UInt64 = 0
    return soc_memory_device_read(soc, address, &value, 8, snoops) ? value : nil
  }

  @discardableResult
  func deviceWrite(_ value: UInt64, at address: UInt64, snoops: Bool = false) -> Bool {
    var value = value
    return soc_memory_device_write(soc, address, &value, 8, snoops)
  }

  // MARK: GPU registers

  private func registerAddress(_ gpu: soc_gpu_place, _ register: Int) -> UInt64 {
    UInt64(SOC_RAM_BASE) + Self.windowOffset + UInt64(gpu.offset) + UInt64(register)
  }

  func register(_ gpu: soc_gpu_place, _ register: Int) -> UInt32 {
    load(at: registerAddress(gpu, register))
  }

  /// Stores to a register as a driver does.
  func setRegister<Value: FixedWidthInteger>(
    _ gpu: soc_gpu_place, _ register: Int, _ value: Value
  ) {
    let address = registerAddress(gpu, register)
    store(value, at: address)
    soc_driver_stored(soc, address - UInt64(SOC_RAM_BASE), UInt64(Value.bitWidth / 8))
  }
}

/// The page tables of a GPU address space, which the CPU writes and cleans.
final class GPUTables {
  /// Entry bits of the AArch64 format.
  static let readOnly: UInt64 = 1 << 7
  static let accessFlag: UInt64 = 1 << 10
  /// TRANSCFG of AArch64 tables: without and with snooping.
  static let nonCoherent: UInt64 = 6
  static let coherent: UInt64 = 6 | 2 << 28

  let machine: Machine
  let root: UInt64
  private let transcfg: UInt64

  init(_ machine: Machine, transcfg: UInt64 = GPUTables.nonCoherent) {
    self.machine = machine
    self.transcfg = transcfg
    root = machine.pages()
    machine.clean(root)
  }

  var space: soc_space { soc_space_of(machine.soc, root, transcfg) }

  /// Sets the entry of an address at a level, and the tables above it.
  func setEntry(_ entry: UInt64, for address: UInt64, level: Int = 3) {
    var table = root
    for above in 0..<level {
      let place = table + index(address, above) * 8
      if machine.load(at: place) & 1 == 0 {
        let next = machine.pages()
        machine.clean(next)
        machine.store(next | 3, at: place)
        machine.maintain(SOC_CLEAN, place)
      }
      table = machine.load(at: place) & 0xffff_ffff_f000
    }
    let place = table + index(address, level) * 8
    machine.store(entry, at: place)
    machine.maintain(SOC_CLEAN, place)
  }

  /// Maps consecutive pages, and returns the physical address of the first.
  @discardableResult
  func map(_ address: UInt64, pages count: Int = 1, flags: UInt64 = accessFlag) -> UInt64 {
    let physical = machine.pages(count)
    for page in 0..<UInt64(count) {
      let offset = page * UInt64(SOC_PAGE_SIZE)
      machine.clean(physical + offset)
      setEntry(physical + offset | flags | 3, for: address + offset)
    }
    return physical
  }

  func read(_ address: UInt64) -> UInt64? {
    var value: UInt64 = 0
    var space = space
    return soc_space_read(&space, address, &value, 8) ? value : nil
  }

  func write(_ value: UInt64, at address: UInt64) -> Bool {
    var value = value
    var space = space
    return soc_space_write(&space, address, &value, 8)
  }

  private func index(_ address: UInt64, _ level: Int) -> UInt64 {
    address >> UInt64(12 + 9 * (3 - level)) & 511
  }
}
