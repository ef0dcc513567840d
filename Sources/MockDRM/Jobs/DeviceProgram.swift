// SPDX-License-Identifier: MIT

internal import DRMKernel

/// What a job lets its device do, an access to memory at a time.
protocol DeviceProgram: AnyObject {
  /// The BOs that carry its fence, or that it keeps alive until its end.
  var buffers: [MockBuffer] { get }

  /// Goes on up to the next access, and makes it.
  func step() -> DeviceProgress

  /// How long the driver lets it make no progress, in nanoseconds, and what its fence then says.
  var patience: (nanoseconds: Int64, error: Errno) { get }

  /// How many jobs behind it in its queue end with it, where the driver has to end it.
  var followersLost: Int { get }

  /// Whether it ends, without anybody who waits, as soon as nothing holds it back: its driver has given it up.
  var endsByItself: Bool { get }

  /// It has ended, with an error or without.
  func ended(_ error: Errno?)
}

extension DeviceProgram {
  var followersLost: Int { 0 }
  var endsByItself: Bool { false }
  func ended(_ error: Errno?) {}
}

/// How far a program has come.
enum DeviceProgress {
  /// There is more to do.
  case running
  case ended
  /// It ended with a fault; the fence says so.
  case failed(Errno)
  /// It will not go on by itself.
  case stuck
  /// It goes on when others write what it reads.
  case waiting
}
