// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>

// Cache maintenance from user space, by address: dc cvac and dc civac on AArch64, clflush on x86.

// Answers the bytes of a line, 0 where the CPU lets no process do this (32-bit Arm).
size_t cdrm_cache_line_size(void);

// Maintain every line that a range touches, and wait for the end of it.
void cdrm_cache_clean(void *_Nonnull start, size_t length);
void cdrm_cache_clean_and_invalidate(void *_Nonnull start, size_t length);

// Loads a byte of each page from an address on, so that all of them are there.
void cdrm_touch_pages(const void *_Nullable address, size_t length, size_t page_size);
