// SPDX-License-Identifier: MIT

internal import DRM

/// A GPU that reads and writes a word of a BO when it is told to, by real jobs that need no shader.
///
/// A word lies in a cache line of its own: a GPU with job slots reads nothing but descriptors, so what the CPU
/// writes for it is the line around the word.
protocol TestGPU: AnyObject {
  /// Lets the device see a BO; what it is told of later is this BO.
  func attach(_ buffer: borrowing BufferObject) throws(DRMError) -> GPUBuffer

  /// The 64 bytes that the CPU must store at the begin of a line, so that the device reads a word there.
  func line(telling word: UInt64) -> [UInt8]

  /// Has the device write a word, and waits for the end of that.
  func write(_ word: UInt64, at offset: UInt64, of buffer: GPUBuffer) throws(DRMError)

  /// Has the device read the word of a line, and waits for the end of that; nil where it finds nothing that it
  /// understands.
  func read(lineAt offset: UInt64, of buffer: GPUBuffer) throws(DRMError) -> UInt64?
}

/// A BO as a device sees it.
struct GPUBuffer {
  let handle: GEMHandle
  let address: UInt64
}

/// Where things are in a line.
enum TestLine {
  /// In bytes.
  static let size: UInt64 = 64
  static let wordOffset = UInt64(JobDescriptor.immediateOffset)
}

extension BufferMapping {
  /// Maintains memory of the experiment's own by the CPU's instructions, as a driver that is mistaken about coherency
  /// would not; where the CPU has none the driver must be right.
  func maintainOwn() {
    try? maintain(.flushAndInvalidate, 0..<UInt64(length))
  }
}

/// How long a job may take that moves eight bytes.
enum TestJob {
  static let patience = Duration.seconds(10)
}
