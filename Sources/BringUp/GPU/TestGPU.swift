// SPDX-License-Identifier: MIT

internal import DRM
internal import DRMDrivers
internal import DRMKernel

/// A GPU that reads and writes single words of BOs, by real jobs that need no shader.
///
/// Each word is in a separate cache line. A GPU with job slots reads nothing but job descriptors, so the CPU
/// writes a descriptor around the word.
protocol TestGPU: AnyObject {
  /// Makes a BO accessible to the device.
  func attach(_ buffer: borrowing BufferObject) throws(DRMError) -> GPUBuffer

  /// Returns the 64 bytes of a cache line in which the device reads a word.
  func line(holding word: UInt64) -> [UInt8]

  /// Writes a word by the device, and waits for the end of the job.
  func write(_ word: UInt64, at offset: UInt64, of buffer: GPUBuffer) throws(DRMError)

  /// Reads the word of a cache line by the device, and waits for the end of the job.
  ///
  /// Returns nil for a line that holds no job descriptor.
  func read(lineAt offset: UInt64, of buffer: GPUBuffer) throws(DRMError) -> UInt64?
}

/// An open node that the parts of a trial share.
final class OpenDevice {
  let node: DRMNode

  init(_ path: String, kernel: Kernel) throws(DRMError) {
    node = try DRMNode(path: path, kernel: kernel)
  }

  /// Creates a GPU that takes jobs through the node; nil for a driver without jobs of a known kind.
  func makeGPU() throws(DRMError) -> (any TestGPU)? {
    if node.features.contains(.queueGroups) { return try CommandStreamGPU(self) }
    if node.features.contains(.jobChains) { return try JobChainGPU(self) }
    return nil
  }
}

/// A BO with its GPU address.
struct GPUBuffer {
  let handle: GEMHandle
  let address: UInt64
}

/// The layout of a cache line with a word.
enum TestLine {
  /// In bytes.
  static let size: UInt64 = 64
  static let wordOffset = UInt64(JobDescriptor.immediateOffset)
}

/// Limits of a job that moves eight bytes.
enum TestJob {
  static let timeout = Duration.seconds(10)
}
