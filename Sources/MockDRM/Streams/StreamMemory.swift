// SPDX-License-Identifier: MIT

/// The memory that a command stream accesses, by addresses of its group's VM.
struct StreamMemory {
  let vm: PanthorVM
  let isCoherent: Bool

  /// Reads a number from memory, or throws a fault.
  func read(
    _ address: UInt64, _ width: StreamInstruction.Width
  ) throws(StreamExecution.Fault) -> UInt64 {
    let place = try find(address, width)
    // A sparse mapping reads as zero.
    guard let memory = place.buffer?.memory else { return 0 }
    let range = place.offset..<place.offset + width.rawValue
    return memory.deviceReads(range, isCoherent: isCoherent).reversed().reduce(0) {
      $0 << 8 | UInt64($1)
    }
  }

  /// Writes a number to memory, or throws a fault.
  func write(
    _ value: UInt64, _ address: UInt64, _ width: StreamInstruction.Width
  ) throws(StreamExecution.Fault) {
    let place = try find(address, width)
    guard !place.isReadOnly else { throw StreamExecution.Fault() }
    let bytes = (0..<width.rawValue).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    place.buffer?.memory.deviceWrites(bytes, at: place.offset, isCoherent: isCoherent)
  }

  private func find(
    _ address: UInt64, _ width: StreamInstruction.Width
  ) throws(StreamExecution.Fault) -> PanthorVM.Place {
    guard address % UInt64(width.rawValue) == 0, let place = vm.place(at: address) else {
      throw StreamExecution.Fault()
    }
    return place
  }
}
