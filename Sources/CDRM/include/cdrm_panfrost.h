// SPDX-License-Identifier: MIT
#pragma once

#include "cdrm_request.h"

// panfrost's memory uAPI, 1.0 to 1.6. Field names are the kernel's.

struct cdrm_panfrost_wait_bo {
	uint32_t handle;
	uint32_t pad;
	int64_t timeout_ns;
};

struct cdrm_panfrost_create_bo {
	uint32_t size;
	uint32_t flags;
	uint32_t handle;
	uint32_t pad;
	uint64_t offset;
};

struct cdrm_panfrost_mmap_bo {
	uint32_t handle;
	uint32_t flags;
	uint64_t offset;
};

struct cdrm_panfrost_get_param {
	uint32_t param;
	uint32_t pad;
	uint64_t value;
};

struct cdrm_panfrost_get_bo_offset {
	uint32_t handle;
	uint32_t pad;
	uint64_t offset;
};

struct cdrm_panfrost_madvise {
	uint32_t handle;
	uint32_t madv;
	uint32_t retained;
};

struct cdrm_panfrost_set_label_bo {
	uint32_t handle;
	uint32_t pad;
	uint64_t label;
};

struct cdrm_panfrost_bo_sync_op {
	uint32_t handle;
	uint32_t type;
	uint32_t offset;
	uint32_t size;
};

struct cdrm_panfrost_sync_bo {
	uint64_t ops;
	uint32_t op_count;
	uint32_t pad;
};

struct cdrm_panfrost_query_bo_info {
	uint32_t handle;
	uint32_t extra_flags;
	uint32_t create_flags;
	uint32_t pad;
};

static const unsigned long cdrm_request_panfrost_wait_bo =
	CDRM_DRM_W(0x41, struct cdrm_panfrost_wait_bo);
static const unsigned long cdrm_request_panfrost_create_bo =
	CDRM_DRM_RW(0x42, struct cdrm_panfrost_create_bo);
static const unsigned long cdrm_request_panfrost_mmap_bo =
	CDRM_DRM_RW(0x43, struct cdrm_panfrost_mmap_bo);
static const unsigned long cdrm_request_panfrost_get_param =
	CDRM_DRM_RW(0x44, struct cdrm_panfrost_get_param);
static const unsigned long cdrm_request_panfrost_get_bo_offset =
	CDRM_DRM_RW(0x45, struct cdrm_panfrost_get_bo_offset);
static const unsigned long cdrm_request_panfrost_madvise =
	CDRM_DRM_RW(0x48, struct cdrm_panfrost_madvise);
static const unsigned long cdrm_request_panfrost_set_label_bo =
	CDRM_DRM_RW(0x49, struct cdrm_panfrost_set_label_bo);
static const unsigned long cdrm_request_panfrost_sync_bo =
	CDRM_DRM_RW(0x4c, struct cdrm_panfrost_sync_bo);
static const unsigned long cdrm_request_panfrost_query_bo_info =
	CDRM_DRM_RW(0x4d, struct cdrm_panfrost_query_bo_info);

enum {
	CDRM_PANFROST_BO_NOEXEC = 1,
	CDRM_PANFROST_BO_HEAP = 2,
	CDRM_PANFROST_BO_WB_MMAP = 4,
	CDRM_PANFROST_BO_IS_IMPORTED = 1,

	CDRM_PANFROST_BO_SYNC_FLUSH = 0,
	CDRM_PANFROST_BO_SYNC_FLUSH_AND_INVALIDATE = 1,

	CDRM_PANFROST_MADV_WILLNEED = 0,
	CDRM_PANFROST_MADV_DONTNEED = 1,

	CDRM_PANFROST_PARAM_GPU_PROD_ID = 0,
	CDRM_PANFROST_PARAM_GPU_REVISION = 1,
	CDRM_PANFROST_PARAM_SHADER_PRESENT = 2,
	CDRM_PANFROST_PARAM_TILER_PRESENT = 3,
	CDRM_PANFROST_PARAM_L2_PRESENT = 4,
	CDRM_PANFROST_PARAM_AS_PRESENT = 6,
	CDRM_PANFROST_PARAM_JS_PRESENT = 7,
	CDRM_PANFROST_PARAM_L2_FEATURES = 8,
	CDRM_PANFROST_PARAM_MMU_FEATURES = 12,
	CDRM_PANFROST_PARAM_COHERENCY_FEATURES = 17,
	CDRM_PANFROST_PARAM_AFBC_FEATURES = 40,
	CDRM_PANFROST_PARAM_SYSTEM_TIMESTAMP = 41,
	CDRM_PANFROST_PARAM_SYSTEM_TIMESTAMP_FREQUENCY = 42,
	CDRM_PANFROST_PARAM_ALLOWED_JM_CTX_PRIORITIES = 43,
	CDRM_PANFROST_PARAM_SELECTED_COHERENCY = 44,
};
