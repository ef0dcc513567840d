// SPDX-License-Identifier: MIT
#pragma once

#include "cdrm_request.h"

// panfrost's jobs, 1.0 to 1.6. Field names are the kernel's.

struct cdrm_panfrost_submit {
	uint64_t jc;
	uint64_t in_syncs;
	uint32_t in_sync_count;
	uint32_t out_sync;
	uint64_t bo_handles;
	uint32_t bo_handle_count;
	uint32_t requirements;
	uint32_t jm_ctx_handle;
	uint32_t pad;
};

struct cdrm_panfrost_jm_ctx_create {
	uint32_t handle;
	uint32_t priority;
};

struct cdrm_panfrost_jm_ctx_destroy {
	uint32_t handle;
	uint32_t pad;
};

// Up to 1.4 the argument ended before the context; the kernel still accepts the shorter form.
static const unsigned long cdrm_request_panfrost_submit =
	CDRM_DRM_W(0x40, struct cdrm_panfrost_submit);
static const unsigned long cdrm_request_panfrost_jm_ctx_create =
	CDRM_DRM_RW(0x4a, struct cdrm_panfrost_jm_ctx_create);
static const unsigned long cdrm_request_panfrost_jm_ctx_destroy =
	CDRM_DRM_RW(0x4b, struct cdrm_panfrost_jm_ctx_destroy);

enum {
	CDRM_PANFROST_JD_REQ_FS = 1,
	CDRM_PANFROST_JD_REQ_CYCLE_COUNT = 2,

	CDRM_PANFROST_JM_CTX_PRIORITY_LOW = 0,
	CDRM_PANFROST_JM_CTX_PRIORITY_MEDIUM = 1,
	CDRM_PANFROST_JM_CTX_PRIORITY_HIGH = 2,
};
