// SPDX-License-Identifier: MIT
#pragma once

#include "cdrm_request.h"

// The ioctls of the DRM core that a render client uses. Field names are the kernel's.

struct cdrm_version {
	int32_t major;
	int32_t minor;
	int32_t patchlevel;
	uint32_t reserved;
	uint64_t name_len;
	uint64_t name;
	uint64_t date_len;
	uint64_t date;
	uint64_t desc_len;
	uint64_t desc;
};

struct cdrm_get_cap {
	uint64_t capability;
	uint64_t value;
};

struct cdrm_gem_close {
	uint32_t handle;
	uint32_t pad;
};

struct cdrm_gem_change_handle {
	uint32_t handle;
	uint32_t new_handle;
};

struct cdrm_prime_handle {
	uint32_t handle;
	uint32_t flags;
	int32_t fd;
};

struct cdrm_set_client_name {
	uint64_t name_len;
	uint64_t name;
};

struct cdrm_mode_create_dumb {
	uint32_t height;
	uint32_t width;
	uint32_t bpp;
	uint32_t flags;
	uint32_t handle;
	uint32_t pitch;
	uint64_t size;
};

struct cdrm_mode_map_dumb {
	uint32_t handle;
	uint32_t pad;
	uint64_t offset;
};

struct cdrm_mode_destroy_dumb {
	uint32_t handle;
};

static const unsigned long cdrm_request_version = CDRM_DRM_RW(0x00, struct cdrm_version);
static const unsigned long cdrm_request_get_cap = CDRM_DRM_RW(0x0c, struct cdrm_get_cap);
static const unsigned long cdrm_request_gem_close = CDRM_DRM_W(0x09, struct cdrm_gem_close);
static const unsigned long cdrm_request_gem_change_handle =
	CDRM_DRM_RW(0xd2, struct cdrm_gem_change_handle);
static const unsigned long cdrm_request_prime_handle_to_fd =
	CDRM_DRM_RW(0x2d, struct cdrm_prime_handle);
static const unsigned long cdrm_request_prime_fd_to_handle =
	CDRM_DRM_RW(0x2e, struct cdrm_prime_handle);
static const unsigned long cdrm_request_set_client_name =
	CDRM_DRM_RW(0xd1, struct cdrm_set_client_name);
static const unsigned long cdrm_request_mode_create_dumb =
	CDRM_DRM_RW(0xb2, struct cdrm_mode_create_dumb);
static const unsigned long cdrm_request_mode_map_dumb =
	CDRM_DRM_RW(0xb3, struct cdrm_mode_map_dumb);
static const unsigned long cdrm_request_mode_destroy_dumb =
	CDRM_DRM_RW(0xb4, struct cdrm_mode_destroy_dumb);
enum {
	CDRM_CAP_DUMB_BUFFER = 0x1,
	CDRM_CAP_PRIME = 0x5,
	CDRM_CAP_TIMESTAMP_MONOTONIC = 0x6,
	CDRM_CAP_SYNCOBJ = 0x13,
	CDRM_CAP_SYNCOBJ_TIMELINE = 0x14,

	CDRM_PRIME_CAP_IMPORT = 0x1,
	CDRM_PRIME_CAP_EXPORT = 0x2,

	// The numbers of driver ioctls are between these two.
	CDRM_COMMAND_BASE = 0x40,
	CDRM_COMMAND_END = 0xa0,
};
