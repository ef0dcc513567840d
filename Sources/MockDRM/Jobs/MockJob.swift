// SPDX-License-Identifier: MIT

/// A pending job.
final class MockJob {
  let number: Int
  let device: MockDevice
  let queue: JobQueue
  let program: any DeviceProgram
  /// The fences that must be signaled before it starts.
  let waitsFor: [MockFence]
  /// The fence that is signaled at its end.
  let fence: MockFence
  /// The rest of the driver's timeout for a job without progress, in nanoseconds.
  var timeLeft: Int64

  init(
    number: Int, device: MockDevice, queue: JobQueue, program: any DeviceProgram,
    waitsFor: [MockFence]
  ) {
    self.number = number
    self.device = device
    self.queue = queue
    self.program = program
    self.waitsFor = waitsFor
    fence = MockFence(of: number)
    timeLeft = program.timeout.nanoseconds
  }

  /// Whether one of its BOs has a memory.
  func touches(_ memory: MockMemory) -> Bool {
    program.buffers.contains { $0.memory === memory }
  }
}

/// A queue, whose jobs run one after another.
enum JobQueue: Hashable {
  /// A queue of modelled jobs, by the device's index.
  case modelled(device: Int, Int)
  /// A job slot of a panfrost context: a scheduler entity.
  case slot(context: ObjectIdentifier, Int)
  /// A queue of a panthor group.
  case stream(group: ObjectIdentifier, Int)
  /// Asynchronous binds of a panthor VM.
  case binds(vm: ObjectIdentifier)
}
