// SPDX-License-Identifier: MIT

internal import DRMKernel

/// The execution of a command stream: its position and the calls that led there.
struct StreamExecution {
  /// A fatal fault: an unknown instruction, or an access that is not allowed.
  struct Fault: Error {}

  /// A sequence of instructions, and the address of the next one.
  private struct Frame {
    let start: UInt64
    var next: UInt64
    let end: UInt64

    init(_ start: UInt64, length: UInt64) throws(Fault) {
      let (end, overflow) = start.addingReportingOverflow(length)
      guard start % 8 == 0, length % 8 == 0, !overflow else { throw Fault() }
      self.start = start
      next = start
      self.end = end
    }
  }

  /// The result of one step.
  enum Step {
    case executed
    /// A branch was taken, or a call or jump executed: the only way to repeat instructions.
    case branched
    /// The condition of a SYNC_WAIT does not hold.
    case waits
    case ended
  }

  // Calls nest up to eight levels. The kernel's ring buffer is one: it calls the job's stream.
  private static let mostFrames = 7

  private var frames: [Frame]

  init(address: UInt64, length: UInt32) throws(Fault) {
    frames = [try Frame(address, length: UInt64(length))]
  }

  /// Fetches an instruction and executes it.
  mutating func step(
    _ registers: inout StreamRegisters, _ memory: StreamMemory
  ) throws(Fault) -> Step {
    while let frame = frames.last, frame.next == frame.end { frames.removeLast() }
    guard let frame = frames.last else { return .ended }
    guard let instruction = StreamInstruction(try memory.read(frame.next, .doubleWord)) else {
      throw Fault()
    }
    if case .syncWait(let width, let isGreater, let address, let value) = instruction {
      let held = try memory.read(registers.pair(address), width)
      guard (held > registers.value(value, width)) == isGreater else { return .waits }
    }
    frames[frames.count - 1].next += 8
    let next = frame.next + 8
    try execute(instruction, &registers, memory)
    return frames.last?.next == next ? .executed : .branched
  }

  private mutating func execute(
    _ instruction: StreamInstruction, _ registers: inout StreamRegisters, _ memory: StreamMemory
  ) throws(Fault) {
    switch instruction {
    case .nothing, .syncWait: break
    case .move(let value, let to): registers.setPair(to, value)
    case .move32(let value, let to): registers[to] = value
    case .add32(let value, let from, let to):
      registers[to] = registers[from] &+ UInt32(bitPattern: value)
    case .add64(let value, let from, let to):
      registers.setPair(to, registers.pair(from) &+ UInt64(bitPattern: Int64(value)))
    case .load(let mask, let to, let address, let offset):
      let start = registers.pair(address).offset(by: offset)
      for run in mask.runsOfOnes {
        let words = try memory.readWords(start &+ UInt64(4 * run.lowerBound), run.count)
        for (index, word) in zip(run, words) { registers[to + index] = word }
      }
    case .store(let mask, let from, let address, let offset):
      let start = registers.pair(address).offset(by: offset)
      for run in mask.runsOfOnes {
        try memory.writeWords(
          run.map { registers[from + $0] }, start &+ UInt64(4 * run.lowerBound))
      }
    case .branch(let distance, let condition, let value):
      if condition.holds(for: Int32(bitPattern: registers[value])) { try go(distance) }
    case .call(let address, let length):
      guard frames.count < Self.mostFrames else { throw Fault() }
      frames.append(try Frame(registers.pair(address), length: UInt64(registers[length])))
    case .jump(let address, let length):
      frames[frames.count - 1] = try Frame(
        registers.pair(address), length: UInt64(registers[length]))
    case .syncAdd(let width, let address, let value):
      let place = registers.pair(address)
      let sum = try memory.read(place, width) &+ registers.value(value, width)
      try memory.write(sum, place, width)
    case .syncSet(let width, let address, let value):
      try memory.write(registers.value(value, width), registers.pair(address), width)
    case .storeState(let address, let offset):
      // Clocks, counters and error states are not modelled.
      try memory.write(0, registers.pair(address).offset(by: offset), .doubleWord)
    }
  }

  /// Branches to another instruction of the same stream, or to its end.
  private mutating func go(_ distance: Int16) throws(Fault) {
    let frame = frames[frames.count - 1]
    let target = frame.next.addingReportingOverflow(
      UInt64(bitPattern: Int64(distance) * 8)
    ).partialValue
    guard frame.start...frame.end ~= target else { throw Fault() }
    frames[frames.count - 1].next = target
  }
}

extension StreamInstruction.Condition {
  fileprivate func holds(for value: Int32) -> Bool {
    switch self {
    case .lessOrEqual: value <= 0
    case .greater: value > 0
    case .equal: value == 0
    case .notEqual: value != 0
    case .less: value < 0
    case .greaterOrEqual: value >= 0
    case .always: true
    }
  }
}

extension UInt16 {
  /// The runs of consecutive bits that are 1, ascending.
  fileprivate var runsOfOnes: [Range<Int>] {
    var runs: [Range<Int>] = []
    for bit in 0..<16 where self >> bit & 1 == 1 {
      if let last = runs.last, last.upperBound == bit {
        runs[runs.count - 1] = last.lowerBound..<bit + 1
      } else {
        runs.append(bit..<bit + 1)
      }
    }
    return runs
  }
}

extension UInt64 {
  fileprivate func offset(by distance: Int16) -> UInt64 {
    self &+ UInt64(bitPattern: Int64(distance))
  }
}

/// The registers of a queue, which keep their values from job to job.
struct StreamRegisters {
  private var words = [UInt32](repeating: 0, count: StreamInstruction.registerCount)

  subscript(number: StreamInstruction.Register) -> UInt32 {
    get { words[number] }
    set { words[number] = newValue }
  }

  func pair(_ number: StreamInstruction.Register) -> UInt64 {
    UInt64(words[number]) | UInt64(words[number + 1]) << 32
  }

  mutating func setPair(_ number: StreamInstruction.Register, _ value: UInt64) {
    words[number] = UInt32(truncatingIfNeeded: value)
    words[number + 1] = UInt32(truncatingIfNeeded: value >> 32)
  }

  func value(_ number: StreamInstruction.Register, _ width: StreamInstruction.Width) -> UInt64 {
    width == .word ? UInt64(words[number]) : pair(number)
  }
}
