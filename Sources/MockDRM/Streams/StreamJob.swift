// SPDX-License-Identifier: MIT

internal import DRMKernel

/// A command stream that was submitted to a queue of a group, or nothing but a place in the queue.
final class StreamJob: DeviceProgram {
  /// What a stream is: instructions in the group's VM.
  struct Stream {
    let address: UInt64
    let length: UInt32
  }

  /// What the fence says of a job that its driver did not wait for any longer.
  static let timeOut = Errno.ETIMEDOUT
  /// The driver waits five seconds: `JOB_TIMEOUT_MS`.
  let patience = (nanoseconds: Int64(5_000_000_000), error: timeOut)
  // No clock goes in here: a stream that goes on for longer than this is taken for one that never ends, and
  // others get to run now and then, which may set it going.
  private static let mostInstructions = 1 << 18
  private static let turn = 1 << 12

  private let group: PanthorGroup
  private let index: Int
  private let memory: StreamMemory
  // Nil for a place in the queue.
  private let stream: Stream?
  private var execution: StreamExecution?
  private var instructions = 0
  private(set) var endsByItself = false

  init(_ stream: Stream?, on index: Int, of group: PanthorGroup, isCoherent: Bool) {
    self.stream = stream
    self.index = index
    self.group = group
    memory = StreamMemory(vm: group.vm, isCoherent: isCoherent)
  }

  // The group's VM keeps what the stream reaches, and its driver puts fences on nothing.
  var buffers: [MockBuffer] { [] }

  /// Its group ended before it began.
  func giveUp() { endsByItself = true }

  func ended(_ error: Errno?) { group.jobEnded(on: index, error) }

  func step() -> DeviceProgress {
    guard group.canRun else { return .failed(.ECANCELED) }
    guard let stream else { return .ended }
    guard instructions < Self.mostInstructions else { return .stuck }
    do throws(StreamExecution.Fault) {
      return try step(through: stream)
    } catch {
      return .failed(.EINVAL)
    }
  }

  private func step(through stream: Stream) throws(StreamExecution.Fault) -> DeviceProgress {
    var current: StreamExecution
    if let execution {
      current = execution
    } else {
      current = try StreamExecution(address: stream.address, length: stream.length)
      setScratch(stream.address, UInt64(stream.length))
    }
    defer { execution = current }
    switch try current.step(&group.queues[index].registers, memory) {
    case .went:
      instructions += 1
      return instructions % Self.turn == 0 ? .waiting : .running
    case .waits: return .waiting
    case .ended:
      // The kernel's own stream counts the job as done, by an address of its own.
      setScratch(0, 1)
      return .ended
    }
  }

  /// The kernel's own stream, which calls the job's, does not keep the last registers.
  private func setScratch(_ first: UInt64, _ second: UInt64) {
    let scratch = StreamInstruction.registerCount - StreamInstruction.scratchCount
    group.queues[index].registers.setPair(scratch, first)
    group.queues[index].registers.setPair(scratch + 2, second)
  }
}
