// SPDX-License-Identifier: MIT
//
// What a cache may do unasked: write dirty lines back, and fetch clean ones again.
#ifndef SOC_EVICTION_H
#define SOC_EVICTION_H

#include "gpu_mmu.h"
#include "options.h"

// Before (EVICT_START) or after (EVICT_END) a job: for everything that its address space maps.
void eviction_pass(enum eviction when, const struct address_space *space);

#endif
