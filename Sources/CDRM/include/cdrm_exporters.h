// SPDX-License-Identifier: MIT
#pragma once

#include "cdrm_request.h"

// Exporters without a GPU: /dev/dma_heap/* and /dev/udmabuf. Field names are the kernel's.

struct cdrm_dma_heap_allocation_data {
	uint64_t len;
	uint32_t fd;
	uint32_t fd_flags;
	uint64_t heap_flags;
};

struct cdrm_udmabuf_create {
	uint32_t memfd;
	uint32_t flags;
	uint64_t offset;
	uint64_t size;
};

static const unsigned long cdrm_request_dma_heap_alloc = CDRM_REQUEST(
	CDRM_WRITE | CDRM_READ, 'H', 0x00, sizeof(struct cdrm_dma_heap_allocation_data));
// The result of the ioctl is the descriptor.
static const unsigned long cdrm_request_udmabuf_create =
	CDRM_REQUEST(CDRM_WRITE, 'u', 0x42, sizeof(struct cdrm_udmabuf_create));

enum {
	CDRM_UDMABUF_FLAGS_CLOEXEC = 1,
};
