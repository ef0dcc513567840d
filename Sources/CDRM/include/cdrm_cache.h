// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>
#include <stdint.h>

// Cache maintenance by a process, by address: dc cvac and dc civac on AArch64, clflush on x86.

// Returns the smallest size of a line in bytes, by which maintenance steps; 0 where a process has no such instructions (32-bit Arm).
size_t cdrm_cache_line_size(void);

// Returns the granule of write-backs in bytes, 0 where a process has no such instructions: bytes in one granule
// share the fate of a line, on some core or in some cache. It is not less than the size of a line.
size_t cdrm_cache_granule(void);

// The same, from a value of AArch64's CTR_EL0.
size_t cdrm_ctr_line_size(uint64_t ctr);
size_t cdrm_ctr_granule(uint64_t ctr);

// Maintain every line that a range touches, and wait for the end.
void cdrm_cache_clean(void *_Nonnull start, size_t length);
void cdrm_cache_clean_and_invalidate(void *_Nonnull start, size_t length);

// Loads a byte of each page from an address on, so that the page tables map all of them.
void cdrm_touch_pages(const void *_Nullable address, size_t length, size_t page_size);
