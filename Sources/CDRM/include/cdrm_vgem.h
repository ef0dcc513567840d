// SPDX-License-Identifier: MIT
#pragma once

#include "cdrm_request.h"

// vgem's own ioctls, 1.0: fences for tests of implicit synchronisation. Field names are the kernel's.

struct cdrm_vgem_fence_attach {
	uint32_t handle;
	uint32_t flags;
	uint32_t out_fence;
	uint32_t pad;
};

struct cdrm_vgem_fence_signal {
	uint32_t fence;
	uint32_t flags;
};

static const unsigned long cdrm_request_vgem_fence_attach =
	CDRM_DRM_RW(0x41, struct cdrm_vgem_fence_attach);
static const unsigned long cdrm_request_vgem_fence_signal =
	CDRM_DRM_W(0x42, struct cdrm_vgem_fence_signal);
