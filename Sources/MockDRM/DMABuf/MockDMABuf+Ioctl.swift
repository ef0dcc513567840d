// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

extension MockDMABuf {
  /// Performs an ioctl on a descriptor of this dma-buf: `dma_buf_ioctl`.
  func ioctl(
    _ request: IoctlRequest, argument address: UInt64, on machine: MockMachine
  ) throws(Errno) {
    switch request.rawValue {
    case cdrm_request_dma_buf_sync:
      try sync(flags: word64(address), on: machine)
    case cdrm_request_dma_buf_set_name, setName32:
      guard try ClientMemory.readString(address, limit: CDRM_DMA_BUF_NAME_LEN) != nil else {
        throw .EINVAL
      }
    case cdrm_request_dma_buf_export_sync_file:
      let (flags, _) = try words(address)
      try checkSyncFile(flags)
      let descriptor = try machine.descriptors.insert(
        .syncFile(
          machine.jobs.fences(
            on: exporter.memory, isWriter: flags & UInt32(CDRM_DMA_BUF_SYNC_WRITE) != 0)))
      do throws(Errno) {
        try ClientMemory.writeBytes(
          address + 4, (0..<4).map { UInt8(truncatingIfNeeded: descriptor >> ($0 * 8)) })
      } catch {
        try machine.descriptors.remove(descriptor)
        throw error
      }
    case cdrm_request_dma_buf_import_sync_file:
      let (flags, descriptor) = try words(address)
      try checkSyncFile(flags)
      exporter.memory.reservation.attach(
        try machine.descriptors.fences(ofSyncFile: CInt(bitPattern: descriptor)),
        isWriter: flags & UInt32(CDRM_DMA_BUF_SYNC_WRITE) != 0)
    default: throw .ENOTTY
    }
  }

  /// SET_NAME with a 32-bit argument size: `DMA_BUF_SET_NAME_A`.
  private var setName32: UInt {
    IoctlRequest(rawValue: cdrm_request_dma_buf_set_name).resized(to: 4).rawValue
  }

  /// Calls the exporter's hook, then waits for fences after a START; unpaired calls are accepted.
  private func sync(flags: UInt64, on machine: MockMachine) throws(Errno) {
    let known = UInt64(CDRM_DMA_BUF_SYNC_RW | CDRM_DMA_BUF_SYNC_END)
    guard flags & ~known == 0, flags & UInt64(CDRM_DMA_BUF_SYNC_RW) != 0 else { throw .EINVAL }
    let direction: DMADirection =
      switch Int(flags) & CDRM_DMA_BUF_SYNC_RW {
      case CDRM_DMA_BUF_SYNC_READ: .fromDevice
      case CDRM_DMA_BUF_SYNC_WRITE: .toDevice
      default: .bidirectional
      }
    if flags & UInt64(CDRM_DMA_BUF_SYNC_END) != 0 {
      try exporter.endAccess(direction, through: self)
    } else {
      try exporter.beginAccess(direction, through: self)
      machine.performEventsWhileWaiting()
      machine.jobs.finishFenced(
        on: exporter.memory, isWriter: flags & UInt64(CDRM_DMA_BUF_SYNC_WRITE) != 0)
    }
  }

  private func checkSyncFile(_ flags: UInt32) throws(Errno) {
    let known = UInt32(CDRM_DMA_BUF_SYNC_RW)
    guard flags & ~known == 0, flags & known != 0 else { throw .EINVAL }
  }

  private func word64(_ address: UInt64) throws(Errno) -> UInt64 {
    try ClientMemory.readBytes(address, count: 8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Reads both fields of a sync file's argument at once, as `copy_from_user` does.
  private func words(_ address: UInt64) throws(Errno) -> (UInt32, UInt32) {
    let both = try word64(address)
    return (UInt32(truncatingIfNeeded: both), UInt32(truncatingIfNeeded: both >> 32))
  }
}
