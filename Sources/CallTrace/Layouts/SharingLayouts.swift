// SPDX-License-Identifier: MIT

internal import CDRM

/// What is shared with a Mali by dma-buf, and where it comes from.
extension IoctlLayout {
  /// Those of a dma-buf descriptor.
  static let dmaBuf = IoctlLayoutTable([
    IoctlLayout(
      "DMA_BUF_SYNC", cdrm_request_dma_buf_sync,
      .u64("flags", words: .flags([0: "READ", 1: "WRITE", 2: "END"]))),
    IoctlLayout(
      "DMA_BUF_SET_NAME", cdrm_request_dma_buf_set_name, stringLimit: CDRM_DMA_BUF_NAME_LEN),
    IoctlLayout(
      "DMA_BUF_EXPORT_SYNC_FILE", cdrm_request_dma_buf_export_sync_file,
      .u32("flags", words: .flags([0: "READ", 1: "WRITE"])), .s32("fd", .output, .descriptor)),
    IoctlLayout(
      "DMA_BUF_IMPORT_SYNC_FILE", cdrm_request_dma_buf_import_sync_file,
      .u32("flags", words: .flags([0: "READ", 1: "WRITE"])), .s32("fd", .input, .descriptor)),
  ])

  /// Those of a sync file.
  ///
  /// What a fence is called is the kernel's affair.
  static let syncFile = IoctlLayoutTable([
    IoctlLayout(
      "SYNC_FILE_INFO", cdrm_request_sync_file_info,
      .u64("name.0", .output), .u64("name.1", .output), .u64("name.2", .output),
      .u64("name.3", .output), .s32("status", .output), .u32("flags"), .u32("num_fences", .both),
      .u32("pad"), .bytes("sync_fence_info", .output, length: "num_fences", unit: 80),
      stable: ["status"],
      clocks: [
        VariableOutput(
          selector: FieldSpan(offset: 36, width: 4), values: 0...UInt64.max, place: .argument,
          ranges: [0..<32])
      ])
  ])

  /// Those of `/dev/dma_heap/*`.
  static let dmaHeap = IoctlLayoutTable([
    IoctlLayout(
      "DMA_HEAP_ALLOC", cdrm_request_dma_heap_alloc,
      .u64("len"), .u32("fd", .both, .descriptor), .u32("fd_flags"), .u64("heap_flags"))
  ])

  /// Those of `/dev/udmabuf`.
  static let udmabuf = IoctlLayoutTable([
    IoctlLayout(
      "UDMABUF_CREATE", cdrm_request_udmabuf_create,
      .u32("memfd", .input, .descriptor), .u32("flags", words: .flags([0: "CLOEXEC"])),
      .u64("offset"), .u64("size"),
      answersDescriptor: true)
  ])

  /// vgem's own.
  static let vgem = IoctlLayoutTable([
    IoctlLayout(
      "VGEM_FENCE_ATTACH", cdrm_request_vgem_fence_attach,
      .u32("handle", .input, .handle(.gem)), .u32("flags", words: .flags([0: "WRITE"])),
      .u32("out_fence", .output, .handle(.fence)), .u32("pad")),
    IoctlLayout(
      "VGEM_FENCE_SIGNAL", cdrm_request_vgem_fence_signal,
      .u32("fence", .input, .handle(.fence)), .u32("flags")),
  ])

  /// powervr's own.
  static let powervr = IoctlLayoutTable([
    IoctlLayout(
      "PVR_DEV_QUERY", cdrm_request_pvr_dev_query,
      .u32("type"), .u32("size", .both), .bytes("pointer", .both, length: "size")),
    IoctlLayout(
      "PVR_CREATE_BO", cdrm_request_pvr_create_bo,
      .u64("size", .both), .u32("handle", .output, .handle(.gem)), .u32("_padding_c"),
      .u64(
        "flags",
        words: .flags([
          0: "BYPASS_DEVICE_CACHE", 1: "PM_FW_PROTECT", 2: "ALLOW_CPU_USERSPACE_ACCESS",
        ])),
      stable: ["size", "handle"]),
    IoctlLayout(
      "PVR_GET_BO_MMAP_OFFSET", cdrm_request_pvr_get_bo_mmap_offset,
      .u32("handle", .input, .handle(.gem)), .u32("_padding_4"),
      .u64("offset", .output, .fakeOffset)),
  ])
}
