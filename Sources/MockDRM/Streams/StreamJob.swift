// SPDX-License-Identifier: MIT

internal import DRMKernel

/// A job of a group's queue: a command stream, or an empty job that only waits and signals.
final class StreamJob: DeviceProgram {
  /// The instructions in the group's VM, by address and length in bytes.
  struct Stream {
    let address: UInt64
    let length: UInt32
  }

  /// The error of a fence whose job timed out.
  static let timeoutError = Errno.ETIMEDOUT
  /// Five seconds: `JOB_TIMEOUT_MS` in `panthor_sched.c`.
  let timeout = (nanoseconds: Int64(5_000_000_000), error: timeoutError)
  // A stream that executes more instructions than this counts as endless.
  private static let mostInstructions = 1 << 18
  // A stream can poll memory in a loop. After so many branches other jobs run, which may write that memory.
  private static let turn = 1 << 12

  private let group: PanthorGroup
  private let index: Int
  private let memory: StreamMemory
  // Nil for an empty job.
  private let stream: Stream?
  private var execution: StreamExecution?
  private var instructions = 0
  private var branches = 0
  let canBeAbandoned = true
  private(set) var endsByItself = false

  init(_ stream: Stream?, on index: Int, of group: PanthorGroup, isCoherent: Bool) {
    self.stream = stream
    self.index = index
    self.group = group
    memory = StreamMemory(vm: group.vm, isCoherent: isCoherent)
  }

  // The group's VM keeps its BOs alive, and panthor attaches no implicit fences.
  var buffers: [MockBuffer] { [] }

  /// Marks the job as abandoned: its group ended before the job started.
  func abandon() { endsByItself = true }

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
    case .executed:
      instructions += 1
      return .running
    case .branched:
      instructions += 1
      branches += 1
      return branches % Self.turn == 0 ? .waiting : .running
    case .waits: return .waiting
    case .ended:
      // The ring buffer of the kernel signals the job with an address of its own.
      setScratch(0, 1)
      return .ended
    }
  }

  /// Sets the scratch registers, which the kernel's ring buffer overwrites around the job.
  private func setScratch(_ first: UInt64, _ second: UInt64) {
    let scratch = StreamInstruction.registerCount - StreamInstruction.scratchCount
    group.queues[index].registers.setPair(scratch, first)
    group.queues[index].registers.setPair(scratch + 2, second)
  }
}
