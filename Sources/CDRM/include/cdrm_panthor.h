// SPDX-License-Identifier: MIT
#pragma once

#include "cdrm_request.h"

// panthor's memory uAPI, 1.0 to 1.9. Field names are the kernel's.

// An array in the caller's memory with a stride, which may be smaller or larger than the kernel's element.
struct cdrm_panthor_obj_array {
	uint32_t stride;
	uint32_t count;
	uint64_t array;
};

struct cdrm_panthor_dev_query {
	uint32_t type;
	uint32_t size;
	uint64_t pointer;
};

struct cdrm_panthor_gpu_info {
	uint32_t gpu_id;
	uint32_t gpu_rev;
	uint32_t csf_id;
	uint32_t l2_features;
	uint32_t tiler_features;
	uint32_t mem_features;
	uint32_t mmu_features;
	uint32_t thread_features;
	uint32_t max_threads;
	uint32_t thread_max_workgroup_size;
	uint32_t thread_max_barrier_size;
	uint32_t coherency_features;
	uint32_t texture_features[4];
	uint32_t as_present;
	uint32_t selected_coherency;
	uint64_t shader_present;
	uint64_t l2_present;
	uint64_t tiler_present;
	uint32_t core_features;
	uint32_t pad;
	uint64_t gpu_features;
};

struct cdrm_panthor_csif_info {
	uint32_t csg_slot_count;
	uint32_t cs_slot_count;
	uint32_t cs_reg_count;
	uint32_t scoreboard_slot_count;
	uint32_t unpreserved_cs_reg_count;
	uint32_t pad;
};

struct cdrm_panthor_timestamp_info {
	uint64_t timestamp_frequency;
	uint64_t current_timestamp;
	uint64_t timestamp_offset;
	uint32_t flags;
	uint32_t duration_nsec;
	uint64_t cycle_count;
	uint64_t cpu_timestamp_sec;
	uint64_t cpu_timestamp_nsec;
};

struct cdrm_panthor_group_priorities_info {
	uint8_t allowed_mask;
	uint8_t pad[3];
};

struct cdrm_panthor_mmu_info {
	uint64_t page_size_bitmap;
};

struct cdrm_panthor_vm_create {
	uint32_t flags;
	uint32_t id;
	uint64_t user_va_range;
};

struct cdrm_panthor_vm_destroy {
	uint32_t id;
	uint32_t pad;
};

struct cdrm_panthor_vm_bind {
	uint32_t vm_id;
	uint32_t flags;
	struct cdrm_panthor_obj_array ops;
};

struct cdrm_panthor_vm_bind_op {
	uint32_t flags;
	uint32_t bo_handle;
	uint64_t bo_offset;
	uint64_t va;
	uint64_t size;
	struct cdrm_panthor_obj_array syncs;
};

struct cdrm_panthor_vm_get_state {
	uint32_t vm_id;
	uint32_t state;
};

struct cdrm_panthor_bo_create {
	uint64_t size;
	uint32_t flags;
	uint32_t exclusive_vm_id;
	uint32_t handle;
	uint32_t pad;
};

struct cdrm_panthor_bo_mmap_offset {
	uint32_t handle;
	uint32_t pad;
	uint64_t offset;
};

struct cdrm_panthor_bo_set_label {
	uint32_t handle;
	uint32_t pad;
	uint64_t label;
};

struct cdrm_panthor_set_user_mmio_offset {
	uint64_t offset;
};

struct cdrm_panthor_bo_sync_op {
	uint32_t handle;
	uint32_t type;
	uint64_t offset;
	uint64_t size;
};

struct cdrm_panthor_bo_sync {
	struct cdrm_panthor_obj_array ops;
};

struct cdrm_panthor_bo_query_info {
	uint32_t handle;
	uint32_t extra_flags;
	uint32_t create_flags;
	uint32_t pad;
};

static const unsigned long cdrm_request_panthor_dev_query =
	CDRM_DRM_RW(0x40, struct cdrm_panthor_dev_query);
static const unsigned long cdrm_request_panthor_vm_create =
	CDRM_DRM_RW(0x41, struct cdrm_panthor_vm_create);
static const unsigned long cdrm_request_panthor_vm_destroy =
	CDRM_DRM_RW(0x42, struct cdrm_panthor_vm_destroy);
static const unsigned long cdrm_request_panthor_vm_bind =
	CDRM_DRM_RW(0x43, struct cdrm_panthor_vm_bind);
static const unsigned long cdrm_request_panthor_vm_get_state =
	CDRM_DRM_RW(0x44, struct cdrm_panthor_vm_get_state);
static const unsigned long cdrm_request_panthor_bo_create =
	CDRM_DRM_RW(0x45, struct cdrm_panthor_bo_create);
static const unsigned long cdrm_request_panthor_bo_mmap_offset =
	CDRM_DRM_RW(0x46, struct cdrm_panthor_bo_mmap_offset);
static const unsigned long cdrm_request_panthor_bo_set_label =
	CDRM_DRM_RW(0x4d, struct cdrm_panthor_bo_set_label);
static const unsigned long cdrm_request_panthor_set_user_mmio_offset =
	CDRM_DRM_RW(0x4e, struct cdrm_panthor_set_user_mmio_offset);
static const unsigned long cdrm_request_panthor_bo_sync =
	CDRM_DRM_RW(0x4f, struct cdrm_panthor_bo_sync);
static const unsigned long cdrm_request_panthor_bo_query_info =
	CDRM_DRM_RW(0x50, struct cdrm_panthor_bo_query_info);

enum {
	CDRM_PANTHOR_DEV_QUERY_GPU_INFO = 0,
	CDRM_PANTHOR_DEV_QUERY_CSIF_INFO = 1,
	CDRM_PANTHOR_DEV_QUERY_TIMESTAMP_INFO = 2,
	CDRM_PANTHOR_DEV_QUERY_GROUP_PRIORITIES_INFO = 3,
	CDRM_PANTHOR_DEV_QUERY_MMU_INFO = 4,

	CDRM_PANTHOR_COHERENCY_ACE_LITE = 0,
	CDRM_PANTHOR_COHERENCY_ACE = 1,
	CDRM_PANTHOR_COHERENCY_NONE = 31,

	CDRM_PANTHOR_BO_NO_MMAP = 0x1,
	CDRM_PANTHOR_BO_WB_MMAP = 0x2,
	CDRM_PANTHOR_BO_IS_IMPORTED = 0x1,

	CDRM_PANTHOR_BO_SYNC_FLUSH = 0,
	CDRM_PANTHOR_BO_SYNC_FLUSH_AND_INVALIDATE = 1,

	CDRM_PANTHOR_VM_BIND_ASYNC = 0x1,
	CDRM_PANTHOR_VM_BIND_OP_MAP_READONLY = 0x1,
	CDRM_PANTHOR_VM_BIND_OP_MAP_NOEXEC = 0x2,
	CDRM_PANTHOR_VM_BIND_OP_MAP_UNCACHED = 0x4,
	CDRM_PANTHOR_VM_BIND_OP_MAP_SPARSE = 0x8,
	CDRM_PANTHOR_VM_BIND_OP_TYPE_MAP = 0,
	CDRM_PANTHOR_VM_BIND_OP_TYPE_UNMAP = 0x10000000,
	CDRM_PANTHOR_VM_BIND_OP_TYPE_SYNC_ONLY = 0x20000000,
};

// The start of the device registers in a file's mmap space, for 64-bit and for 32-bit tasks.
#define CDRM_PANTHOR_USER_MMIO_64BIT 0x0100000000000000ull
#define CDRM_PANTHOR_USER_MMIO_32BIT 0x0000080000000000ull
