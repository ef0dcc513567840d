// SPDX-License-Identifier: MIT

public import DRMKernel

/// Owns one descriptor of a sync file: a fence that can be handed around.
public struct SyncFile: ~Copyable, Sendable {
  private let kernel: Kernel

  /// The descriptor; it stays this value's to close.
  public let descriptor: CInt

  /// Takes over a descriptor.
  public init(descriptor: CInt, kernel: Kernel = .host) {
    self.kernel = kernel
    self.descriptor = descriptor
  }

  deinit { _ = kernel.close(descriptor) }
}
