// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// The system heap, `/dev/dma_heap/system`: `dma-heap.c` and `heaps/system_heap.c`.
enum MockHeap {
  static let path = "/dev/dma_heap/system"

  // O_ACCMODE and O_CLOEXEC.
  private static let accessMode: UInt32 = 3
  private static let closeOnExec: UInt32 = 0x80000

  /// Performs an ioctl as `dma_heap_ioctl` does: the number selects the call, the size is the caller's.
  static func ioctl(
    _ request: IoctlRequest, argument address: UInt64, on machine: MockMachine
  ) throws(Errno) {
    let known = IoctlRequest(rawValue: cdrm_request_dma_heap_alloc)
    guard request.number == known.number else { throw .EINVAL }
    let inSize = request.isIn ? request.size : 0
    let outSize = request.isOut ? request.size : 0
    var words = [UInt64](repeating: 0, count: (max(request.size, known.size) + 7) / 8)
    try unsafe words.withUnsafeMutableBufferPointer { words throws(Errno) in
      let bytes = UnsafeMutableRawBufferPointer(words)
      try unsafe ClientMemory.read(
        address, into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<inSize]))
      var argument = unsafe bytes.load(as: cdrm_dma_heap_allocation_data.self)
      var failure: Errno?
      do throws(Errno) {
        try allocate(&argument, on: machine)
      } catch {
        failure = error
      }
      unsafe bytes.storeBytes(of: argument, as: cdrm_dma_heap_allocation_data.self)
      try unsafe ClientMemory.write(
        address, from: UnsafeRawBufferPointer(rebasing: bytes[..<outSize]))
      if let failure { throw failure }
    }
  }

  private static func allocate(
    _ argument: inout cdrm_dma_heap_allocation_data, on machine: MockMachine
  ) throws(Errno) {
    guard argument.fd == 0, argument.fd_flags & ~(closeOnExec | accessMode) == 0,
      argument.heap_flags == 0
    else { throw .EINVAL }
    let size = machine.pageAligned(argument.len)
    guard size != 0 else { throw .EINVAL }
    // The kernel refuses sizes above all memory; 1 TiB stands for that limit.
    guard size <= 1 << 40 else { throw .ENOMEM }
    let memory = try PlainMemory(size: size, kind: .heap, on: machine)
    // As in OPEN_FMODE: bit 0 reads, bit 1 writes.
    let mode = (argument.fd_flags & accessMode) + 1
    let dmaBuf = MockDMABuf(
      exporting: memory, isReadable: mode & 1 != 0, isWritable: mode & 2 != 0, log: machine.log)
    argument.fd = UInt32(bitPattern: try machine.descriptors.insert(.dmaBuf(dmaBuf)))
  }
}
