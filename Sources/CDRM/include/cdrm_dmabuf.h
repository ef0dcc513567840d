// SPDX-License-Identifier: MIT
#pragma once

#include "cdrm_request.h"

// The ioctls of a dma-buf descriptor.

struct cdrm_dma_buf_sync {
	uint64_t flags;
};

struct cdrm_dma_buf_export_sync_file {
	uint32_t flags;
	int32_t fd;
};

struct cdrm_dma_buf_import_sync_file {
	uint32_t flags;
	int32_t fd;
};

#define CDRM_DMA_BUF(direction, number, argument) \
	CDRM_REQUEST(direction, 'b', number, sizeof(argument))

static const unsigned long cdrm_request_dma_buf_sync =
	CDRM_DMA_BUF(CDRM_WRITE, 0, struct cdrm_dma_buf_sync);
// The argument is the address of the name; the size selects a variant of the request, not a struct.
static const unsigned long cdrm_request_dma_buf_set_name = CDRM_DMA_BUF(CDRM_WRITE, 1, uint64_t);
static const unsigned long cdrm_request_dma_buf_export_sync_file =
	CDRM_DMA_BUF(CDRM_WRITE | CDRM_READ, 2, struct cdrm_dma_buf_export_sync_file);
static const unsigned long cdrm_request_dma_buf_import_sync_file =
	CDRM_DMA_BUF(CDRM_WRITE, 3, struct cdrm_dma_buf_import_sync_file);

enum {
	CDRM_DMA_BUF_SYNC_READ = 1,
	CDRM_DMA_BUF_SYNC_WRITE = 2,
	CDRM_DMA_BUF_SYNC_RW = 3,
	CDRM_DMA_BUF_SYNC_START = 0,
	CDRM_DMA_BUF_SYNC_END = 4,
	// Including the NUL.
	CDRM_DMA_BUF_NAME_LEN = 32,
};
