// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>

// Cache maintenance by a process, by address: dc cvac and dc civac on AArch64, clflush on x86.

// Returns the size of a line in bytes, 0 where a process has no such instructions (32-bit Arm).
size_t cdrm_cache_line_size(void);

// Maintain every line that a range touches, and wait for the end.
void cdrm_cache_clean(void *_Nonnull start, size_t length);
void cdrm_cache_clean_and_invalidate(void *_Nonnull start, size_t length);

// Loads a byte of each page from an address on, so that the page tables map all of them.
void cdrm_touch_pages(const void *_Nullable address, size_t length, size_t page_size);
