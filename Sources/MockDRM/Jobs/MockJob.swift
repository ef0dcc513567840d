// SPDX-License-Identifier: MIT

/// A job that is not over.
final class MockJob {
  let number: Int
  let device: MockDevice
  let queue: JobQueue
  let program: any DeviceProgram
  /// What must be signaled before it begins.
  let waitsFor: [MockFence]
  /// Signaled with its end.
  let fence: MockFence
  /// How long its driver still lets it make no progress, in nanoseconds.
  var patience: Int64

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
    patience = program.patience.nanoseconds
  }

  func touches(_ memory: MockMemory) -> Bool {
    program.buffers.contains { $0.memory === memory }
  }
}

/// Jobs on one queue run one after another.
enum JobQueue: Hashable {
  /// A queue of the model's side door, by the device's index.
  case modelled(device: Int, Int)
  /// A job slot of one of an open file's contexts: a scheduler entity of panfrost's.
  case slot(context: ObjectIdentifier, Int)
  /// A queue of a panthor group.
  case stream(group: ObjectIdentifier, Int)
  /// Asynchronous binds of a panthor VM.
  case binds(vm: ObjectIdentifier)
}
