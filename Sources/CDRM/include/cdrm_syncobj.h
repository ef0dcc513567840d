// SPDX-License-Identifier: MIT
#pragma once

#include "cdrm_request.h"

// The core's syncobjs, which hold the fences of jobs. Field names are the kernel's.

struct cdrm_syncobj_create {
	uint32_t handle;
	uint32_t flags;
};

struct cdrm_syncobj_destroy {
	uint32_t handle;
	uint32_t pad;
};

// Linux 6.16 appended a timeline point; the kernel still accepts the shorter form.
struct cdrm_syncobj_handle {
	uint32_t handle;
	uint32_t flags;
	int32_t fd;
	uint32_t pad;
};

struct cdrm_syncobj_wait {
	uint64_t handles;
	int64_t timeout_nsec;
	uint32_t count_handles;
	uint32_t flags;
	uint32_t first_signaled;
	uint32_t pad;
	uint64_t deadline_nsec;
};

struct cdrm_syncobj_timeline_wait {
	uint64_t handles;
	uint64_t points;
	int64_t timeout_nsec;
	uint32_t count_handles;
	uint32_t flags;
	uint32_t first_signaled;
	uint32_t pad;
	uint64_t deadline_nsec;
};

struct cdrm_syncobj_array {
	uint64_t handles;
	uint32_t count_handles;
	uint32_t pad;
};

struct cdrm_syncobj_timeline_array {
	uint64_t handles;
	uint64_t points;
	uint32_t count_handles;
	uint32_t flags;
};

static const unsigned long cdrm_request_syncobj_create =
	CDRM_DRM_RW(0xbf, struct cdrm_syncobj_create);
static const unsigned long cdrm_request_syncobj_destroy =
	CDRM_DRM_RW(0xc0, struct cdrm_syncobj_destroy);
static const unsigned long cdrm_request_syncobj_handle_to_fd =
	CDRM_DRM_RW(0xc1, struct cdrm_syncobj_handle);
static const unsigned long cdrm_request_syncobj_fd_to_handle =
	CDRM_DRM_RW(0xc2, struct cdrm_syncobj_handle);
static const unsigned long cdrm_request_syncobj_wait =
	CDRM_DRM_RW(0xc3, struct cdrm_syncobj_wait);
static const unsigned long cdrm_request_syncobj_reset =
	CDRM_DRM_RW(0xc4, struct cdrm_syncobj_array);
static const unsigned long cdrm_request_syncobj_signal =
	CDRM_DRM_RW(0xc5, struct cdrm_syncobj_array);
static const unsigned long cdrm_request_syncobj_timeline_wait =
	CDRM_DRM_RW(0xca, struct cdrm_syncobj_timeline_wait);
static const unsigned long cdrm_request_syncobj_query =
	CDRM_DRM_RW(0xcb, struct cdrm_syncobj_timeline_array);
static const unsigned long cdrm_request_syncobj_timeline_signal =
	CDRM_DRM_RW(0xcd, struct cdrm_syncobj_timeline_array);

enum {
	CDRM_SYNCOBJ_CREATE_SIGNALED = 1,
	CDRM_SYNCOBJ_HANDLE_TO_FD_FLAGS_EXPORT_SYNC_FILE = 1,
	CDRM_SYNCOBJ_FD_TO_HANDLE_FLAGS_IMPORT_SYNC_FILE = 1,

	CDRM_SYNCOBJ_WAIT_FLAGS_WAIT_ALL = 1,
	CDRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT = 2,
	CDRM_SYNCOBJ_WAIT_FLAGS_WAIT_AVAILABLE = 4,
	CDRM_SYNCOBJ_WAIT_FLAGS_WAIT_DEADLINE = 8,
};
