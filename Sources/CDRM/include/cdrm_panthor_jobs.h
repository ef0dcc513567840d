// SPDX-License-Identifier: MIT
#pragma once

#include "cdrm_panthor.h"

// panthor's groups of queues and their jobs, 1.0 to 1.9. Field names are the kernel's.

struct cdrm_panthor_sync_op {
	uint32_t flags;
	uint32_t handle;
	uint64_t timeline_value;
};

struct cdrm_panthor_queue_create {
	uint8_t priority;
	uint8_t pad[3];
	uint32_t ringbuf_size;
};

struct cdrm_panthor_group_create {
	struct cdrm_panthor_obj_array queues;
	uint8_t max_compute_cores;
	uint8_t max_fragment_cores;
	uint8_t max_tiler_cores;
	uint8_t priority;
	uint32_t pad;
	uint64_t compute_core_mask;
	uint64_t fragment_core_mask;
	uint64_t tiler_core_mask;
	uint32_t vm_id;
	uint32_t group_handle;
};

struct cdrm_panthor_group_destroy {
	uint32_t group_handle;
	uint32_t pad;
};

struct cdrm_panthor_queue_submit {
	uint32_t queue_index;
	uint32_t stream_size;
	uint64_t stream_addr;
	uint32_t latest_flush;
	uint32_t pad;
	struct cdrm_panthor_obj_array syncs;
};

struct cdrm_panthor_group_submit {
	uint32_t group_handle;
	uint32_t pad;
	struct cdrm_panthor_obj_array queue_submits;
};

struct cdrm_panthor_group_get_state {
	uint32_t group_handle;
	uint32_t state;
	uint32_t fatal_queues;
	uint32_t pad;
};

static const unsigned long cdrm_request_panthor_group_create =
	CDRM_DRM_RW(0x47, struct cdrm_panthor_group_create);
static const unsigned long cdrm_request_panthor_group_destroy =
	CDRM_DRM_RW(0x48, struct cdrm_panthor_group_destroy);
static const unsigned long cdrm_request_panthor_group_submit =
	CDRM_DRM_RW(0x49, struct cdrm_panthor_group_submit);
static const unsigned long cdrm_request_panthor_group_get_state =
	CDRM_DRM_RW(0x4a, struct cdrm_panthor_group_get_state);

enum {
	CDRM_PANTHOR_SYNC_OP_HANDLE_TYPE_MASK = 0xff,
	CDRM_PANTHOR_SYNC_OP_HANDLE_TYPE_SYNCOBJ = 0,
	CDRM_PANTHOR_SYNC_OP_HANDLE_TYPE_TIMELINE_SYNCOBJ = 1,

	CDRM_PANTHOR_GROUP_PRIORITY_LOW = 0,
	CDRM_PANTHOR_GROUP_PRIORITY_MEDIUM = 1,
	CDRM_PANTHOR_GROUP_PRIORITY_HIGH = 2,
	CDRM_PANTHOR_GROUP_PRIORITY_REALTIME = 3,

	CDRM_PANTHOR_GROUP_STATE_TIMEDOUT = 1,
	CDRM_PANTHOR_GROUP_STATE_FATAL_FAULT = 2,
	CDRM_PANTHOR_GROUP_STATE_INNOCENT = 4,
};

// Set for a syncobj that the job signals, clear for a syncobj that it waits for.
#define CDRM_PANTHOR_SYNC_OP_SIGNAL 0x80000000u
