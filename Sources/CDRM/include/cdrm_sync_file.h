// SPDX-License-Identifier: MIT
#pragma once

#include "cdrm_request.h"

// The ioctls of a sync file. Field names are the kernel's.

struct cdrm_sync_file_info {
	char name[32];
	int32_t status;
	uint32_t flags;
	uint32_t num_fences;
	uint32_t pad;
	uint64_t sync_fence_info;
};

static const unsigned long cdrm_request_sync_file_info =
	CDRM_REQUEST(CDRM_WRITE | CDRM_READ, '>', 4, sizeof(struct cdrm_sync_file_info));
