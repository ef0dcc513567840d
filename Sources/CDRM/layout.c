// SPDX-License-Identifier: MIT
#include "CDRM.h"

// Sizes of the kernel's structs. Tests/CDRMTests pins offsets and request numbers to literals.
#define SIZE(type, bytes) _Static_assert(sizeof(struct type) == (bytes), #type)

SIZE(cdrm_version, 64);
SIZE(cdrm_get_cap, 16);
SIZE(cdrm_gem_close, 8);
SIZE(cdrm_gem_change_handle, 8);
SIZE(cdrm_prime_handle, 12);
SIZE(cdrm_set_client_name, 16);
SIZE(cdrm_mode_create_dumb, 32);
SIZE(cdrm_mode_map_dumb, 16);
SIZE(cdrm_mode_destroy_dumb, 4);

SIZE(cdrm_panthor_obj_array, 16);
SIZE(cdrm_panthor_dev_query, 16);
SIZE(cdrm_panthor_gpu_info, 112);
SIZE(cdrm_panthor_csif_info, 24);
SIZE(cdrm_panthor_timestamp_info, 56);
SIZE(cdrm_panthor_group_priorities_info, 4);
SIZE(cdrm_panthor_mmu_info, 8);
SIZE(cdrm_panthor_vm_create, 16);
SIZE(cdrm_panthor_vm_destroy, 8);
SIZE(cdrm_panthor_bo_create, 24);
SIZE(cdrm_panthor_bo_mmap_offset, 16);
SIZE(cdrm_panthor_bo_sync_op, 24);
SIZE(cdrm_panthor_bo_sync, 16);
SIZE(cdrm_panthor_bo_query_info, 16);
SIZE(cdrm_panthor_vm_bind, 24);
SIZE(cdrm_panthor_vm_bind_op, 48);
SIZE(cdrm_panthor_vm_get_state, 8);
SIZE(cdrm_panthor_bo_set_label, 16);
SIZE(cdrm_panthor_set_user_mmio_offset, 8);
SIZE(cdrm_panthor_sync_op, 16);
SIZE(cdrm_panthor_queue_create, 8);
SIZE(cdrm_panthor_group_create, 56);
SIZE(cdrm_panthor_group_destroy, 8);
SIZE(cdrm_panthor_queue_submit, 40);
SIZE(cdrm_panthor_group_submit, 24);
SIZE(cdrm_panthor_group_get_state, 16);

SIZE(cdrm_panfrost_wait_bo, 16);
SIZE(cdrm_panfrost_create_bo, 24);
SIZE(cdrm_panfrost_mmap_bo, 16);
SIZE(cdrm_panfrost_get_param, 16);
SIZE(cdrm_panfrost_get_bo_offset, 16);
SIZE(cdrm_panfrost_madvise, 12);
SIZE(cdrm_panfrost_set_label_bo, 16);
SIZE(cdrm_panfrost_bo_sync_op, 16);
SIZE(cdrm_panfrost_sync_bo, 16);
SIZE(cdrm_panfrost_query_bo_info, 16);
SIZE(cdrm_panfrost_submit, 48);
SIZE(cdrm_panfrost_jm_ctx_create, 8);
SIZE(cdrm_panfrost_jm_ctx_destroy, 8);

SIZE(cdrm_syncobj_create, 8);
SIZE(cdrm_syncobj_destroy, 8);
SIZE(cdrm_syncobj_handle, 16);
SIZE(cdrm_syncobj_wait, 40);
SIZE(cdrm_syncobj_timeline_wait, 48);
SIZE(cdrm_syncobj_array, 16);
SIZE(cdrm_syncobj_timeline_array, 24);
SIZE(cdrm_sync_file_info, 56);
SIZE(cdrm_dma_buf_sync, 8);
SIZE(cdrm_dma_buf_export_sync_file, 8);
SIZE(cdrm_dma_buf_import_sync_file, 8);

SIZE(cdrm_dma_heap_allocation_data, 24);
SIZE(cdrm_udmabuf_create, 24);
SIZE(cdrm_vgem_fence_attach, 16);
SIZE(cdrm_vgem_fence_signal, 8);
SIZE(cdrm_pvr_obj_array, 16);
SIZE(cdrm_pvr_dev_query, 16);
SIZE(cdrm_pvr_create_bo, 24);
SIZE(cdrm_pvr_get_bo_mmap_offset, 16);
