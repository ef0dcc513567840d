// SPDX-License-Identifier: MIT
#pragma once

#include "cdrm_request.h"

// powervr's memory uAPI, 1.0. Field names are the kernel's.

struct cdrm_pvr_obj_array {
	uint32_t stride;
	uint32_t count;
	uint64_t array;
};

struct cdrm_pvr_dev_query {
	uint32_t type;
	uint32_t size;
	uint64_t pointer;
};

struct cdrm_pvr_create_bo {
	uint64_t size;
	uint32_t handle;
	uint32_t _padding_c;
	uint64_t flags;
};

struct cdrm_pvr_get_bo_mmap_offset {
	uint32_t handle;
	uint32_t _padding_4;
	uint64_t offset;
};

static const unsigned long cdrm_request_pvr_dev_query =
	CDRM_DRM_RW(0x40, struct cdrm_pvr_dev_query);
static const unsigned long cdrm_request_pvr_create_bo =
	CDRM_DRM_RW(0x41, struct cdrm_pvr_create_bo);
static const unsigned long cdrm_request_pvr_get_bo_mmap_offset =
	CDRM_DRM_RW(0x42, struct cdrm_pvr_get_bo_mmap_offset);

enum {
	CDRM_PVR_BO_BYPASS_DEVICE_CACHE = 1,
	CDRM_PVR_BO_PM_FW_PROTECT = 2,
	CDRM_PVR_BO_ALLOW_CPU_USERSPACE_ACCESS = 4,
};
