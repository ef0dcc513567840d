// SPDX-License-Identifier: MIT

internal import CDRM

/// The ioctls of dma-bufs, sync files and exporters.
extension IoctlLayout {
  /// The ioctls of a dma-buf.
  static let dmaBuf = IoctlLayoutTable([
    IoctlLayout(
      "DMA_BUF_SYNC", cdrm_request_dma_buf_sync,
      .u64("flags", names: .flags([0: "READ", 1: "WRITE", 2: "END"]))),
    IoctlLayout(
      "DMA_BUF_SET_NAME", cdrm_request_dma_buf_set_name, stringLimit: CDRM_DMA_BUF_NAME_LEN),
    IoctlLayout(
      "DMA_BUF_EXPORT_SYNC_FILE", cdrm_request_dma_buf_export_sync_file,
      .u32("flags", names: .flags([0: "READ", 1: "WRITE"])), .s32("fd", .output, .descriptor)),
    IoctlLayout(
      "DMA_BUF_IMPORT_SYNC_FILE", cdrm_request_dma_buf_import_sync_file,
      .u32("flags", names: .flags([0: "READ", 1: "WRITE"])), .s32("fd", .input, .descriptor)),
  ])

  /// The ioctls of a sync file.
  ///
  /// The fence's name differs between kernels and is cleared like a time.
  static let syncFile = IoctlLayoutTable([
    IoctlLayout(
      "SYNC_FILE_INFO", cdrm_request_sync_file_info,
      .u64("name.0", .output), .u64("name.1", .output), .u64("name.2", .output),
      .u64("name.3", .output), .s32("status", .output), .u32("flags"), .u32("num_fences", .both),
      .u32("pad"), .bytes("sync_fence_info", .output, length: "num_fences", unit: 80),
      stable: ["status"],
      times: [
        VariableOutput(
          selector: FieldSpan(offset: 36, width: 4), values: 0...UInt64.max, place: .argument,
          ranges: [0..<32])
      ])
  ])

  /// The ioctls of `/dev/dma_heap/*`.
  static let dmaHeap = IoctlLayoutTable([
    IoctlLayout(
      "DMA_HEAP_ALLOC", cdrm_request_dma_heap_alloc,
      .u64("len"), .u32("fd", .both, .descriptor), .u32("fd_flags"), .u64("heap_flags"))
  ])

  /// The ioctls of `/dev/udmabuf`.
  static let udmabuf = IoctlLayoutTable([
    IoctlLayout(
      "UDMABUF_CREATE", cdrm_request_udmabuf_create,
      .u32("memfd", .input, .descriptor), .u32("flags", names: .flags([0: "CLOEXEC"])),
      .u64("offset"), .u64("size"),
      returnsDescriptor: true)
  ])

  /// The ioctls of vgem.
  static let vgem = IoctlLayoutTable([
    IoctlLayout(
      "VGEM_FENCE_ATTACH", cdrm_request_vgem_fence_attach,
      .u32("handle", .input, .handle(.gem)), .u32("flags", names: .flags([0: "WRITE"])),
      .u32("out_fence", .output, .handle(.fence)), .u32("pad")),
    IoctlLayout(
      "VGEM_FENCE_SIGNAL", cdrm_request_vgem_fence_signal,
      .u32("fence", .input, .handle(.fence)), .u32("flags")),
  ])
}
