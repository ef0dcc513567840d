// SPDX-License-Identifier: MIT

import CDRM
import DRMKernel
import Testing

/// The structs and numbers that the kernel fixed, against literals: client and mock share them, so a
/// mistake here would not show anywhere else.
@Suite struct LayoutTests {
  @Test(
    arguments: [
      (cdrm_request_version, 0xC040_6400), (cdrm_request_get_cap, 0xC010_640C),
      (cdrm_request_gem_close, 0x4008_6409), (cdrm_request_gem_change_handle, 0xC008_64D2),
      (cdrm_request_prime_handle_to_fd, 0xC00C_642D),
      (cdrm_request_prime_fd_to_handle, 0xC00C_642E),
      (cdrm_request_set_client_name, 0xC010_64D1), (cdrm_request_mode_create_dumb, 0xC020_64B2),
      (cdrm_request_panthor_dev_query, 0xC010_6440), (cdrm_request_panthor_vm_create, 0xC010_6441),
      (cdrm_request_panthor_vm_destroy, 0xC008_6442), (cdrm_request_panthor_bo_create, 0xC018_6445),
      (cdrm_request_panthor_bo_mmap_offset, 0xC010_6446),
      (cdrm_request_panthor_bo_sync, 0xC010_644F),
      (cdrm_request_panthor_bo_query_info, 0xC010_6450),
      (cdrm_request_panthor_vm_bind, 0xC018_6443),
      (cdrm_request_panthor_vm_get_state, 0xC008_6444),
      (cdrm_request_panthor_bo_set_label, 0xC010_644D),
      (cdrm_request_panthor_set_user_mmio_offset, 0xC008_644E),
      (cdrm_request_panfrost_wait_bo, 0x4010_6441), (cdrm_request_panfrost_create_bo, 0xC018_6442),
      (cdrm_request_panfrost_mmap_bo, 0xC010_6443), (cdrm_request_panfrost_get_param, 0xC010_6444),
      (cdrm_request_panfrost_get_bo_offset, 0xC010_6445),
      (cdrm_request_panfrost_madvise, 0xC00C_6448),
      (cdrm_request_panfrost_set_label_bo, 0xC010_6449),
      (cdrm_request_panfrost_sync_bo, 0xC010_644C),
      (cdrm_request_panfrost_query_bo_info, 0xC010_644D),
      (cdrm_request_dma_buf_sync, 0x4008_6200), (cdrm_request_dma_buf_set_name, 0x4008_6201),
      (cdrm_request_dma_buf_export_sync_file, 0xC008_6202),
      (cdrm_request_dma_buf_import_sync_file, 0x4008_6203),
      (cdrm_request_mode_map_dumb, 0xC010_64B3), (cdrm_request_mode_destroy_dumb, 0xC004_64B4),
      (cdrm_request_dma_heap_alloc, 0xC018_4800), (cdrm_request_udmabuf_create, 0x4018_7542),
      (cdrm_request_vgem_fence_attach, 0xC010_6441), (cdrm_request_vgem_fence_signal, 0x4008_6442),
      (cdrm_request_pvr_dev_query, 0xC010_6440), (cdrm_request_pvr_create_bo, 0xC018_6441),
      (cdrm_request_pvr_get_bo_mmap_offset, 0xC010_6442),
      (cdrm_request_syncobj_create, 0xC008_64BF), (cdrm_request_syncobj_destroy, 0xC008_64C0),
      (cdrm_request_syncobj_handle_to_fd, 0xC010_64C1),
      (cdrm_request_syncobj_fd_to_handle, 0xC010_64C2),
      (cdrm_request_syncobj_wait, 0xC028_64C3), (cdrm_request_syncobj_reset, 0xC010_64C4),
      (cdrm_request_syncobj_signal, 0xC010_64C5),
      (cdrm_request_syncobj_timeline_wait, 0xC030_64CA),
      (cdrm_request_syncobj_query, 0xC018_64CB),
      (cdrm_request_syncobj_timeline_signal, 0xC018_64CD),
      (cdrm_request_panfrost_submit, 0x4030_6440),
      (cdrm_request_panfrost_jm_ctx_create, 0xC008_644A),
      (cdrm_request_panfrost_jm_ctx_destroy, 0xC008_644B),
      (cdrm_request_panthor_group_create, 0xC038_6447),
      (cdrm_request_panthor_group_destroy, 0xC008_6448),
      (cdrm_request_panthor_group_submit, 0xC018_6449),
      (cdrm_request_panthor_group_get_state, 0xC010_644A),
    ] as [(UInt, UInt)])
  func requestNumber(_ ours: UInt, _ kernels: UInt) {
    #expect(ours == kernels)
  }

  @Test func coreStructs() {
    #expect(offsets(\cdrm_version.major, \.minor, \.patchlevel) == [0, 4, 8])
    #expect(offsets(\cdrm_version.name_len, \.name, \.date_len, \.date) == [16, 24, 32, 40])
    #expect(offsets(\cdrm_version.desc_len, \.desc) == [48, 56])
    #expect(offsets(\cdrm_get_cap.capability, \.value) == [0, 8])
    #expect(offsets(\cdrm_gem_close.handle, \.pad) == [0, 4])
    #expect(offset(\cdrm_prime_handle.fd) == 8)
    #expect(offset(\cdrm_set_client_name.name) == 8)
    #expect(offsets(\cdrm_mode_create_dumb.handle, \.pitch) == [16, 20])
    #expect(offset(\cdrm_mode_create_dumb.size) == 24)
  }

  @Test func exporterStructs() {
    #expect(offsets(\cdrm_mode_create_dumb.height, \.width, \.bpp, \.flags) == [0, 4, 8, 12])
    #expect(offset(\cdrm_mode_map_dumb.offset) == 8)
    #expect(offset(\cdrm_dma_heap_allocation_data.len) == 0)
    #expect(offsets(\cdrm_dma_heap_allocation_data.fd, \.fd_flags) == [8, 12])
    #expect(offset(\cdrm_dma_heap_allocation_data.heap_flags) == 16)
    #expect(offsets(\cdrm_udmabuf_create.memfd, \.flags) == [0, 4])
    #expect(offsets(\cdrm_udmabuf_create.offset, \.size) == [8, 16])
    #expect(offsets(\cdrm_vgem_fence_attach.handle, \.flags, \.out_fence, \.pad) == [0, 4, 8, 12])
    #expect(offsets(\cdrm_vgem_fence_signal.fence, \.flags) == [0, 4])
    #expect(offsets(\cdrm_pvr_dev_query.type, \.size) == [0, 4])
    #expect(offset(\cdrm_pvr_dev_query.pointer) == 8)
    #expect(offsets(\cdrm_pvr_create_bo.handle, \._padding_c) == [8, 12])
    #expect(offsets(\cdrm_pvr_create_bo.size, \.flags) == [0, 16])
    #expect(offsets(\cdrm_pvr_get_bo_mmap_offset.handle, \._padding_4) == [0, 4])
    #expect(offset(\cdrm_pvr_get_bo_mmap_offset.offset) == 8)
  }

  @Test func panthorStructs() {
    #expect(offsets(\cdrm_panthor_obj_array.stride, \.count) == [0, 4])
    #expect(offset(\cdrm_panthor_obj_array.array) == 8)
    #expect(offsets(\cdrm_panthor_dev_query.type, \.size) == [0, 4])
    #expect(offset(\cdrm_panthor_dev_query.pointer) == 8)
    #expect(offset(\cdrm_panthor_bo_create.size) == 0)
    #expect(
      offsets(\cdrm_panthor_bo_create.flags, \.exclusive_vm_id, \.handle, \.pad)
        == [8, 12, 16, 20])
    #expect(offset(\cdrm_panthor_bo_mmap_offset.offset) == 8)
    #expect(offsets(\cdrm_panthor_bo_sync_op.handle, \.type) == [0, 4])
    #expect(offsets(\cdrm_panthor_bo_sync_op.offset, \.size) == [8, 16])
    #expect(
      offsets(\cdrm_panthor_bo_query_info.handle, \.extra_flags, \.create_flags, \.pad)
        == [0, 4, 8, 12])
  }

  @Test func panthorDeviceInfo() {
    #expect(
      offsets(\cdrm_panthor_gpu_info.gpu_id, \.csf_id, \.mmu_features, \.coherency_features)
        == [0, 8, 24, 44])
    #expect(offset(\cdrm_panthor_gpu_info.texture_features) == 48)
    #expect(offsets(\cdrm_panthor_gpu_info.as_present, \.selected_coherency) == [64, 68])
    #expect(
      offsets(\cdrm_panthor_gpu_info.shader_present, \.l2_present, \.tiler_present)
        == [72, 80, 88])
    #expect(offset(\cdrm_panthor_gpu_info.core_features) == 96)
    #expect(offset(\cdrm_panthor_gpu_info.gpu_features) == 104)
    #expect(offsets(\cdrm_panthor_timestamp_info.flags, \.duration_nsec) == [24, 28])
    #expect(offset(\cdrm_panthor_timestamp_info.cpu_timestamp_nsec) == 48)
  }

  @Test func jobStructs() {
    #expect(
      offsets(\cdrm_panfrost_submit.jc, \.in_syncs, \.bo_handles) == [0, 8, 24])
    #expect(
      offsets(
        \cdrm_panfrost_submit.in_sync_count, \.out_sync, \.bo_handle_count, \.requirements,
        \.jm_ctx_handle, \.pad) == [16, 20, 32, 36, 40, 44])
    #expect(offsets(\cdrm_panthor_sync_op.flags, \.handle) == [0, 4])
    #expect(offset(\cdrm_panthor_sync_op.timeline_value) == 8)
    #expect(offset(\cdrm_panthor_queue_create.ringbuf_size) == 4)
    #expect(
      offsets(
        \cdrm_panthor_group_create.max_compute_cores, \.max_fragment_cores, \.max_tiler_cores,
        \.priority) == [16, 17, 18, 19])
    #expect(
      offsets(
        \cdrm_panthor_group_create.compute_core_mask, \.fragment_core_mask, \.tiler_core_mask)
        == [24, 32, 40])
    #expect(offsets(\cdrm_panthor_group_create.pad, \.vm_id, \.group_handle) == [20, 48, 52])
    #expect(
      offsets(\cdrm_panthor_queue_submit.queue_index, \.stream_size, \.latest_flush, \.pad)
        == [0, 4, 16, 20])
    #expect(offset(\cdrm_panthor_queue_submit.stream_addr) == 8)
    #expect(offset(\cdrm_panthor_queue_submit.syncs) == 24)
    #expect(offset(\cdrm_panthor_group_submit.queue_submits) == 8)
    #expect(
      offsets(\cdrm_panthor_group_get_state.group_handle, \.state, \.fatal_queues) == [0, 4, 8])
    #expect(
      offsets(\cdrm_syncobj_wait.count_handles, \.flags, \.first_signaled, \.pad)
        == [16, 20, 24, 28])
    #expect(offset(\cdrm_syncobj_wait.timeout_nsec) == 8)
    #expect(offsets(\cdrm_syncobj_timeline_wait.handles, \.points) == [0, 8])
    #expect(offset(\cdrm_syncobj_timeline_wait.timeout_nsec) == 16)
    #expect(offsets(\cdrm_syncobj_timeline_array.count_handles, \.flags) == [16, 20])
  }

  @Test func panfrostStructs() {
    #expect(
      offsets(\cdrm_panfrost_create_bo.size, \.flags, \.handle, \.pad) == [0, 4, 8, 12])
    #expect(offset(\cdrm_panfrost_create_bo.offset) == 16)
    #expect(offset(\cdrm_panfrost_mmap_bo.offset) == 8)
    #expect(offset(\cdrm_panfrost_get_param.value) == 8)
    #expect(offset(\cdrm_panfrost_wait_bo.timeout_ns) == 8)
    #expect(offsets(\cdrm_panfrost_madvise.handle, \.madv, \.retained) == [0, 4, 8])
    #expect(
      offsets(\cdrm_panfrost_bo_sync_op.handle, \.type, \.offset, \.size) == [0, 4, 8, 12])
    #expect(offset(\cdrm_panfrost_sync_bo.ops) == 0)
    #expect(offsets(\cdrm_panfrost_sync_bo.op_count, \.pad) == [8, 12])
  }

  @Test func bindStructs() {
    #expect(offsets(\cdrm_panthor_vm_bind_op.flags, \.bo_handle) == [0, 4])
    #expect(offsets(\cdrm_panthor_vm_bind_op.bo_offset, \.va, \.size) == [8, 16, 24])
    #expect(offset(\cdrm_panthor_vm_bind_op.syncs) == 32)
    #expect(offset(\cdrm_panthor_vm_bind.ops) == 8)
    #expect(offset(\cdrm_panthor_vm_create.user_va_range) == 8)
  }

  @Test func constants() {
    #expect(CDRM_CAP_DUMB_BUFFER == 1 && CDRM_CAP_PRIME == 5 && CDRM_CAP_SYNCOBJ == 0x13)
    #expect(CDRM_CAP_TIMESTAMP_MONOTONIC == 6 && CDRM_CAP_SYNCOBJ_TIMELINE == 0x14)
    #expect(CDRM_PANTHOR_BO_NO_MMAP == 1 && CDRM_PANTHOR_BO_WB_MMAP == 2)
    #expect(CDRM_PANTHOR_BO_SYNC_FLUSH == 0 && CDRM_PANTHOR_BO_SYNC_FLUSH_AND_INVALIDATE == 1)
    #expect(CDRM_PANTHOR_COHERENCY_ACE_LITE == 0 && CDRM_PANTHOR_COHERENCY_NONE == 31)
    #expect(CDRM_PANTHOR_DEV_QUERY_MMU_INFO == 4 && CDRM_PANTHOR_BO_IS_IMPORTED == 1)
  }

  private func offset<Root, Value>(_ path: KeyPath<Root, Value>) -> Int? {
    MemoryLayout<Root>.offset(of: path)
  }

  private func offsets<Root, Value>(_ paths: KeyPath<Root, Value>...) -> [Int?] {
    paths.map { MemoryLayout<Root>.offset(of: $0) }
  }
}
