// SPDX-License-Identifier: MIT

/// A queue's registers, which keep what they hold from job to job.
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
