// SPDX-License-Identifier: MIT

internal import DRMKernel

/// The work of a job on its device, one memory access at a time.
protocol DeviceProgram: AnyObject {
  /// The BOs that get its fence, or that it keeps alive until its end.
  var buffers: [MockBuffer] { get }

  /// Runs up to the next memory access and performs it.
  func step() -> DeviceProgress

  /// The driver's timeout for a job without progress, and the error of its fence then.
  var timeout: (nanoseconds: Int64, error: Errno) { get }

  /// The number of following jobs in its queue that end with it when it times out.
  var followersLost: Int { get }

  /// Whether its driver can abandon it.
  var canBeAbandoned: Bool { get }

  /// Whether its driver abandoned it: it ends when its fences are signaled, although no call waits for it.
  var endsByItself: Bool { get }

  /// Called at its end, with its error or nil.
  func ended(_ error: Errno?)
}

extension DeviceProgram {
  var followersLost: Int { 0 }
  var canBeAbandoned: Bool { false }
  var endsByItself: Bool { false }
  func ended(_ error: Errno?) {}
}

/// The state of a program after a step.
enum DeviceProgress {
  /// More steps follow.
  case running
  case ended
  /// It ended with a fault, which its fence reports.
  case failed(Errno)
  /// It makes no progress, and times out.
  case stuck
  /// It makes progress when another job writes the memory that it reads.
  case waiting
}
